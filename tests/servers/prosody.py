# SPDX-License-Identifier: MIT
"""Prosody in a scratch directory of its own."""

import os
import subprocess

from server import (ANONYMOUS, CERTIFICATES, DOMAIN, EXTERNAL, HASHED, LOOPBACK, LOOPBACK_6, PASSWORD, USER, Server,
                    has_ipv6)

CONFIG = """
run_as_root = {root}
data_path = "{directory}/data"
pidfile = "{directory}/prosody.pid"
plugin_server = ""
certificates = "{authorities}"
log = {{ debug = "{directory}/prosody.log" }}
interfaces = {{ {loopback} }}
local_interfaces = {{ {loopback} }}
c2s_ports = {{ {ports[starttls]} }}
c2s_direct_tls_ports = {{ {ports[direct]} }}
s2s_ports = {{ {ports[s2s]} }}
http_ports = {{ }}
https_ports = {{ }}
modules_enabled = {{ "disco", "ping", "roster", "saslauth", "tls", "uptime", "version" }}
c2s_require_encryption = true
s2s_require_encryption = true
s2s_secure_auth = true
ssl = {{ cafile = "{authority}", certificate = "{good}.crt", key = "{good}.key" }}
c2s_direct_tls_ssl = {{ verify = {{ "peer", "client_once" }} }}
"""
HOST = """
VirtualHost "{host}"
    authentication = "{authentication}"
    ssl = {{ {verify} cafile = "{authority}", certificate = "{certificate}.crt", key = "{certificate}.key" }}
    c2s_direct_tls_ssl = {{ certificate = "{certificate}.crt", key = "{certificate}.key" }}
"""
AUTHENTICATION = {ANONYMOUS: "anonymous", EXTERNAL: "ccert", HASHED: "internal_hashed"}


class Prosody(Server):
    name, package = "Prosody", "prosody"
    shut_down = (10, 3)  # more often than not close_notify comes without error and closing tag: truncated
    stranger = 10  # exit status of weir-connect as a server without a good certificate: a stream error

    def configure(self):
        self.ipv6 = has_ipv6()
        loopback = f'"{LOOPBACK}"' + (f', "{LOOPBACK_6}"' if self.ipv6 else "")
        os.mkdir(f"{self.directory}/data")
        self.config = f"{self.directory}/prosody.cfg.lua"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(root="true" if os.geteuid() == 0 else "false", directory=self.directory,
                                     loopback=loopback, ports=self.ports, authority=self.authority.file,
                                     authorities=self.authority.directory, good=self.certificate(DOMAIN)))
            for host in CERTIFICATES:
                file.write(HOST.format(host=host, authentication=AUTHENTICATION.get(host, "internal_plain"),
                                       verify='verify = { "peer", "client_once" },' if host == EXTERNAL else "",
                                       authority=self.authority.file, certificate=self.certificate(host)))
        for host in CERTIFICATES:
            if AUTHENTICATION.get(host, "internal_").startswith("internal_"):
                subprocess.run(("prosodyctl", "--config", self.config, "register", USER, host, PASSWORD),
                               check=True, capture_output=True)

    def command(self):
        return ("prosody", "--config", self.config, "-F"), {}
