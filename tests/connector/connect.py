#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""connect.py WEIR-CONNECT WEIR-PEER: weir-connect as its user meets it, against the embedded peer."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import types
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))

# pylint: disable=wrong-import-position
from certificates import Authority
from scripted import DOMAIN, PASSWORD as SCRIPTED_PASSWORD, Scripted

PASSWORD = "made-up secret"
JID = "juliet@capulet.example"
PATIENCE = 60  # seconds; only a test that fails waits so long
CONNECT = PEER = None


class Peer:
    """weir-peer, from its first line to its end."""

    def __init__(self, directory, *options):
        self.ca = os.path.join(directory, "ca.pem")
        self.process = subprocess.Popen((PEER, f"--write-ca={self.ca}", "--log=none", *options),
                                        env={**os.environ, "WEIR_PASSWORD": PASSWORD}, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def run(*arguments, stdin="", environment=None, through=(), **more):
    """To its end; never with a terminal. What it prints never holds the password."""
    variables = {"PATH": os.environ["PATH"], "WEIR_PASSWORD": PASSWORD} if environment is None else environment
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        variables.update({name: os.environ[name]} if name in os.environ else {})
    done = subprocess.run((*through, CONNECT, *arguments), input=stdin.encode(), capture_output=True, env=variables,
                          start_new_session=True, timeout=PATIENCE, check=False, **more)
    done.out, done.err = done.stdout.decode(), done.stderr.decode()
    for text in (done.out, done.err):
        assert PASSWORD not in text, text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), text
    return done


class Names:
    """A name server on loopback that knows SRV records as (priority, port, target), and that each target is 127.0.0.1."""

    def __init__(self, records, silent=False):
        self.records, self.silent = records, silent
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @staticmethod
    def encoded(name):
        return b"".join(bytes((len(label),)) + label.encode() for label in name.split(".") if label) + b"\0"

    def serve(self):
        while True:
            query, source = self.socket.recvfrom(4096)
            if not query:
                return
            end = query.index(b"\0", 12) + 5
            name, at = [], 12
            while query[at]:
                name.append(query[at + 1:at + 1 + query[at]].decode().lower())
                at += 1 + query[at]
            name, kind = ".".join(name), struct.unpack("!H", query[end - 4:end - 2])[0]
            answers = [struct.pack("!HHH", priority, 0, port) + self.encoded(target)
                       for priority, port, target in self.records.get(name, ())] if kind == 33 else []
            if kind == 1 and name.startswith("host"):
                answers = [socket.inet_aton("127.0.0.1")]
            if not self.silent:
                known = name in self.records or name.startswith("host")
                self.socket.sendto(query[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1, len(answers), 0, 0) +
                                   query[12:end] + b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(answer)) +
                                                            answer for answer in answers), source)

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(PATIENCE)
        self.socket.close()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="connect-")
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name

    def peer(self, *options):
        peer = Peer(self.directory, *options)
        self.addCleanup(peer.__exit__)
        return peer

    def to(self, peer, *arguments, **more):
        return run(f"--connect=127.0.0.1:{peer.port}", f"--ca={peer.ca}", *arguments, **more)

    def ends(self, done, status):
        self.assertEqual(done.returncode, status, done.err + done.out)


