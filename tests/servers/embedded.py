# SPDX-License-Identifier: MIT
"""weir-peer in the place of a server: for tls-exporter, which no packaged server knows."""

from connect import Peer
from server import CERTIFICATES, DOMAIN

MECHANISMS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN", "ANONYMOUS")


class Embedded:
    name, ipv6, closed = "weir-peer", False, 0

    def __init__(self, program, authority):
        self.authority = authority
        certificate = f"{authority.directory}/{CERTIFICATES[DOMAIN]}"
        options = (f"--domain={DOMAIN}", f"--cert={certificate}.crt", f"--key={certificate}.key",
                   *(f"--mechanism={mechanism}" for mechanism in MECHANISMS))
        self.peers = {"starttls": Peer(program, *options), "direct": Peer(program, *options, "--tls")}
        self.ports = {security: peer.port for security, peer in self.peers.items()}

    def stop(self):
        return [peer.stop() for peer in self.peers.values()]
