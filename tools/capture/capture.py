#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Records XMPP streams of real servers and clients on loopback. See README.md beside this file."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left in the folder of the sources

# pylint: disable=wrong-import-position
from packages import require
from registry import SCENARIOS

PACKAGES = ("prosody", "prosody-modules", "lua-unbound", "openssl", "python3-slixmpp", "python3-slixmpp-lib",
            "python3-websockets", "python3-dnspython")


async def perform(names, output):
    from stage import play, prepare  # not before it is known that what it imports is there
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
    import scenarios  # noqa: F401  (registers them)
    parser = argparse.ArgumentParser(description="Records XMPP streams on loopback; prints the rows of a table.")
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
