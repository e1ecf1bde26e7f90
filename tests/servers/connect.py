# SPDX-License-Identifier: MIT
"""Runs weir-connect and weir-peer as their users do, and reads their transcripts."""

import json
import os
import queue
import re
import subprocess
import threading
import time

from server import LOOPBACK, PASSWORD, bound_to_us

EXIT = {0: "closed", 1: "unsatisfied", 2: "trouble", 3: "truncated", 4: "no close_notify", 5: "unreachable",
        6: "TLS failed", 7: "certificate", 8: "not authenticated", 9: "not bound", 10: "stream error", 11: "refused",
        12: "invalid XML", 13: "timed out", 14: "lost"}
DEADLINE = 60  # seconds for what the programs do within their own deadlines


class Program:
    """One run, from start to exit. Its lines are there as soon as they are printed."""

    def __init__(self, *command, password):
        self.command = " ".join(command)
        self.more, self.printed, self.transcript = queue.Queue(), [], []
        self.began = time.monotonic()
        self.process = subprocess.Popen(bound_to_us(*command), env={**os.environ, "WEIR_PASSWORD": password},
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.readers = [threading.Thread(target=self.follow, args=(stream, lines), daemon=True) for stream, lines in
                        ((self.process.stdout, self.printed), (self.process.stderr, self.transcript))]
        for reader in self.readers:
            reader.start()

    def follow(self, stream, lines):
        for line in stream:
            lines.append(line.decode(errors="replace"))
            self.more.put(None)
        self.more.put(None)

    def wait_for(self, condition):
        """What condition(self) gives once it is true, or when the program ended, or nothing came for long."""
        deadline = time.monotonic() + DEADLINE
        while not (found := condition(self)):
            if not any(reader.is_alive() for reader in self.readers):
                return condition(self)
            try:
                self.more.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                return found
        return found

    def say(self, text):
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended: its exit status says why

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
    def evidence(self):
        return f"{self.command}\n{self.text}{''.join(self.printed)}"

    # -- The transcript of --log=json

    @property
    def events(self):
        """Lines that are no JSON are left out."""
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
        return self.event("tls").get("version", "").removeprefix("TLSv")

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


class Connect(Program):
    """weir-connect."""

    def __init__(self, program, address, port, *options, password=PASSWORD, log="json", host=LOOPBACK):
        host = f"[{host}]" if ":" in host else host
        super().__init__(program, f"--connect={host}:{port}", f"--log={log}", *options, address, password=password)

    @property
    def outcome(self):
        return EXIT.get(self.process.returncode, f"exit {self.process.returncode}")

    def judge(self, *statuses, says=""):
        """What is wrong with how it ended."""
        if self.process.returncode not in statuses:
            yield f"{self.outcome}, not {' or '.join(EXIT[status] for status in statuses)}"
        if not re.search(says, self.text, re.IGNORECASE):
            yield f"does not say {says!r}"
        if PASSWORD in self.text + "".join(self.printed):
            yield "the password is in the transcript"


class Peer(Program):
    """weir-peer."""

    def __init__(self, program, *options):
        super().__init__(program, "--log=json", *options, password=PASSWORD)
        self.port = int(self.wait_for(lambda peer: peer.printed)[0])

    def stop(self):
        self.process.terminate()
        return self.finish()

    @property
    def outcome(self):
        return self.event("ended").get("outcome", "not ended")