class CommandLine(Case):
    def test_help(self):
        done = run("--help")
        self.ends(done, 0)
        for word in ("--starttls", "--tls", "--connect", "--ca", "--mechanism", "--tls-max", "--no-channel-binding",
                     "--allow-plain", "--ping", "--probe", "--log", "--password-fd", "Exit status", "timed out"):
            self.assertIn(word, done.out)
        self.assertTrue(all(len(line) <= 95 for line in done.out.splitlines()))

    def test_manual_page_says_the_same(self):
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/connect/weir-connect.1")
        with open(page, encoding="utf-8") as file:
            text = file.read()
        said = run("--help").out
        for option in set(re.findall(r"--([a-z-]+)", said)):
            self.assertRegex(text, rf"-{option}\b")
        for status, meaning in re.findall(r"^ +(\d+)  (.*)$", said, re.MULTILINE):
            self.assertRegex(text, rf"(?s)\.It {status}\n.*?{re.escape(meaning.split()[-1])}")

    def test_usage(self):
        for arguments in ((), ("a@b", "c@d"), ("@b",), ("a@",), ("a@b/",), ("a b@c",), ("a@b\n",), ("capulet.example",),
                          ("--bogus", JID), ("--tls", "--starttls", JID), ("--tls-max=1.1", JID),
                          ("--tls-min=1.3", "--tls-max=1.2", JID), ("--connect=host", JID), ("--connect=host:0", JID),
                          ("--connect=::1:5222", JID), ("--mechanism=DIGEST-MD5", JID), ("--mechanism=EXTERNAL", JID),
                          ("--mechanism=ANONYMOUS", JID), ("--cert=x", JID), ("--ping", "--probe", JID),
                          ("--timeout=0", JID), ("--timeout=x", JID), ("--log=xml", JID), ("--server=a.example", JID),
                          ("--password-fd=x", JID), ("x" * 1024 + "@b",)):
            with self.subTest(arguments):
                done = run(*arguments)
                self.ends(done, 2)
                self.assertNotEqual(done.err, "")

    def test_files_and_passwords_are_asked_for_before_the_network(self):
        empty = {"PATH": os.environ["PATH"]}
        for arguments, variables in ((("--ca=/nonexistent", JID), None), (("--cert=/nonexistent", "--key=/x", JID), None),
                                     ((JID,), empty), (("--password-fd=77", JID), empty),
                                     ((JID,), {**empty, "WEIR_PASSWORD": ""})):
            with self.subTest(arguments):
                done = run("--connect=127.0.0.1:1", *arguments, environment=variables)
                self.ends(done, 2)

    def test_no_option_takes_a_password(self):
        self.ends(run(f"--password={PASSWORD.replace(' ', '')}", JID), 2)


