#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Records XMPP streams of real servers and clients on loopback. See README.md beside this file."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile

from registry import SCENARIOS

PACKAGES = ("prosody", "prosody-modules", "lua-unbound", "openssl", "python3-slixmpp", "python3-slixmpp-lib",
            "python3-websockets", "python3-dnspython")
DEADLINE = 20     # seconds a scenario
LARGEST = 300000  # bytes a file


def version(package):
    """Of an installed package, without Debian's revision; None when it is not installed."""
    query = subprocess.run(("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package),
                           check=False, capture_output=True, text=True)
    status, _, number = query.stdout.partition(" ")
    return number.partition(":")[2].rpartition("-")[0] or number.rpartition("-")[0] if status == "installed" else None


def require(packages):
    if missing := sorted(package for package in set(packages) if version(package) is None):
        sys.exit("capture: apt-get install --no-install-recommends " + " ".join(missing))


class Stage:
    """What a scenario plays on: a fresh server, and relays that record."""

    def __init__(self, name, directory, accounts):
        self.name, self.directory, self.accounts = name, directory, accounts
        self.relays, self.servers, self.processes = [], [], []
        self.server = None

    async def serve(self, users=(), **options):
        from server import Prosody
        server = Prosody(tempfile.mkdtemp(dir=self.directory), **options)
        server.use_accounts_of(self.accounts)
        server.register(users)
        self.servers.append(server)
        await server.start()
        return server

    @staticmethod
    def client(package):
        return f"{package.removeprefix('python3-')} {version(package)}"

    async def relay(self, role="", *, client, shows, port="c2s", server=None, websocket=False, tls=None, refused=False):
        from relay import TcpRelay, WebSocketRelay
        server = server or self.server
        about = {"client": client, "shows": shows, "server": "Prosody " + version("prosody"), "refused": refused}
        name = f"{self.name}-{role}" if role else self.name
        if websocket:
            relay = WebSocketRelay(name, server.ports["http"], about)
        else:
            relay = TcpRelay(name, server.ports[port], about, tls, f"{server.directory}/certs/{server.host}")
        self.relays.append(relay)
        await relay.start()
        return relay

    async def end(self):
        for relay in self.relays:
            await relay.stop()
        for server in self.servers:
            await server.stop()


def write(recording, output):
    """Leaves the two files, and returns their rows of the table."""
    from inspect_streams import stream_facts, websocket_facts
    rows = []
    for direction, data in (("c2s", recording.c2s), ("s2c", recording.s2c)):
        name = f"{recording.name}.{direction}.{recording.suffix}"
        facts = (websocket_facts if recording.suffix == "ws" else stream_facts)(bytes(data))
        if facts.fault and not recording.about["refused"]:
            print(f"capture: {name}: expat: {facts.fault}", file=sys.stderr)
        if len(data) > LARGEST:
            print(f"capture: {name}: {len(data)} bytes, too large", file=sys.stderr)
        with open(os.path.join(output, name), "wb") as file:
            file.write(data)
        rows.append("| {} | {shows} | {client} | {server} | {} | {} | {} |".format(
            name, len(data), facts.streams, "ill-formed" if facts.fault else "yes" if facts.closed else "no",
            **recording.about))
    return rows


async def play(scenario, directory, accounts, output):
    stage = Stage(scenario.name, directory, accounts)
    try:
        async with asyncio.timeout(DEADLINE):
            stage.server = await stage.serve()
            await scenario.run(stage)
    finally:
        await stage.end()
    return [row for relay in stage.relays for recording in relay.recordings for row in write(recording, output)]


def prepare(directory):
    """Accounts and certificate, made once."""
    from server import HOST, USERS, Prosody, make_certificate
    make_certificate(f"{directory}/certs", HOST)
    Prosody(directory).register(USERS)
    return directory


async def perform(names, output):
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    failed = []
    with tempfile.TemporaryDirectory(prefix="capture-") as directory:
        accounts = prepare(tempfile.mkdtemp(dir=directory))
        for name in names:
            try:
                rows = await play(SCENARIOS[name], directory, accounts, output)
                print("\n".join(rows), flush=True)
            except Exception as error:  # one scenario that fails does not take the others with it
                print(f"capture: {name}: {error!r}", file=sys.stderr)
                failed.append(name)
    return failed


def main():
    require(PACKAGES)
    import component_scenarios  # noqa: F401  (each registers its scenarios)
    import packaged_scenarios  # noqa: F401
    import raw_scenarios  # noqa: F401
    import s2s_scenarios  # noqa: F401
    import slixmpp_scenarios  # noqa: F401
    import websocket_scenarios  # noqa: F401
    parser = argparse.ArgumentParser(description="Records XMPP streams on loopback; writes the rows of a Markdown table.")
    parser.add_argument("--list", action="store_true", help="the names of the scenarios")
    parser.add_argument("--output", default=".", metavar="DIR", help="where the files go (default: here)")
    parser.add_argument("scenario", nargs="*", help="which to record (default: all)")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(sorted(SCENARIOS)))
        return 0
    if unknown := [name for name in arguments.scenario if name not in SCENARIOS]:
        parser.error("no such scenario: " + ", ".join(unknown))
    names = arguments.scenario or sorted(SCENARIOS)
    require([package for name in names for package in SCENARIOS[name].packages])
    os.makedirs(arguments.output, exist_ok=True)
    try:
        return 1 if asyncio.run(perform(names, arguments.output)) else 0
    except asyncio.CancelledError:
        return 130


if __name__ == "__main__":
    sys.exit(main())
