# SPDX-License-Identifier: MIT
"""weir-connect as a server to a server: EXTERNAL, in a stream of one direction."""

from connect import EXIT, Run
from server import DOMAIN

OTHER = "montague.example"


def server_to_server(table, program, server):
    montague = f"{server.authority.directory}/montague"
    proof = (f"--cert={montague}.crt", f"--key={montague}.key")
    self_signed = f"{server.authority.directory}/self-signed"
    nobody = (f"--cert={self_signed}.crt", f"--key={self_signed}.key")
    for version in ("1.2", "1.3"):
        for case, options, status in (("server to server, EXTERNAL", proof, 0),
                                      ("server to server, certificate of nobody", nobody, server.stranger)):
            run = Run(program, DOMAIN, server.ports["s2s"], f"--server={OTHER}", f"--ca={server.authority.file}",
                      f"--tls-min={version}", f"--tls-max={version}", *options)
            run.finish()
            code = run.process.returncode
            wrong = [] if code == status else [f"exit {code} ({EXIT.get(code)}), not {EXIT[status]}"]
            if status == 0 and run.mechanism != "EXTERNAL":
                wrong.append(f"mechanism {run.mechanism}")
            table.add(server.name, "STARTTLS", run.tls_version.removeprefix("TLSv"), case, mechanism=run.mechanism,
                      outcome=EXIT.get(code, "?"), took=run.took, wrong=wrong, evidence=f"{run.command}\n{run.text}")
