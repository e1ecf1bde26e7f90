# SPDX-License-Identifier: MIT
"""ejabberd in a scratch directory of its own.

It is started without ejabberdctl, which would change the user, start epmd and leave it behind: an Erlang node that
is not distributed needs neither."""

import asyncio
import glob
import os
import shutil

from server import HOST, LIMIT, LOOPBACK, PASSWORD, SECRET, USERS, Server

CONFIG = """
hosts: [{host}]
certfiles: [{directory}/certs/both.pem]
auth_password_format: plain
listen:
  - {{port: {ports[c2s]}, ip: "{loopback}", module: ejabberd_c2s, starttls: true, max_stanza_size: {limit}}}
  - {{port: {ports[http]}, ip: "{loopback}", module: ejabberd_http, request_handlers: {{/ws: ejabberd_http_ws}}}}
  - {{port: {ports[component]}, ip: "{loopback}", module: ejabberd_service,
      hosts: {{echo.{host}: {{password: {secret}}}}}}}
acl: {{local: {{user_regexp: ""}}}}
access_rules: {{local: {{allow: local}}}}
modules:
  mod_adhoc: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_disco: {{}}
  mod_last: {{}}
  mod_mam: {{default: always}}
  mod_muc: {{host: rooms.{host}}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub: {{host: pubsub.{host}, plugins: [flat, pep], access_createnode: local}}
  mod_roster: {{versioning: true}}
  mod_stream_mgmt: {{}}
  mod_time: {{}}
  mod_vcard: {{}}
  mod_vcard_xupdate: {{}}
  mod_version: {{show_os: false}}
"""

REGISTER = """[ejabberd_auth:try_register(list_to_binary(User), <<"{host}">>, <<"{password}">>) || User <- {users}],
file:write_file("{directory}/ready", <<>>)."""


class Ejabberd(Server):
    package, name, websocket_path = "ejabberd", "ejabberd", "/ws"

    def __init__(self, directory, host=HOST):
        super().__init__(directory, host, ("c2s", "component", "http"))
        with open(f"{directory}/ejabberd.yml", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(directory=directory, host=host, loopback=LOOPBACK, ports=self.ports, secret=SECRET,
                                     limit=LIMIT))

    def prepare(self, accounts):
        """Takes over the certificate; the accounts are made at the start."""
        shutil.copytree(f"{accounts}/certs", f"{self.directory}/certs")
        with open(f"{self.directory}/certs/both.pem", "wb") as both:
            for suffix in ("key", "crt"):
                with open(f"{self.directory}/certs/{self.host}.{suffix}", "rb") as file:
                    both.write(file.read())

    def command(self):
        application = glob.glob("/usr/lib/*/ejabberd-*/ebin/ejabberd.app")[0]
        register = REGISTER.format(host=self.host, password=PASSWORD, directory=self.directory,
                                   users="[" + ", ".join(f'"{user}"' for user in USERS) + "]")
        return (("erl", "-noinput", "-mnesia", "dir", f'"{self.directory}/database"', "-s", "ejabberd",
                 "-eval", register),
                {"ERL_LIBS": os.path.dirname(os.path.dirname(os.path.dirname(application))), "HOME": self.directory,
                 "EJABBERD_CONFIG_PATH": f"{self.directory}/ejabberd.yml",
                 "EJABBERD_LOG_PATH": f"{self.directory}/ejabberd.log"})

    async def start(self):
        await super().start()
        while not os.path.exists(f"{self.directory}/ready"):
            await asyncio.sleep(0.02)
