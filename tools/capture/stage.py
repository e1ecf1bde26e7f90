# SPDX-License-Identifier: MIT
"""The stage: what a scenario is played on, and what is left of it afterwards."""

import asyncio
import os
import sys
import tempfile

from ejabberd import Ejabberd
from inspect_streams import stream_facts, websocket_facts
from packages import version
from prosody import Prosody
from relay import TcpRelay, WebSocketRelay
from server import HOST, USERS, make_certificate

DEADLINE = 60     # seconds a scenario
LARGEST = 300000  # bytes a file
KINDS = {"prosody": Prosody, "ejabberd": Ejabberd}


class Stage:
    """What a scenario plays on: a fresh server, and relays that record."""

    def __init__(self, scenario, directory, accounts):
        self.name, self.directory, self.accounts = scenario.name, directory, accounts
        self.kind = scenario.server
        self.relays, self.servers = [], []
        self.server = None

    async def serve(self, users=(), **options):
        server = KINDS[self.kind](tempfile.mkdtemp(dir=self.directory), **options)
        server.prepare(self.accounts, *((users,) if users else ()))
        self.servers.append(server)
        await server.start()
        return server

    @staticmethod
    def client(package):
        return f"{package.removeprefix('python3-')} {version(package)}"

    async def relay(self, role="", *, client, shows, port="c2s", server=None, websocket=False, tls=None, refused=False):
        server = server or self.server
        about = {"client": client, "shows": shows, "server": f"{server.name} {version(server.package)}",
                 "refused": refused}
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
        left = asyncio.all_tasks() - {asyncio.current_task()}  # of clients that did not tidy up
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def write(recording, output):
    """Leaves the two files, and returns their rows of the table."""
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
            name, len(data), facts.streams, facts.fault or ("yes" if facts.closed else "no"),
            **recording.about))
    return rows


async def play(scenario, directory, accounts, output):
    stage = Stage(scenario, directory, accounts)
    try:
        async with asyncio.timeout(DEADLINE):
            stage.server = await stage.serve()
            await scenario.run(stage)
    finally:
        await stage.end()
    return [row for relay in stage.relays for recording in relay.recordings for row in write(recording, output)]


def prepare(directory):
    """Accounts and certificate, made once."""
    make_certificate(f"{directory}/certs", HOST)
    Prosody(directory).register(USERS)
    return directory