class Sessions(Case):
    def test_stanzas_go_both_ways(self):
        stanzas = ("<message to='a@capulet.example'><body>one &amp; &#x1b;</body></message>".replace("&#x1b;", "&#9;"),
                   "<message to='b@capulet.example'>\n <body>tw\u00f6 \u202e&#x85;</body></message>",
                   "<message><body>\u061c\u206a\u206f</body></message>", "<iq type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>")
        done = self.to(self.peer(), JID, stdin="\n".join(stanzas) + "\n")
        self.ends(done, 0)
        lines = done.out.splitlines()
        self.assertEqual(len(lines), 4, done.out)
        self.assertIn("<body>&#1564;&#8298;&#8303;</body>", lines[2])
        self.assertIn("<body>one &amp; &#9;</body>", lines[0])
        self.assertIn("&#10; <body>tw\u00f6 &#8238;&#133;</body>", lines[1])
        self.assertIn("type='result' id='q'", lines[3])
        for word in ("TLSv1.3", "certificate verified: for capulet.example", "SCRAM-SHA-256-PLUS", "tls-exporter",
                     "bound juliet@capulet.example/", "ended: closed", "authentication", "exit status 0"):
            self.assertIn(word, done.err)

    def test_closing_tag_on_input(self):
        done = self.to(self.peer(), JID, stdin="<presence/></stream:stream><presence/>")
        self.ends(done, 0)
        self.assertEqual(len(done.out.splitlines()), 1)

    def test_what_is_no_stanza_is_not_sent(self):
        peer = self.peer()
        for stdin, word in (("<a></b>", "TAG_MISMATCH"), ("text", "TEXT_OUTSIDE"), ("<message>", "inside a stanza"),
                            ("<!-- -->", "COMMENT"), ("<presence/>&", "byte 11"), ("<x:y/>", "UNBOUND_PREFIX"),
                            ("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", "NESTED_STREAM")):
            with self.subTest(stdin):
                done = self.to(peer, JID, stdin=stdin)
                self.ends(done, 2)
                self.assertIn(word, done.err)
                self.assertIn("ended: closed", done.err)

    def test_large_stanza(self):
        text = "x" * 40000
        done = self.to(self.peer(), JID, stdin=f"<message><body>{text}</body></message>")
        self.ends(done, 0)
        self.assertIn(text, done.out)

    def test_json(self):
        done = self.to(self.peer(), "--log=json", "--ping", JID)
        self.ends(done, 0)
        events = [json.loads(line) for line in done.err.splitlines()]
        self.assertTrue(done.err.isascii())
        found = {event["event"]: event for event in events}
        self.assertEqual(found["mechanism"], {"event": "mechanism", "ms": found["mechanism"]["ms"], "use": "used",
                                              "mechanism": "SCRAM-SHA-256-PLUS", "binding": "tls-exporter"})
        self.assertEqual(found["tls"]["names"], "capulet.example")
        self.assertTrue(found["tls"]["verified"])
        self.assertTrue(found["bound"]["jid"].startswith(JID + "/"))
        self.assertEqual(found["ping"]["answer"], "answered")
        self.assertEqual(found["ended"]["outcome"], "closed")
        self.assertEqual(events[-1]["status"], 0)
        self.assertEqual(list(events[-1]["phases"]), ["look-up", "connection", "TLS", "authentication", "binding",
                                                      "session", "close"])

    def test_no_transcript(self):
        done = self.to(self.peer(), "--log=none", "--ping", JID)
        self.ends(done, 0)
        self.assertEqual(done.err, "")

    def test_choices(self):
        for peer_options, options, words in (
                ((), ("--tls-max=1.2",), ("TLSv1.2", "tls-unique")),
                ((), ("--tls-min=1.3",), ("TLSv1.3", "tls-exporter")),
                ((), ("--no-channel-binding",), ("mechanism SCRAM-SHA-256, no channel binding",)),
                ((), ("--mechanism=SCRAM-SHA-1-PLUS",), ("mechanism SCRAM-SHA-1-PLUS, bound",)),
                (("--mechanism=SCRAM-SHA-1",), (), ("mechanism SCRAM-SHA-1, no channel binding: the server offers none",)),
                (("--mechanism=PLAIN",), ("--allow-plain",), ("mechanism PLAIN",)),
                (("--tls",), ("--tls",), ("direct TLS", "ALPN xmpp-client"))):
            with self.subTest(options), Peer(self.directory, *peer_options) as peer:
                done = self.to(peer, "--ping", *options, JID + "/garden")
                self.ends(done, 0)
                for word in words + ("bound juliet@capulet.example/garden",):
                    self.assertIn(word, done.err)

    def test_anonymous(self):
        done = self.to(self.peer("--mechanism=ANONYMOUS"), "--mechanism=ANONYMOUS", "--ping", "capulet.example",
                       environment={})
        self.ends(done, 0)
        self.assertRegex(done.err, r"bound [^@ ]+@capulet\.example/")

    def test_interrupt_closes_in_good_order(self):
        peer = self.peer()
        process = subprocess.Popen((CONNECT, f"--connect=127.0.0.1:{peer.port}", f"--ca={peer.ca}", "--stay", JID),
                                   env={**os.environ, "WEIR_PASSWORD": PASSWORD}, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdin.write("<presence/>")
        process.stdin.close()
        process.stdin = None
        self.assertIn("<presence", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("ended: closed", err)

    def test_reader_who_goes_away(self):
        peer = self.peer()
        ours, theirs = os.pipe()
        os.close(ours)
        try:
            done = subprocess.run((CONNECT, f"--connect=127.0.0.1:{peer.port}", f"--ca={peer.ca}", JID),
                                  env={**os.environ, "WEIR_PASSWORD": PASSWORD}, input=b"<presence/>", stdout=theirs,
                                  stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        finally:
            os.close(theirs)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"ended: closed", done.stderr)


class Relay:
    """Between the two ends, keeping what the initiating entity sends over TCP, and what comes for it."""

    def __init__(self, port):
        self.listener, self.to, self.sent = socket.create_server(("127.0.0.1", 0)), port, b""
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.to))
        with client, server:
            while True:
                for end in select.select((client, server), (), ())[0]:
                    try:
                        data = end.recv(65536)
                        self.sent += data if end is client else b""
                        (server if end is client else client).sendall(data)
                    except OSError:
                        data = b""
                    if not data:
                        return


