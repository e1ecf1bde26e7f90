# SPDX-License-Identifier: MIT
"""ejabberd in a scratch directory of its own.

It is started without ejabberdctl, which would change the user, start epmd and leave it behind: an Erlang node that
is not distributed needs neither."""

import glob
import os

from server import ANONYMOUS, CERTIFICATES, EXTERNAL, LOOPBACK, PASSWORD, USER, Server

CONFIG = """
hosts: [{hosts}]
certfiles: [{certificates}]
ca_file: {authority}
c2s_cafile: {authority}
acme: {{auto: false}}
auth_password_format: plain
listen:
  - {{port: {ports[starttls]}, ip: "{loopback}", module: ejabberd_c2s, starttls_required: true, tls_verify: true}}
  - {{port: {ports[direct]}, ip: "{loopback}", module: ejabberd_c2s, tls: true, tls_verify: true}}
  - {{port: {ports[s2s]}, ip: "{loopback}", module: ejabberd_s2s_in}}
s2s_use_starttls: required
disable_sasl_mechanisms: [digest-md5, x-oauth2]
host_config:
  {anonymous}: {{auth_method: anonymous, anonymous_protocol: sasl_anon}}
acl: {{local: {{user_regexp: ""}}}}
access_rules: {{local: {{allow: local}}}}
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_version: {{show_os: false}}
"""
REGISTER = """[ejabberd_auth:try_register(<<"{user}">>, Host, <<"{password}">>) || Host <- [{hosts}]],
file:write_file("{directory}/ready", <<>>)."""


class Ejabberd(Server):
    name, package = "ejabberd", "ejabberd"
    closed = 4    # it ends TCP after its closing tag, without close_notify
    stranger = 8  # exit status of weir-connect as a server without a good certificate: <failure/>

    def configure(self):
        self.config = f"{self.directory}/ejabberd.yml"
        certificates = sorted({self.certificate(host) + ".pem" for host in CERTIFICATES})
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(hosts=", ".join(CERTIFICATES), certificates=", ".join(certificates),
                                     authority=self.authority.file, ports=self.ports, loopback=LOOPBACK,
                                     anonymous=ANONYMOUS))

    def command(self):
        self.forget("ready")
        application = glob.glob("/usr/lib/*/ejabberd-*/ebin/ejabberd.app")[0]
        hosts = ", ".join(f'<<"{host}">>' for host in CERTIFICATES if host != ANONYMOUS)
        register = REGISTER.format(user=USER, password=PASSWORD, hosts=hosts, directory=self.directory)
        return (("erl", "-noinput", "-mnesia", "dir", f'"{self.directory}/database"', "-s", "ejabberd",
                 "-eval", register),
                {"ERL_LIBS": os.path.dirname(os.path.dirname(os.path.dirname(application))), "HOME": self.directory,
                 "EJABBERD_CONFIG_PATH": self.config, "EJABBERD_LOG_PATH": f"{self.directory}/ejabberd.log"})

    def forget(self, name):
        if os.path.exists(f"{self.directory}/{name}"):
            os.remove(f"{self.directory}/{name}")

    def ready(self):
        return os.path.exists(f"{self.directory}/ready")
