# SPDX-License-Identifier: MIT
"""A receiving entity that negotiates rightly but for one step, where it does what a case says.

It is written for that alone: one connection, one account, and every answer is a text of RFC 6120 with holes."""

import base64
import hashlib
import hmac
import re
import socket
import ssl
import struct

DOMAIN, USER, PASSWORD = "capulet.example", "juliet", "made-up"
STREAMS = "http://etherx.jabber.org/streams"
PATIENCE = 30  # seconds for the initiating entity's next bytes; only a test that fails waits so long

# What is said at each step, when nothing is wrong.
RIGHT = {
    "header": "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='{streams}' from='{domain}' "
              "id='{id}' version='1.0' xml:lang='en'>",
    "starttls": "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
                "</stream:features>",
    "proceed": "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "mechanisms": "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{mechanisms}</mechanisms>"
                  "</stream:features>",
    "challenge": "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{challenge}</challenge>",
    "success": "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{signature}</success>",
    "features": "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
    "bound": "<iq type='result' id='{request}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
             "<jid>{user}@{domain}/garden</jid></bind></iq>",
    "stanza": "<message from='nurse@{domain}' to='{user}@{domain}/garden' id='1'><body>Madam!</body></message>"
              "<iq type='result' id='{request}' from='{domain}' to='{user}@{domain}/garden'/>",
    "close": "</stream:stream>",
    "end": "",  # of the transport, after both closing tags
}
RIGHT["secure-header"] = RIGHT["restart-header"] = RIGHT["header"]

# Step, and what the initiating entity must have said before it.
HEADER = rb"<stream:stream\s[^>]*>"
AFTER_TLS = (("secure-header", HEADER), ("mechanisms", None),
             ("challenge", rb"<auth\s(?P<tag>[^>]*)>(?P<data>[^<]*)</auth>"),
             ("success", rb"<response\s[^>]*>(?P<data>[^<]*)</response>"), ("restart-header", HEADER),
             ("features", None), ("bound", rb"<iq\s(?P<tag>[^>]*)>.*?</iq>"),
             ("stanza", rb"<iq\s(?P<tag>[^>]*)>.*?</iq>"), ("close", rb"</stream:stream>"), ("end", None))
STEPS = {
    "starttls": (("header", HEADER), ("starttls", None), ("proceed", rb"<starttls\s[^>]*>"), ("handshake", None),
                 *AFTER_TLS),
    "tls": (("handshake", None), *AFTER_TLS),
}


class Over(Exception):
    """The case has done its deed: nothing more is said."""


