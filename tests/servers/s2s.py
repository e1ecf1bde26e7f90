# SPDX-License-Identifier: MIT
"""weir-connect as a server to a server: EXTERNAL, in a stream of one direction."""

from connect import Connect
from server import DOMAIN, SECURITY

OTHER = "montague.example"


def server_to_server(table, program, server):
    montague = f"{server.authority.directory}/montague"
    proof = (f"--cert={montague}.crt", f"--key={montague}.key")
    self_signed = f"{server.authority.directory}/self-signed"
    nobody = (f"--cert={self_signed}.crt", f"--key={self_signed}.key")
    for version in ("1.2", "1.3"):
        for case, options, status in (("server to server, EXTERNAL", proof, server.closed),
                                      ("server to server, certificate of nobody", nobody, server.stranger)):
            run = Connect(program, DOMAIN, server.ports["s2s"], f"--server={OTHER}", f"--ca={server.authority.file}",
                          f"--tls-min={version}", f"--tls-max={version}", *options)
            run.finish()
            wrong = list(run.judge(status))
            if status == server.closed and run.mechanism != "EXTERNAL":
                wrong.append(f"mechanism {run.mechanism}")
            table.add(server.name, SECURITY["starttls"], case, run, wrong=wrong)
