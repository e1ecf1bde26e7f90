# SPDX-License-Identifier: MIT
"""Real clients, as Debian packages them, against the receiving entity (weir-peer)."""

import os
import pty
import subprocess
import sys
import tempfile
import threading
import time

from connect import Peer
from server import DOMAIN, LOOPBACK, PASSWORD, USER, bound_to_us

HERE = os.path.dirname(os.path.abspath(__file__))
LINE = "art thou <not> Romeo & a Montague?"
DEADLINE = 60


def environment(home, authority):
    return {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm",
            "SSL_CERT_FILE": authority, "SSL_CERT_DIR": home}


def version(client):
    package = {slixmpp: "python3-slixmpp", profanity: "profanity-light", go_sendxmpp: "go-sendxmpp"}[client]
    query = subprocess.run(("dpkg-query", "-W", "-f", "${Version}", package), capture_output=True, text=True,
                           check=False)
    return query.stdout.rpartition(":")[2].partition("-")[0].partition("+")[0]


def put(home, path, text):
    """A file of configuration that nobody else may read; some clients insist."""
    path = os.path.join(home, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def slixmpp(home, authority, domain, port, direct):
    """Its own exit status says whether its message came back."""
    command = (sys.executable, f"{HERE}/slixmpp_client.py", f"{USER}@{domain}/slixmpp", LOOPBACK, str(port), authority,
               LINE, *(("direct",) if direct else ()))
    done = subprocess.run(bound_to_us(*command), env={**environment(home, authority), "WEIR_PASSWORD": PASSWORD},
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def go_sendxmpp(home, authority, domain, port, direct):
    """Puts a line feed after every element, and leaves without closing tag; it does not wait for its message."""
    command = ("go-sendxmpp", "-u", f"{USER}@{domain}", "-p", PASSWORD, "-j", f"{LOOPBACK}:{port}",
               *(("-t",) if direct else ()), f"{USER}@{domain}")
    done = subprocess.run(bound_to_us(*command), env=environment(home, authority), input=LINE, capture_output=True,
                          text=True, timeout=DEADLINE, check=False)
    return done.returncode == 0, done.stdout + done.stderr


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, command, environment):
        ours, theirs = pty.openpty()
        self.ours, self.seen, self.more = ours, b"", threading.Condition()
        self.process = subprocess.Popen(bound_to_us(*command), env=environment, stdin=theirs, stdout=theirs,
                                        stderr=theirs, start_new_session=True)
        os.close(theirs)
        self.reader = threading.Thread(target=self.follow, daemon=True)
        self.reader.start()

    def follow(self):
        try:
            while data := os.read(self.ours, 65536):
                with self.more:
                    self.seen += data
                    self.more.notify()
        except OSError:
            pass  # the program ended

    def saw(self, text):
        with self.more:
            return self.more.wait_for(lambda: text in self.seen, DEADLINE)

    def type(self, text):
        os.write(self.ours, text.encode())

    def finish(self):
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        os.close(self.ours)
        return self.process.returncode


def profanity(home, authority, domain, port, direct):
    """Says its line to itself, and quits when the line came back."""
    with open(authority, encoding="utf-8") as file:
        put(home, "authority.pem", file.read())
    subprocess.run(("openssl", "rehash", home), check=True, capture_output=True)
    put(home, ".config/profanity/profrc", f"[ui]\nreleasecheck=false\n[tls]\ncertpath={home}\n")
    put(home, ".local/share/profanity/accounts",
        f"[account]\nenabled=true\njid={USER}@{domain}\nserver={LOOPBACK}\nport={port}\nresource=profanity\n"
        f"password={PASSWORD}\ntls.policy={'legacy' if direct else 'force'}\n"
        "presence.last=online\npresence.login=online\n")
    log = f"{home}/.local/share/profanity/logs/profanity.log"
    terminal = Terminal(("profanity", "-l", "DEBUG", "-a", "account"), environment(home, authority))
    came = terminal.saw(b"logged in successfully")
    terminal.type(f"/msg {USER}@{domain} {LINE}\n")
    came = came and appears(log, "RECV: <message", "Montague")
    terminal.type("/quit\n")
    status = terminal.finish()
    with open(log, encoding="utf-8") as file:
        text = file.read()
    return came and status == 0 and "RECV: </stream:stream>" in text, text


def appears(path, *texts):
    """True once a line of the file has all the texts."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                if any(all(text in line for text in texts) for line in file):
                    return True
        time.sleep(0.05)
    return False


# slixmpp 1.8 binds by tls-unique on TLS 1.3 too, which is not defined there (RFC 8446 C.5): refused, and not let
# through weaker.
NO_PLUS = ("--mechanism=SCRAM-SHA-256", "--mechanism=SCRAM-SHA-1")
PLAYED = ((slixmpp, "STARTTLS", ("--tls-max=1.2",), "SCRAM-SHA-256-PLUS"),
          (slixmpp, "STARTTLS", (), None),
          (slixmpp, "STARTTLS", NO_PLUS, "SCRAM-SHA-256"),
          (slixmpp, "direct TLS", NO_PLUS, "SCRAM-SHA-256"),
          (profanity, "STARTTLS", ("--tls-max=1.2",), "SCRAM-SHA-256"),
          (profanity, "STARTTLS", (), "SCRAM-SHA-256"),
          (profanity, "direct TLS", (), "SCRAM-SHA-256"),
          (go_sendxmpp, "STARTTLS", ("--mechanism=PLAIN",), "PLAIN"),
          (go_sendxmpp, "direct TLS", ("--mechanism=PLAIN",), "PLAIN"))


def judge(peer, client, good, mechanism):
    """`mechanism`: None when the client must not get in."""
    if good != (mechanism is not None):
        yield "the client did not get its message back, or did not end well" if mechanism else "the client got in"
    if bool(peer.event("authenticated")) != good:
        yield "authenticated" if not good else "not authenticated"
    if mechanism is not None and peer.mechanism != mechanism:
        yield f"mechanism {peer.mechanism}, not {mechanism}"
    outcome = "not-authenticated" if mechanism is None else "truncated" if client is go_sendxmpp else "closed"
    if not peer.outcome.startswith(outcome):  # some send close_notify, some do not: closed, closed-bare
        yield f"{peer.outcome}, not {outcome}"


def real_clients(table, program, directory):
    for client, security, options, mechanism in PLAYED:
        home = tempfile.mkdtemp(dir=directory)
        direct = security == "direct TLS"
        peer = Peer(program, "--connections=1", f"--domain={DOMAIN}", f"--write-ca={home}/ca.pem",
                    *options, *(("--tls",) if direct else ()))
        good, log = client(home, f"{home}/ca.pem", DOMAIN, peer.port, direct)
        peer.finish()
        wrong = list(judge(peer, client, good, mechanism))
        name = client.__name__.replace("_", "-")
        table.add(f"{name} {version(client)}", security, " ".join(("weir-peer", *options)), peer,
                  wrong=[*wrong, log] if wrong else (), more="message" if mechanism else "")
