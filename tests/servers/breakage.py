# SPDX-License-Identifier: MIT
"""Servers that end, or do not answer, in the middle of a session."""

from connect import Connect
from server import DOMAIN, SECURITY, USER

TRUNCATED, UNREACHABLE, TIMED_OUT = 3, 5, 13


def session(program, server, security, *more):
    """A session that is negotiated, and waits."""
    options = (f"--ca={server.authority.file}", f"--tls-max={'1.2' if security == 'starttls' else '1.3'}",
               "--no-channel-binding", *(("--tls",) if security == "direct" else ()), *more)
    run = Connect(program, f"{USER}@{DOMAIN}", server.ports[security], *options)
    return run, [] if run.wait_for(lambda run: run.jid) else ["the session was not negotiated"]


def end(table, server, security, case, run, wrong, *statuses, says=""):
    table.add(server.name, SECURITY[security], case, run, wrong=[*wrong, *run.judge(*statuses, says=says)])


def breakage(table, program, server):
    for security in SECURITY:
        run, wrong = session(program, server, security, "--timeout=4")
        with server.stopped():
            run.finish()
        end(table, server, security, "server never answers the close", run, wrong, TIMED_OUT, says="timed-out")

        run, wrong = session(program, server, security)
        server.stop()
        run.finish()
        end(table, server, security, "server shut down", run, wrong, *server.shut_down)
        server.start()

        run, wrong = session(program, server, security, "--stay")
        server.kill()
        run.finish()
        end(table, server, security, "server killed half-way", run, wrong, TRUNCATED)

        run, _ = session(program, server, security)
        run.finish()
        end(table, server, security, "server is gone", run, [], UNREACHABLE)
        server.start()
