# SPDX-License-Identifier: MIT
"""A certification authority for one run, and what it signs: by the openssl command."""

import os
import subprocess

# `openssl ca` is the command that takes both ends of the validity.
CONFIG = """
[ca]
default_ca = authority
[authority]
database = {directory}/index.txt
new_certs_dir = {directory}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = {names}
"""
P256 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
XMPP_ADDRESS = "otherName:1.3.6.1.5.5.7.8.5;UTF8:"  # id-on-xmppAddr, RFC 6120 13.7.1.4


class Authority:
    """Signs for `directory`: NAME.key, NAME.crt, and NAME.pem, which holds both."""

    def __init__(self, directory):
        self.directory = directory
        os.mkdir(directory)
        open(f"{directory}/index.txt", "w", encoding="utf-8").close()
        self.file = f"{directory}/authority.crt"
        self.self_signed("authority", "Authority of the tests", "DNS:none.invalid", section="root")

    def openssl(self, command, names, *arguments):
        config = f"{self.directory}/openssl.cnf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(directory=self.directory, names=names))
        subprocess.run(("openssl", command, "-config", config, *arguments), check=True, capture_output=True)

    def join(self, name):
        with open(f"{self.directory}/{name}.pem", "wb") as both:
            for suffix in ("key", "crt"):
                with open(f"{self.directory}/{name}.{suffix}", "rb") as file:
                    both.write(file.read())

    def self_signed(self, name, subject, names, section="leaf"):
        self.openssl("req", names, "-x509", *P256, "-days", "30", "-subj", f"/CN={subject}", "-extensions", section,
                     "-keyout", f"{self.directory}/{name}.key", "-out", f"{self.directory}/{name}.crt")
        self.join(name)

    def signed(self, name, subject, names, expired=False):
        request = f"{self.directory}/{name}.csr"
        validity = ("-startdate", "20200101000000Z", "-enddate", "20210101000000Z") if expired else ("-days", "30")
        self.openssl("req", names, "-new", *P256, "-subj", f"/CN={subject}",
                     "-keyout", f"{self.directory}/{name}.key", "-out", request)
        self.openssl("ca", names, "-batch", "-notext", "-in", request, "-out", f"{self.directory}/{name}.crt",
                     "-cert", self.file, "-keyfile", f"{self.directory}/authority.key", "-extensions", "leaf",
                     *validity)
        os.remove(request)
        self.join(name)
