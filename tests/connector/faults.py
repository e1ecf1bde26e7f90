#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""faults.py WEIR-CONNECT [TEXT]: weir-connect against a server that is wrong at one step; the cases of faults.tsv.

Each case is one connection on loopback with real TLS. What must hold, besides what the case says: nothing of the user
is said in clear, and no password, nor its base64, reaches the transcript. TEXT picks the cases that contain it."""

import base64
import concurrent.futures
import csv
import os
import re
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

# pylint: disable=wrong-import-position
from certificates import Authority
from scripted import DOMAIN, PASSWORD, USER, Scripted

EXIT = {"closed": 0, "unsatisfied": 1, "truncated": 3, "no-close-notify": 4, "unreachable": 5, "tls": 6,
        "certificate": 7, "not-authenticated": 8, "not-bound": 9, "stream-error": 10, "refused": 11,
        "invalid-xml": 12, "timed-out": 13, "lost": 14}
HANG = 60  # seconds; the deadlines of weir-connect itself are far below
WORKERS = 8
SECRETS = (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()).rstrip(b"="),
           base64.b64encode(b"\0" + USER.encode() + b"\0" + PASSWORD.encode()))


class Case:
    def __init__(self, row, step):
        self.step, self.deed, self.text, self.outcome, self.says = step, *row[1:5]
        self.settings = dict(each.split("=", 1) for each in row[5].split("; ") if each) if len(row) > 5 else {}
        self.transport = self.settings.pop("transport", "starttls")
        self.binding = self.settings.pop("gs2", None)
        self.options = self.settings.pop("options", "").split()
        self.name = " ".join(filter(None, (step, *row[1:3], *row[5:])))


def cases():
    with open(os.path.join(HERE, "faults.tsv"), encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row and not row[0].startswith("#"):
                yield from (Case(row, step) for step in row[0].split(","))


def authority(directory):
    made = Authority(os.path.join(directory, "certificates"))
    made.signed("good", DOMAIN, f"DNS:{DOMAIN}")
    made.signed("wrong-name", "elsewhere.example", "DNS:elsewhere.example")
    made.signed("expired", DOMAIN, f"DNS:{DOMAIN}", expired=True)
    made.self_signed("self-signed", DOMAIN, f"DNS:{DOMAIN}")
    return made


def run(program, case, signer):
    """What is wrong with how the case went; empty: nothing."""
    server = Scripted(case, signer)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    command = (program, "--connect", f"127.0.0.1:{server.port}", "--ca", signer.file, "--ping",
               *(("--tls",) if case.transport == "tls" else ()), *case.options, f"{USER}@{DOMAIN}/garden")
    try:
        done = subprocess.run(command, env={**os.environ, "WEIR_PASSWORD": PASSWORD}, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=HANG, check=False)
    except subprocess.TimeoutExpired as late:
        return [f"did not end: {' '.join(command)}", (late.stderr or b"").decode(errors="replace")]
    thread.join(HANG)
    return [*faults(case, done, server), *unsaid(done, server)]


def faults(case, done, server):
    transcript = done.stderr.decode(errors="replace")
    if server.error is not None:
        yield f"the server of the test failed: {server.error!r}"
    if done.returncode != EXIT[case.outcome]:
        names = {number: name for name, number in EXIT.items()}
        yield f"exit {done.returncode} ({names.get(done.returncode, '?')}), not {case.outcome}\n{transcript}"
    elif case.outcome == "closed" and not server.notified:
        yield "no close_notify came"
    elif case.binding not in (None, server.binding):
        yield f"the GS2 header begins with {server.binding!r}, not {case.binding!r}"
    elif not re.search(case.says, transcript):
        yield f"does not say {case.says!r}\n{transcript}"


def unsaid(done, server):
    for secret in SECRETS:
        if secret in done.stdout + done.stderr:
            yield "the password is in the transcript"
        if secret in server.clear:
            yield "the password went out in clear"
    if USER.encode() in server.clear or b"<auth" in server.clear:
        yield f"said in clear: {server.clear!r}"


def main():
    program = sys.argv[1]
    wanted = [case for case in cases() if len(sys.argv) < 3 or sys.argv[2] in case.name]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="faults-") as directory:
        signer = authority(directory)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = pool.map(lambda case: run(program, case, signer), wanted)
            for case, wrong in zip(wanted, results):
                if wrong:
                    failed += 1
                    print(f"FAILED: {case.name}\n    " + "\n".join(wrong).replace("\n", "\n    "))
    print(f"{len(wanted) - failed} of {len(wanted)} cases passed")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
