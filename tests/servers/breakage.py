# SPDX-License-Identifier: MIT
"""Servers that end, or do not answer, in the middle of a session."""

import re

from connect import EXIT, Run
from server import DOMAIN, USER

TRUNCATED, UNREACHABLE, STREAM_ERROR, TIMED_OUT = 3, 5, 10, 13
LABELS = {"starttls": "STARTTLS", "direct": "direct TLS"}


def session(program, server, security, *more):
    """A session that is negotiated, and waits."""
    options = (f"--ca={server.authority.file}", f"--tls-max={'1.2' if security == 'starttls' else '1.3'}",
               "--no-channel-binding", "--timeout=2", *(("--tls",) if security == "direct" else ()), *more)
    run = Run(program, f"{USER}@{DOMAIN}", server.ports[security], *options)
    return run, [] if run.wait_for(lambda run: run.jid) else ["the session was not negotiated"]


def end(table, server, security, case, run, wrong, status, says=""):
    if run.process.returncode != status:
        wrong.append(f"exit {run.process.returncode} ({EXIT.get(run.process.returncode)}), not {EXIT[status]}")
    elif not re.search(says, run.text):
        wrong.append(f"does not say {says!r}")
    table.add(server.name, LABELS[security], run.tls_version.removeprefix("TLSv"), case, mechanism=run.mechanism,
              binding=run.binding if run.mechanism else "", outcome=EXIT.get(run.process.returncode, "?"),
              took=run.took, wrong=wrong, evidence=f"{run.command}\n{run.text}")


def breakage(table, program, server):
    for security in LABELS:
        run, wrong = session(program, server, security)
        with server.stopped():
            run.finish()
        end(table, server, security, "server never answers the close", run, wrong, TIMED_OUT, "timed out")

        run, wrong = session(program, server, security)
        server.stop()
        run.finish()
        end(table, server, security, "server shut down", run, wrong, STREAM_ERROR, "system-shutdown")
        server.start()

        run, wrong = session(program, server, security, "--stay")
        server.kill()
        run.finish()
        end(table, server, security, "server killed half-way", run, wrong, TRUNCATED)

        run, _ = session(program, server, security)
        run.finish()
        end(table, server, security, "server is gone", run, [], UNREACHABLE)
        server.start()
