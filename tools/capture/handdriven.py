# SPDX-License-Identifier: MIT
"""Clients driven by hand: every byte of theirs is written in a scenario."""

import asyncio
import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from server import HOST, LOOPBACK, PASSWORD

HEADER = ("<?xml version='1.0'?><stream:stream to='{to}' xmlns='jabber:client'"
          " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")
PATIENCE = 10  # seconds for an answer
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True)
class Style:
    """How a client writes. Elements are given with single quotes and `/>`, and changed to the style."""

    header: str = HEADER
    close: str = "</stream:stream>"
    quote: str = "'"
    empty: str = "/>"  # or " />"; "" for a start tag and an end tag
    after: str = ""    # follows every first-level element
    namespace: str = ""  # to be declared by every first-level element that declares none

    def element(self, xml):
        if self.namespace and not re.match(r"<[^>]* xmlns=", xml):
            xml = re.sub(r"^<([^\s/>]+)", rf"<\1 xmlns='{self.namespace}'", xml)
        if self.empty:
            xml = xml.replace("/>", self.empty)
        else:
            xml = re.sub(r"<([^\s/<>]+)([^<>]*)/>", r"<\1\2></\1>", xml)
        return xml.replace("'", self.quote) + self.after


class Wire:
    def __init__(self, style=Style(), host=HOST):
        self.style, self.host = style, host
        self.seen = b""
        self.reader = self.writer = None

    async def connect(self, port):
        self.reader, self.writer = await asyncio.open_connection(LOOPBACK, port)
        return self

    def raw(self, data):
        self.writer.write(data.encode() if isinstance(data, str) else data)

    def send(self, xml):
        self.raw(self.style.element(xml))

    async def receive(self):
        """Some bytes; none at the end."""
        return await self.reader.read(65536)

    async def until(self, pattern):
        """Reads until the pattern is there; what comes after the match is kept."""
        while not (match := re.search(pattern.encode(), self.seen, re.DOTALL)):
            try:
                data = await asyncio.wait_for(self.receive(), PATIENCE)
            except asyncio.TimeoutError:
                raise TimeoutError(f"no {pattern} came; last: {self.seen[-300:]!r}") from None
            if not data:
                raise ConnectionError(f"closed before {pattern}; last: {self.seen[-300:]!r}")
            self.seen += data
        self.seen = self.seen[match.end():]
        return match

    async def header(self):
        self.raw(self.style.header.format(to=self.host))
        await self.until("</stream:features>")

    async def plain(self, user, password=PASSWORD):
        self.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>" + base64_of(f"\0{user}\0{password}") + "</auth>")
        return await self.until("<(success|failure)")

    async def scram(self, user, hash_name, password=PASSWORD):
        digest = hash_name.lower().replace("-", "")
        first = f"n={user},r=" + base64_of(f"nonce of {user}, made up")
        self.send(f"<auth xmlns='{SASL}' mechanism='SCRAM-{hash_name}'>" + base64_of("n,," + first) + "</auth>")
        challenge = await self.until("<challenge[^>]*>([^<]*)</challenge>")
        server_first = base64.b64decode(challenge[1]).decode()
        nonce, salt, rounds = re.fullmatch("r=(.*),s=(.*),i=(.*)", server_first).groups()
        salted = hashlib.pbkdf2_hmac(digest, password.encode(), base64.b64decode(salt), int(rounds))
        key = hmac.digest(salted, b"Client Key", digest)
        bare = f"c=biws,r={nonce}"
        signature = hmac.digest(hashlib.new(digest, key).digest(), f"{first},{server_first},{bare}".encode(), digest)
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()
        self.send(f"<response xmlns='{SASL}'>" + base64_of(f"{bare},p={proof}") + "</response>")
        return await self.until("<(success|failure)")

    async def bind(self, resource="balcony"):
        self.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<resource>{resource}</resource></bind></iq>")
        await self.until("id=.bind.[^>]*>.*?</iq>")

    async def login(self, user, hash_name=None):
        await self.header()
        await (self.scram(user, hash_name) if hash_name else self.plain(user))
        await self.header()
        await self.bind()

    async def close(self):
        self.raw(self.style.close)
        await self.end()

    async def end(self):
        """The server closes."""
        while await asyncio.wait_for(self.receive(), PATIENCE):
            pass
        self.writer.close()

    def kill(self):
        self.writer.transport.abort()
