# SPDX-License-Identifier: MIT
"""Prosody in a scratch directory of its own."""

import os
import shutil
import subprocess

from server import HOST, LIMIT, LOOPBACK, PASSWORD, SECRET, USERS, Server

CONFIG = """
run_as_root = {root}
data_path = "{directory}/data"
pidfile = "{directory}/prosody.pid"
certificates = "{directory}/certs"
plugin_server = ""
log = {{ debug = "{directory}/prosody.log" }}
interfaces = {{ "{loopback}" }}
local_interfaces = {{ "{loopback}" }}
c2s_ports = {{ {ports[c2s]} }}
s2s_ports = {{ {s2s} }}
component_ports = {{ {ports[component]} }}
component_interfaces = {{ "{loopback}" }}
http_ports = {{ {ports[http]} }}
http_interfaces = {{ "{loopback}" }}
https_ports = {{ }}
modules_enabled = {{ {modules} }}
modules_disabled = {{ {disabled} }}
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
s2s_require_encryption = false
s2s_secure_auth = false
c2s_stanza_size_limit = {limit}
consider_websocket_secure = true
smacks_hibernation_time = 60
allow_registration = true
admins = {{ "{admin}" }}
{extra}
VirtualHost "{host}"
{components}
"""

COMPONENTS = """
Component "rooms.{host}" "muc"
    modules_enabled = {{ "muc_mam" }}
Component "pubsub.{host}" "pubsub"
Component "echo.{host}"
    component_secret = "{secret}"
"""

MODULES = ("adhoc admin_adhoc blocklist bookmarks carbons csi disco legacyauth mam offline pep ping presence "
           "register_ibr roster saslauth smacks time tls uptime user_account_management vcard4 vcard_legacy version "
           "websocket").split()


class Prosody(Server):
    package, name, websocket_path = "prosody", "Prosody", "/xmpp-websocket"

    def __init__(self, directory, host=HOST, modules=(), disabled=("s2s",), extra=""):
        super().__init__(directory, host, [service for service in ("c2s", "s2s", "component", "http")
                                           if service not in disabled])
        os.makedirs(f"{directory}/data", exist_ok=True)
        self.config = f"{directory}/prosody.cfg.lua"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(
                root="true" if os.geteuid() == 0 else "false", directory=directory, host=host, loopback=LOOPBACK,
                ports=self.ports, s2s=self.ports.get("s2s", ""), limit=LIMIT, extra=extra, admin=f"{USERS[0]}@{host}",
                modules=", ".join(f'"{name}"' for name in (*MODULES, *modules)),
                disabled=", ".join(f'"{name}"' for name in disabled),
                components=COMPONENTS.format(host=host, secret=SECRET)))

    def register(self, users):
        for user in users:
            subprocess.run(("prosodyctl", "--config", self.config, "register", user, self.host, PASSWORD),
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def prepare(self, accounts, users=()):
        """Takes over accounts and certificate; adds users."""
        shutil.copytree(f"{accounts}/data", f"{self.directory}/data", dirs_exist_ok=True)
        shutil.copytree(f"{accounts}/certs", f"{self.directory}/certs", dirs_exist_ok=True)
        self.register(users)

    def command(self):
        return ("prosody", "--config", self.config, "-F"), {}