class Scripted:
    """One connection. `case` has step, deed, text, transport and settings."""

    def __init__(self, case, authority):
        self.case, self.authority = case, authority
        self.clear = b""    # all that came outside of TLS, but for the handshake
        self.received = b"" # what no step has taken yet
        self.values = {"streams": STREAMS, "domain": DOMAIN, "user": USER, "id": "++TR84Sm6A3hnt3Q065SnAbbk3Y=",
                       "iterations": "4096", "certificate": "good", "offered": "SCRAM-SHA-256 SCRAM-SHA-1",
                       "lowest": "1.2", "highest": "1.3", **case.settings}
        self.values["mechanisms"] = "".join(f"<mechanism>{each}</mechanism>" for each in self.values["offered"].split())
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.peer = None
        self.secured = False
        self.binding = ""      # first byte of the GS2 header: p, y, n
        self.notified = False  # the initiating entity's close_notify came
        self.polite = case.deed not in ("silence", "cut", "half", "notify", "reset", "ciphertext")
        self.error = None   # of the test itself

    def serve(self):
        """Returns when the connection is over, whoever ended it."""
        try:
            self.peer, _ = self.listener.accept()
            self.peer.settimeout(PATIENCE)
            self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for step, pattern in STEPS[self.case.transport]:
                if pattern is not None:
                    self.learn(step, self.expect(pattern))
                self.play(step)
        except (Over, ConnectionError, ssl.SSLError):
            pass
        except Exception as error:  # told by the thread that runs the case
            self.error = error
        finally:
            self.listener.close()
            if self.peer is not None:
                self.leave()

    # -- Reading

    def read(self):
        data = self.peer.recv(65536)
        if not self.secured:
            self.clear += data
        if not data:
            self.notified = self.secured and isinstance(self.peer, ssl.SSLSocket)
            raise Over
        self.received += data

    def expect(self, pattern):
        while (found := re.search(pattern, self.received, re.DOTALL)) is None:
            if b"</stream:stream>" in self.received:
                raise Over
            self.read()
        self.received = self.received[found.end():]
        return found

    def drain(self):
        """Until the initiating entity ends the transport: what it should not say is seen, and no reset is sent."""
        try:
            while True:
                if self.polite and b"</stream:stream>" in self.received:
                    self.polite = False
                    self.peer.sendall(b"</stream:stream>")
                self.read()
        except (Over, OSError, ValueError):
            pass

    def leave(self):
        """Answers the closing tag, if it may, and the close_notify; then TCP ends."""
        polite = self.polite
        self.drain()
        try:
            if polite and self.secured:
                self.peer = self.peer.unwrap()
        except (OSError, ValueError):
            pass
        self.peer.close()

    def learn(self, step, found):
        if step == "challenge":
            self.challenge(found["tag"], base64.b64decode(found["data"]).decode())
        elif step == "success":
            self.signature(base64.b64decode(found["data"]).decode())
        elif step in ("bound", "stanza"):
            self.values["request"] = re.search(rb"id=[\"']([^\"']*)", found["tag"])[1].decode()

    # -- SCRAM, RFC 5802 3

    def challenge(self, tag, first):
        """What the client begins with: its GS2 header (p, y or n), its nonce."""
        self.hash = "sha256" if b"SHA-256" in tag else "sha1"
        self.header, self.bare = re.fullmatch("([^,]*,,)(n=.*)", first).groups()
        self.binding = self.header[0]
        nonce = self.values.get("nonce", re.search("r=([^,]*)", self.bare)[1] + "3rfcNHYJY1ZVvWVs7j")
        self.server_first = f"r={nonce},s=QSXCR+Q6sek8bf92,i={self.values['iterations']}"
        self.values["challenge"] = base64.b64encode(self.server_first.encode()).decode()

    def signature(self, final):
        """Judges the proof and the channel binding, and makes the server's own proof."""
        without, proof = re.fullmatch("(.*),p=(.*)", final).groups()
        salted = hashlib.pbkdf2_hmac(self.hash, PASSWORD.encode(), base64.b64decode("QSXCR+Q6sek8bf92"),
                                     int(self.values["iterations"]))
        message = ",".join((self.bare, self.server_first, without)).encode()
        client = hmac.digest(salted, b"Client Key", self.hash)
        stored = hashlib.new(self.hash, client).digest()
        signed = bytes(a ^ b for a, b in zip(client, hmac.digest(stored, message, self.hash)))
        assert base64.b64decode(proof) == signed, "the client's proof is wrong"
        bound = self.peer.get_channel_binding("tls-unique") if self.header == "p=tls-unique,," else b""
        assert base64.b64decode(re.match("c=([^,]*)", without)[1]) == self.header.encode() + bound, "c="
        own = hmac.digest(hmac.digest(salted, b"Server Key", self.hash), message, self.hash)
        self.values["signature"] = base64.b64encode(b"v=" + base64.b64encode(own)).decode()

    # -- Speaking

    def play(self, step):
        if step == "handshake":
            return self.handshake()
        right = RIGHT[step].format(**self.values).encode()
        if step == self.case.step:
            right = getattr(self, "do_" + self.case.deed.replace("-", "_"))(right, self.text())
        if self.case.deed == "single-bytes":
            for byte in right:
                self.peer.sendall(bytes((byte,)))
        elif right:
            self.peer.sendall(right)

    def text(self):
        text = self.case.text
        for name in RIGHT:  # a case may name another step's words
            text = text.replace("{%s}" % name.replace("-", "_"), RIGHT[name])
        text = re.sub(r"\{large (\d+)\}", lambda found: "x" * int(found[1]), text)
        text = re.sub(r"\{([a-z]+)\}", lambda found: self.values[found[1]], text)
        return text.encode("latin-1").decode("unicode_escape").encode("latin-1")

    def handshake(self):
        first = self.peer.recv(1, socket.MSG_PEEK)
        if first != b"\x16":  # no handshake: what is it, then?
            raise Over
        if self.case.step == "handshake":
            getattr(self, "do_" + self.case.deed.replace("-", "_"))(b"", self.text())
        versions = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version, context.maximum_version = (versions[self.values[key]] for key in ("lowest", "highest"))
        context.load_cert_chain(f"{self.authority.directory}/{self.values['certificate']}.pem")
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF  # what is not close_notify is an error
        self.received = b""
        self.peer = context.wrap_socket(self.peer, server_side=True, suppress_ragged_eofs=False)
        self.secured = True

    # -- Deeds: each gets what would be right, and the text of the case, and returns what is said

    def do_nothing(self, right, text):
        return right

    do_single_bytes = do_nothing

    def do_instead(self, right, text):
        self.say_and_stop(text)

    def do_after(self, right, text):
        return right + text

    def do_before(self, right, text):
        return text + right

    def do_replace(self, right, text):
        """TEXT is OLD => NEW."""
        old, new = text.split(b" => ")
        assert old in right, (old, right)
        return right.replace(old, new)

    def do_half(self, right, text):
        self.peer.sendall(right[:len(right) // 2])
        self.do_cut(right, text)

    def do_cut(self, right, text):
        """TCP ends, inside of TLS without close_notify."""
        self.peer.sendall(text)
        self.peer = self.raw()
        self.peer.shutdown(socket.SHUT_WR)
        raise Over

    def do_notify(self, right, text):
        """TLS ends properly, the stream does not."""
        self.peer.sendall(text)
        self.peer = self.peer.unwrap()
        raise Over

    def do_reset(self, right, text):
        raw = self.raw()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
        raise Over

    def do_ciphertext(self, right, text):
        """Below TLS."""
        self.peer = self.raw()
        self.peer.sendall(text)
        raise Over

    def do_silence(self, right, text):
        self.peer.sendall(text)
        raise Over  # and the connection stays until the initiating entity ends it

    def say_and_stop(self, text):
        self.peer.sendall(text)
        raise Over

    def raw(self):
        """The socket below TLS."""
        return socket.socket(fileno=self.peer.detach())