class Wrong(Case):
    """Against a server that does one thing wrong (scripted.py)."""

    def scripted(self, step, deed, text="", **settings):
        case = types.SimpleNamespace(step=step, deed=deed, text=text, transport="starttls", settings=settings)
        signer = Authority(os.path.join(self.directory, "certificates"))
        signer.signed("good", DOMAIN, f"DNS:{DOMAIN}")
        server = Scripted(case, signer)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join, PATIENCE)
        return server, (f"--connect=127.0.0.1:{server.port}", f"--ca={signer.file}")

    def password(self):
        return {"PATH": os.environ["PATH"], "WEIR_PASSWORD": SCRIPTED_PASSWORD}

    def test_closed_before_anything_was_sent(self):
        _, to = self.scripted("bound", "after", "</stream:stream>")
        done = run(*to, JID, stdin="<message to='a@capulet.example'><body>important</body></message>\n",
                   environment=self.password())
        self.ends(done, 2)
        self.assertIn("the server closed first: 65 bytes of standard input were not sent", done.err)

    def test_nothing_to_send_is_nothing_lost(self):
        _, to = self.scripted("bound", "after", "</stream:stream>")
        self.ends(run(*to, JID, stdin=" \n", environment=self.password()), 0)

    def interrupted(self, said, to, *arguments):
        """SIGINT as soon as the transcript, or the report, says so."""
        process = subprocess.Popen((CONNECT, *to, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env={**os.environ, **self.password()})
        text = ""
        while said not in text:
            line = process.stdout.readline()
            self.assertNotEqual(line, "", text)
            text += line
        process.send_signal(signal.SIGINT)
        text += process.communicate(timeout=PATIENCE)[0]
        return process.returncode, text

    def test_interrupted_while_authenticating(self):
        server, to = self.scripted("challenge", "silence")
        server.polite = True
        status, text = self.interrupted("mechanism SCRAM", to, JID)
        self.assertEqual(status, 2, text)
        self.assertIn("nothing was sent", text)

    def test_interrupted_probe(self):
        server, to = self.scripted("mechanisms", "nothing")
        relay = Relay(server.port)  # the second connection is taken by the kernel, and never answered
        self.addCleanup(relay.listener.close)
        status, text = self.interrupted("ended", (f"--connect=127.0.0.1:{relay.port}", to[1]), "--probe", "--timeout=2",
                                        DOMAIN)
        self.assertEqual(status, 2, text)
        self.assertIn("interrupted: 1 of 2 layers were not probed", text)

    def test_probe_says_why_tls_failed(self):
        _, to = self.scripted("handshake", "instead", "\\x15\\x03\\x03\\x00\\x02\\x02\\x28")
        done = run(*to, "--probe", "--tls-min=1.3", DOMAIN)
        self.ends(done, 1)
        self.assertNotIn("not spoken", done.out)
        self.assertRegex(done.out, "WRONG STARTTLS, TLS 1.3: .*handshake failure")

    def test_probe_knows_features_by_their_namespace(self):
        _, to = self.scripted("starttls", "replace", "urn:ietf:params:xml:ns:xmpp-tls => urn:example:other")
        done = run(*to, "--probe", "--tls-min=1.3", DOMAIN)
        self.ends(done, 1)
        self.assertIn("STARTTLS is not offered", done.out)
        self.assertIn("{urn:example:other}starttls", done.out)

    def test_no_close_notify(self):
        _, to = self.scripted("end", "cut")
        done = run(*to, "--ping", JID, environment=self.password())
        self.ends(done, 4)
        self.assertIn("ended: closed, without close_notify of the server", done.err)


class BlockedOutput(Case):
    """A reader of standard output who reads nothing holds up neither a deadline nor a signal."""

    def start(self, *options):
        peer = self.peer()
        process = subprocess.Popen((CONNECT, f"--connect=127.0.0.1:{peer.port}", f"--ca={peer.ca}", *options, JID),
                                   env={**os.environ, "WEIR_PASSWORD": PASSWORD}, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(b"<message><body>%s</body></message>" % (b"x" * 9000) * 30)
        process.stdin.close()
        process.stdin = None
        return process

    def ends_so(self, process):
        self.assertEqual(process.wait(PATIENCE), 2)
        err = process.stderr.read().decode()
        self.assertRegex(err, "standard output takes no more: [1-9][0-9]* bytes of stanzas were not written")
        self.assertIn("ended: closed", err)
        process.stdout.close()
        process.stderr.close()

    def test_deadline(self):
        self.ends_so(self.start("--timeout=4"))

    def test_signal(self):
        process = self.start("--timeout=4", "--stay")
        waiting = b"\0\0\0\0"
        while struct.unpack("i", waiting)[0] < 30000:
            waiting = fcntl.ioctl(process.stdout, termios.FIONREAD, waiting)
        process.send_signal(signal.SIGTERM)
        self.ends_so(process)

    def test_late_reader_gets_all(self):
        process = self.start("--timeout=20")
        while b"session" not in (line := process.stderr.readline()) and b"closing" not in line:
            self.assertNotEqual(line, b"")
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(len(out.splitlines()), 30)


class ClosedDescriptors(Case):
    """No socket becomes standard input, output or error: nothing of theirs is on the wire, and nothing of it in them."""

    def test_none_becomes_the_connection(self):
        stanza = "<message to='nurse@capulet.example'><body>top secret</body></message>"
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(closed), Peer(self.directory) as peer:
                relay = Relay(peer.port)
                self.addCleanup(relay.listener.close)
                redirections = " ".join(f"{fd}{'<' if fd == 0 else '>'}&-" for fd in closed)
                done = run(f"--connect=127.0.0.1:{relay.port}", f"--ca={peer.ca}", JID, stdin=stanza,
                           through=("/bin/sh", "-c", f'exec "$@" {redirections}', "sh"))
                relay.thread.join(PATIENCE)
                self.assertIn(b"<starttls", relay.sent)
                for said in (b"secret", b" ms  ", b"authenticated"):
                    self.assertNotIn(said, relay.sent)
                self.assertEqual(done.returncode, 0 if closed == (2,) else 2, done.err)

    def test_of_the_peer(self):
        with subprocess.Popen(("/bin/sh", "-c", 'exec "$@" 2>&-', "sh", PEER), stdout=subprocess.PIPE,
                              env={**os.environ, "WEIR_PASSWORD": PASSWORD}) as process:
            port = int(process.stdout.readline())
            with socket.create_connection(("127.0.0.1", port)) as one:
                one.sendall(b"x")
                said = b""
                while more := one.recv(4096):
                    said += more
                self.assertNotIn(b" ms  ", said)
            process.terminate()


class Passwords(Case):
    def test_an_empty_one_lets_nobody_in(self):
        done = subprocess.run((PEER, "--log=none"), env={**os.environ, "WEIR_PASSWORD": ""}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"WEIR_PASSWORD is empty", done.stderr)

    def test_descriptor(self):
        peer = self.peer()
        ours, theirs = os.pipe()
        os.write(theirs, PASSWORD.encode() + b"\nnot this\n")
        os.close(theirs)
        done = self.to(peer, "--ping", f"--password-fd={ours}", JID, environment={}, pass_fds=(ours,))
        os.close(ours)
        self.ends(done, 0)

    def test_prompt_without_echo(self):
        peer = self.peer()
        child, terminal = pty.fork()
        if child == 0:
            os.execve(CONNECT, (CONNECT, f"--connect=127.0.0.1:{peer.port}", f"--ca={peer.ca}", "--ping", JID),
                      {name: value for name, value in os.environ.items() if name != "WEIR_PASSWORD"})
        seen = b""
        while not seen.endswith(b": "):
            seen += os.read(terminal, 1024)
        self.assertEqual(seen, f"Password of {JID}: ".encode())
        os.write(terminal, PASSWORD.encode() + b"\n")
        try:
            while more := os.read(terminal, 4096):
                seen += more
        except OSError:
            pass  # the program ended
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, seen)
        self.assertNotIn(PASSWORD.encode(), seen)


class Ends(Case):
    """The exit status tells how it ended."""

    def test_unreachable(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.ends(run(f"--connect=127.0.0.1:{port}", JID), 5)

    def test_tls_and_certificate(self):
        peer = self.peer()
        self.ends(self.to(peer, "--tls", JID), 6)
        self.ends(run(f"--connect=127.0.0.1:{peer.port}", JID), 7)
        with Peer(self.directory, "--tls-max=1.2") as old:
            self.ends(self.to(old, "--tls-min=1.3", JID), 6)

    def test_certificate_of_another_domain(self):
        with tempfile.TemporaryDirectory() as other, Peer(other, "--domain=montague.example") as montague:
            done = self.to(montague, JID)
            self.ends(done, 10)
            self.assertIn("host-unknown", done.err)

    def test_authentication(self):
        peer = self.peer()
        self.ends(self.to(peer, JID, environment={"WEIR_PASSWORD": "wrong"}), 8)
        self.ends(self.to(peer, "nurse@capulet.example"), 8)
        self.ends(self.to(peer, "--mechanism=SCRAM-SHA-256", JID), 8)
        with Peer(self.directory, "--mechanism=PLAIN") as plain:
            self.ends(self.to(plain, JID), 8)

    def test_who_is_no_server(self):
        for said, status in ((b"", 3), (b"HTTP/1.1 400 Bad Request\r\n\r\n", 12)):
            with self.subTest(said), socket.create_server(("127.0.0.1", 0)) as listener:
                process = subprocess.Popen((CONNECT, f"--connect=127.0.0.1:{listener.getsockname()[1]}", JID),
                                           env={**os.environ, "WEIR_PASSWORD": PASSWORD}, stdin=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                accepted, _ = listener.accept()
                accepted.recv(4096)
                accepted.sendall(said)
                accepted.close()
                self.assertEqual(process.wait(PATIENCE), status)

    def test_silence(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.ends(run(f"--connect=127.0.0.1:{listener.getsockname()[1]}", "--timeout=1", JID), 13)

    def test_silent_peer_and_ping(self):
        self.ends(self.to(self.peer("--silent"), "--ping", "--timeout=4", JID), 1)


class LookUp(Case):
    """Where the domain's records lead; nothing but 127.0.0.1 is asked."""

    STARTTLS, DIRECT = "_xmpp-client._tcp.capulet.example", "_xmpps-client._tcp.capulet.example"

    def look_up(self, records, *arguments, silent=False):
        names = Names(records, silent)
        self.addCleanup(names.stop)
        return run(f"--dns=127.0.0.1:{names.port}", "--ping", *arguments, JID)

    def test_the_next_target_when_the_first_does_not_answer(self):
        peer = self.peer()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            dead = taken.getsockname()[1]
        done = self.look_up({self.STARTTLS: ((20, peer.port, "host2.example"), (10, dead, "host1.example"))},
                            f"--ca={peer.ca}")
        self.ends(done, 0)
        self.assertRegex(done.err, rf"(?s)missed .*port {dead}.*connected .*port {peer.port}, STARTTLS")
        self.assertIn("certificate verified: for capulet.example", done.err)

    def test_records_choose_direct_tls(self):
        peer = self.peer("--tls")
        done = self.look_up({self.DIRECT: ((10, peer.port, "host1.example"),), self.STARTTLS: ((20, 1, "host2.example"),)},
                            f"--ca={peer.ca}")
        self.ends(done, 0)
        self.assertIn(f"port {peer.port}, direct TLS", done.err)

    def test_no_service(self):
        for records in ({self.STARTTLS: ((0, 0, "."),)}, {}):
            with self.subTest(records):
                self.ends(self.look_up(records), 5)

    def test_no_answer(self):
        self.ends(self.look_up({}, "--timeout=1", silent=True), 13)


class Probe(Case):
    def test_text(self):
        done = self.to(self.peer("--mechanism=SCRAM-SHA-1", "--mechanism=PLAIN", "--mechanism=ANONYMOUS"), "--probe",
                       "capulet.example", environment={})
        self.ends(done, 1)
        for word in ("STARTTLS, TLS 1.3", "STARTTLS, TLS 1.2", "starttls (required)", "TLSv1.2", "TLSv1.3",
                     "for capulet.example", "SCRAM-SHA-1 PLAIN ANONYMOUS", "expires in", "ANONYMOUS is offered",
                     "no channel binding", "1 wrong"):
            self.assertIn(word, done.out)

    def test_json(self):
        done = self.to(self.peer("--tls"), "--tls", "--probe", "--log=json", "capulet.example", environment={})
        self.ends(done, 1)
        events = [json.loads(line) for line in done.out.splitlines()]
        layers = [event for event in events if event["event"] == "layer"]
        self.assertEqual([(layer["security"], layer["tls"], layer["alpn"]) for layer in layers],
                         [("direct", "1.3", "xmpp-client"), ("direct", "1.2", "xmpp-client")])
        self.assertTrue(all("SCRAM-SHA-256-PLUS" in layer["mechanisms"] for layer in layers))

    def test_certificate(self):
        peer = self.peer()
        done = run(f"--connect=127.0.0.1:{peer.port}", "--probe", "capulet.example", environment={})
        self.ends(done, 1)
        self.assertIn("WRONG certificate", done.out)
        self.assertIn("REFUSED", done.out)

    def test_unreachable(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.ends(run(f"--connect=127.0.0.1:{port}", "--probe", "capulet.example"), 5)


if __name__ == "__main__":
    CONNECT, PEER = (os.path.abspath(name) for name in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
