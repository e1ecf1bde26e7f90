# SPDX-License-Identifier: MIT
"""Prosody on loopback, in a scratch directory of its own."""

import asyncio
import os
import shutil
import socket
import subprocess

LOOPBACK = "127.0.0.1"
HOST = "capulet.example"
USERS = ("juliet", "nurse", "romeo", "tybalt")
PASSWORD = "made-up"
SECRET = "made-up-too"  # of components
LIMIT = 300000          # bytes a stanza, so that an avatar passes

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
s2s_ports = {{ {ports[s2s]} }}
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

MODULES = ("adhoc blocklist bookmarks carbons csi disco legacyauth mam offline pep ping presence register_ibr roster "
           "saslauth smacks time tls uptime user_account_management vcard4 vcard_legacy version websocket").split()


def free_ports(count):
    """Ports that nobody listens on now; all held at once so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind((LOOPBACK, 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def bound_to_us(*command):
    """The command, killed by the kernel should this process die first: no orphan is left, whatever ends us."""
    return ("setpriv", "--pdeathsig", "KILL", "--", *command)


def make_certificate(directory, host):
    os.makedirs(directory, exist_ok=True)
    subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "30", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
                    "-keyout", f"{directory}/{host}.key", "-out", f"{directory}/{host}.crt"),
                   check=True, stderr=subprocess.DEVNULL)


class Prosody:
    def __init__(self, directory, host=HOST, modules=(), disabled=("s2s",), components=COMPONENTS, extra=""):
        self.directory, self.host = directory, host
        self.ports = dict(zip(("c2s", "s2s", "component", "http"), free_ports(4)))
        self.services = [service for service in self.ports if service not in disabled]
        self.process = None
        quoted = (", ".join(f'"{name}"' for name in names) for names in ((*MODULES, *modules), disabled))
        os.makedirs(f"{directory}/data", exist_ok=True)
        self.config = f"{directory}/prosody.cfg.lua"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(root="true" if os.geteuid() == 0 else "false", directory=directory, host=host,
                                     loopback=LOOPBACK, ports=self.ports, modules=next(quoted), disabled=next(quoted),
                                     limit=LIMIT, extra=extra, admin=f"{USERS[0]}@{host}",
                                     components=components.format(host=host, secret=SECRET)))

    def register(self, users):
        for user in users:
            subprocess.run(("prosodyctl", "--config", self.config, "register", user, self.host, PASSWORD),
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def use_accounts_of(self, other):
        shutil.copytree(f"{other}/data", f"{self.directory}/data", dirs_exist_ok=True)
        shutil.copytree(f"{other}/certs", f"{self.directory}/certs", dirs_exist_ok=True)

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            *bound_to_us("prosody", "--config", self.config, "-F"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for service in self.services:
            await self.answers(self.ports[service])

    async def answers(self, port):
        """Returns once something listens there."""
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
                writer.close()
                return
            except ConnectionRefusedError:
                if self.process.returncode is not None:
                    raise RuntimeError(f"prosody ended, see {self.directory}/prosody.log") from None
                await asyncio.sleep(0.02)

    async def stop(self):
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), 5)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
