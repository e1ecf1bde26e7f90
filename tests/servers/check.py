#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check.py WEIR-CONNECT WEIR-PEER OUTPUT: both against real software, on loopback.

Prosody and ejabberd are started in a scratch directory, with certificates of an authority made for the run; then
weir-connect plays matrix.py against them, and real clients log in to weir-peer. The table of outcomes is printed and
kept in OUTPUT/table.txt, transcripts of failures beside it. However this ends, the servers end with it."""

import os
import signal
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left in the folder of the sources

# pylint: disable=wrong-import-position
from breakage import breakage
from certificates import XMPP_ADDRESS, Authority
from clients import real_clients
from connect import Connect
from ejabberd import Ejabberd
from embedded import Embedded
from matrix import IPV6, MANY, MATRIX, REFUSED
from probes import probes
from prosody import Prosody
from s2s import server_to_server
from server import (CERTIFICATES, DOMAIN, EXPIRED, EXTERNAL, SECURITY, SELF_SIGNED, USER)
from table import Table

BODY = "art thou not Romeo &amp; a Montague? \U0001f339"


def authority(directory):
    made = Authority(f"{directory}/certificates")
    made.signed("good", DOMAIN, ",".join(f"DNS:{host}" for host, name in CERTIFICATES.items() if name == "good"))
    made.signed("wrong-name", "elsewhere.example", "DNS:elsewhere.example")
    made.signed("expired", EXPIRED, f"DNS:{EXPIRED}", expired=True)
    made.self_signed("self-signed", SELF_SIGNED, f"DNS:{SELF_SIGNED}")
    made.signed("user", USER, f"{XMPP_ADDRESS}{USER}@{EXTERNAL}")
    made.signed("montague", "montague.example", "DNS:montague.example")
    return made


def start(program, server, security, case, version, *more):
    options = [*case.options, *more]
    if case.trusted:
        options.append(f"--ca={server.authority.file}")
    if security == "direct":
        options.append("--tls")
    if version:
        options += [f"--tls-min={version}", f"--tls-max={version}"]
    if case.client_certificate:
        user = f"{server.authority.directory}/user"
        options += [f"--cert={user}.crt", f"--key={user}.key"]
    address = f"{case.user}@{case.host}" if case.user else case.host
    return Connect(program, address, server.ports[security], *options, password=case.password, host=case.address)


def judge(run, server, case, version):
    """What is wrong with the transcript of a run that ended."""
    yield from run.judge(case.status or server.closed, says=case.says)
    if case.status == 0:
        for what, found, wanted in (("mechanism", run.mechanism, case.mechanism),
                                    ("channel binding", run.binding, case.binding),
                                    ("TLS", run.tls_version, version or run.tls_version)):
            if found != wanted:
                yield f"{what} {found}, not {wanted}"


def ping(program, server, security, case, version):
    run = start(program, server, security, case, version, "--ping")
    run.finish()
    return run, list(judge(run, server, case, version))


def message_to_oneself(program, server, security, case, version):
    run = start(program, server, security, case, version)
    wrong = []
    if run.wait_for(lambda run: run.jid):
        run.say(f"<message to='{run.jid}' type='chat'><body>{BODY}</body></message>\n")
        if not run.wait_for(lambda run: any("Montague" in line for line in run.printed)):
            wrong.append("the message to oneself did not come")
    run.finish()
    return run, [*wrong, *judge(run, server, case, version)]


def many(table, program, server, security):
    """A megabyte each way at the same time."""
    run = start(program, server, security, MANY, None)
    wrong = [] if run.wait_for(lambda run: run.jid) else ["the session was not negotiated"]
    for number in range(100):
        run.say(f"<message to='{run.jid}' id='{number}'><body>{'x' * 10000}</body></message>\n")
    if not run.wait_for(lambda run: len(run.printed) >= 100):
        wrong.append(f"{len(run.printed)} messages came")
    run.finish()
    for number, line in enumerate(run.printed):
        if f"id='{number}'" not in line or "x" * 10000 not in line:
            wrong.append(f"message {number} is not as it was sent: {line[:200]}")
    table.add(server.name, SECURITY[security], MANY.name, run, wrong=[*wrong, *run.judge(server.closed)])


def play(table, program, server, security, case, version):
    runs = [ping(program, server, security, case, version)]
    if case.status == 0:
        runs.append(message_to_oneself(program, server, security, case, version))
    table.add(server.name, SECURITY[security], case.name, *(run for run, _ in runs),
              wrong=[line for _, wrong in runs for line in wrong], more="ping, message" if len(runs) > 1 else "")


def matrix(table, program, server):
    for security in SECURITY:
        for version in ("1.2", "1.3"):
            for case in MATRIX[server.name, version]:
                play(table, program, server, security, case, version)
        if server.ipv6:
            play(table, program, server, security, IPV6, None)
        many(table, program, server, security)


def refusals(table, program, server):
    for security in SECURITY:
        for case in REFUSED:
            play(table, program, server, security, case, None)


def check(connect, peer, output, directory):
    table, signer = Table(output), authority(directory)
    try:
        for kind in (Prosody, Ejabberd):
            place = f"{directory}/{kind.package}"
            os.mkdir(place)
            server = kind(place, signer)
            try:
                server.start()
                matrix(table, connect, server)
                refusals(table, connect, server)
                server_to_server(table, connect, server)
                probes(table, connect, server)
                breakage(table, connect, server)
            finally:
                server.stop()
        server = Embedded(peer, signer)
        matrix(table, connect, server)
        server.stop()
        real_clients(table, peer, directory)
    finally:
        table.write()
    return 1 if table.failed else 0


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def leave(number, _):
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)  # a second one does not disturb the tidying
    sys.exit(128 + number)


def main():
    for number in SIGNALS:
        signal.signal(number, leave)
    connect, peer, output = sys.argv[1:]
    os.makedirs(output, exist_ok=True)
    for name in os.listdir(output):
        os.remove(os.path.join(output, name))
    with tempfile.TemporaryDirectory(prefix="check-servers-") as directory:
        return check(os.path.abspath(connect), os.path.abspath(peer), output, directory)


if __name__ == "__main__":
    sys.exit(main())
