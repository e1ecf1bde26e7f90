# SPDX-License-Identifier: MIT
"""weir-connect --probe: what it must tell an operator."""

import os
import re

from connect import Connect
from server import DOMAIN, EXPIRED, SECURITY, SELF_SIGNED, WRONG_NAME

FINE, WRONG = 0, 1

# What is said of a server that is as it should be, or of its certificate.
FACTS = {"TLS 1.2": r"TLSv?1\.2", "TLS 1.3": r"TLSv?1\.3", "certificate's name": DOMAIN,
         "expiry": r"20\d\d-\d\d-\d\d", "issuer": "Authority of the tests", "mechanism": "SCRAM-SHA-256",
         "PLAIN": "PLAIN", "-PLUS": "-PLUS|channel binding", "STARTTLS required": "required"}
FAULTS = {WRONG_NAME: "elsewhere.example|capulet.example", EXPIRED: "expired", SELF_SIGNED: "self.signed"}


def probe(program, server, security, host):
    run = Connect(program, host, server.ports[security], "--probe", f"--ca={server.authority.file}",
                  *(("--tls",) if security == "direct" else ()), log="text")
    run.finish()
    return run


def judge(run, facts, statuses):
    if run.process.returncode not in statuses:
        yield run.outcome
    for name, pattern in facts.items():
        if not re.search(pattern, "".join(run.printed), re.IGNORECASE):
            yield f"does not tell {name}: {pattern!r}"


def probes(table, program, server):
    for security, label in SECURITY.items():
        facts = FACTS if security == "starttls" else {key: value for key, value in FACTS.items()
                                                      if key != "STARTTLS required"}
        run = probe(program, server, security, DOMAIN)
        with open(os.path.join(table.directory, f"probe-{server.name}-{security}.txt"), "w", encoding="utf-8") as file:
            file.write("".join(run.printed))
        print(f"\n{server.name}:\n{''.join(run.printed)}")
        table.add(server.name, label, "--probe", run, wrong=list(judge(run, facts, (FINE, WRONG))))
        for host, fault in FAULTS.items():
            run = probe(program, server, security, host)
            table.add(server.name, label, f"--probe {host}", run,
                      wrong=list(judge(run, {"what is wrong": fault}, (WRONG,))))
