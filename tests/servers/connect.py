# SPDX-License-Identifier: MIT
"""Runs weir-connect as its user does, and reads its transcript."""

import json
import os
import queue
import subprocess
import threading
import time

from server import LOOPBACK, PASSWORD, bound_to_us

EXIT = {0: "closed", 1: "unsatisfied", 2: "trouble", 3: "truncated", 4: "no close_notify", 5: "unreachable",
        6: "TLS failed", 7: "certificate", 8: "not authenticated", 9: "not bound", 10: "stream error", 11: "refused",
        12: "invalid XML", 13: "timed out", 14: "lost"}
DEADLINE = 60  # seconds for what weir-connect does within its own deadlines


class Run:
    """One weir-connect, from start to exit. Its lines come in as they are printed: `stanzas` and `transcript`."""

    def __init__(self, program, address, port, *options, password=PASSWORD, host=LOOPBACK, log="json"):
        command = [program, f"--connect={host}:{port}", f"--log={log}", *options, address]
        self.command = " ".join(command)
        self.lines, self.stanzas, self.transcript = queue.Queue(), [], []
        self.began = time.monotonic()
        self.process = subprocess.Popen(bound_to_us(*command), env={**os.environ, "WEIR_PASSWORD": password},
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.readers = [threading.Thread(target=self.follow, args=(stream, lines), daemon=True) for stream, lines in
                        ((self.process.stdout, self.stanzas), (self.process.stderr, self.transcript))]
        for reader in self.readers:
            reader.start()

    def follow(self, stream, lines):
        for line in stream:
            lines.append(line.decode(errors="replace"))
            self.lines.put(None)
        self.lines.put(None)

    def wait_for(self, condition):
        """True once condition(self) holds; False when the program ended, or nothing came for long."""
        deadline = time.monotonic() + DEADLINE
        while not condition(self):
            if not any(reader.is_alive() for reader in self.readers):
                return condition(self)
            try:
                self.lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                return False
        return True

    def say(self, stanza):
        self.process.stdin.write(stanza.encode())
        self.process.stdin.flush()

    def finish(self):
        """End of input; waits for the exit status."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join()
        self.took = time.monotonic() - self.began
        return self.process.returncode

    @property
    def text(self):
        return "".join(self.transcript)

    @property
    def events(self):
        """The transcript of --log=json; lines that are none are left out."""
        found = []
        for line in list(self.transcript):
            try:
                found.append(json.loads(line))
            except ValueError:
                pass
        return found

    def event(self, name):
        """The last event of that name; {} when there is none."""
        return next((event for event in reversed(self.events) if event.get("event") == name), {})

    @property
    def tls_version(self):
        return self.event("tls").get("version", "")

    @property
    def mechanism(self):
        return self.event("mechanism").get("mechanism", "")

    @property
    def binding(self):
        """The channel binding used, or why none: "not-offered" or "unwanted"."""
        event = self.event("mechanism")
        return event.get("binding") or event.get("use", "")

    @property
    def jid(self):
        """Once stanzas may be sent."""
        return self.event("ready") and self.event("bound").get("jid", "")
