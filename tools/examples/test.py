#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test.py DIRECTORY: runs the examples built there as their users would: on the recorded streams, whose event logs say what they
must print, and on the cases of the corpus, which must end as their verdicts say."""

import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STREAMS = sorted((ROOT / "corpus/streams").glob("*.xml"))
MESSAGES = sorted((ROOT / "corpus/streams").glob("*.ws"))
CASES = sorted((ROOT / "corpus/cases").glob("*/*.xml"))
README = ROOT / "parser/README.md"
CASES_WS = sorted((ROOT / "corpus/cases").glob("*/*.ws"))
EXIT = {b"complete": 0, b"rejected": 1, b"cut-short": 3}
STRING = rb'"(?:[^"\\]|\\.)*"'
programs = Path("build/asan/examples")


def unescape(text):
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}

    def one(match):
        what = match[1]
        return bytes([int(what[1:], 16)]) if what[:1] == b"x" else named.get(what, what)

    return re.sub(rb"\\(x..|.)", one, text)


class Log:
    """The event log beside a recording (corpus/README.md)."""

    def __init__(self, path):
        lines = path.with_suffix(".log").read_bytes().splitlines()
        self.options = b" ".join(line for line in lines if line.startswith(b"# options:"))
        self.events = [line.split(b" ", 4) for line in lines if not line.startswith(b"#")]
        self.verdict = self.events.pop()
        self.exit = EXIT[self.verdict[0]]

    def kind(self, *kinds):
        return [event for event in self.events if event[3] in kinds]

    @staticmethod
    def local(event):
        return unescape(event[4].split(b" ", 1)[0].split(b"{")[0].split(b":")[-1])

    def restarts_by_sign(self):
        """Whether the streams begin anew where the events themselves say so, as in what a server sends."""
        signs = []
        begun = []
        last = None
        for event in self.events:
            if event[3] == b"restart":
                begun.append(last)
            elif event[3] != b"space":
                last = event
                if event[3] == b"end" and event[2] == b"2" and re.match(
                    rb'(proceed \{"urn:ietf:params:xml:ns:xmpp-tls"|success \{"urn:ietf:params:xml:ns:xmpp-sasl")', event[4]
                ):
                    signs.append(event)
        return signs == begun

    def starts(self, indent=True):
        return b"".join(b"%s%s\n" % (b" " * (2 * int(e[2]) * indent), self.local(e)) for e in self.kind(b"start"))

    def push(self):
        out = b""
        for event in self.events:
            kind, rest = event[3], event[4] if len(event) > 4 else b""
            if kind in (b"text", b"space"):
                out += unescape(rest[1:-1])
            elif kind in (b"end", b"close"):
                out += b"end %s\n" % self.local(event)
            elif kind in (b"open", b"start"):
                out += b"start %s\n" % self.local(event)
                for name, value in re.findall(rb" @([^ ={]*)(?:\{" + STRING + rb"\})?=(" + STRING + rb")", rest):
                    out += b"attribute %s=%s\n" % (unescape(name.split(b":")[-1]), unescape(value[1:-1]))
        return out

    def slices(self, data):
        ours, others = b"", b""
        for event in self.kind(b"end"):
            if event[2] != b"2":
                continue
            begin, end = int(re.search(rb" start=(\d+)", event[4])[1]), int(event[1])
            if event[4].endswith(b" self-contained"):
                ours += data[begin:end]
            else:
                others += b"not self-contained: %s at %d, %d bytes\n" % (self.local(event), begin, end - begin)
        return ours, others

    def stanzas(self):
        return sum(event[2] == b"2" for event in self.kind(b"end"))

    def error(self):
        return (
            b"<stream:error xmlns:stream='http://etherx.jabber.org/streams'><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            b"</stream:error></stream:stream>" % self.verdict[2]
        )


def run(name, data, *arguments):
    done = subprocess.run([programs / name, *arguments], input=data, capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def run_socket(packets):
    """poll_loop at one end of a connection whose reads bring these packets: exit status, what it printed, what it sent."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = subprocess.Popen([programs / "poll_loop"], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    theirs.close()
    with ours, ThreadPoolExecutor(1) as reader:
        printed = reader.submit(child.communicate)
        try:
            for packet in packets:
                ours.sendall(packet)
            ours.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has refused the stream and is gone
        answer = b""
        try:
            while more := ours.recv(65536):
                answer += more
        except ConnectionResetError:
            pass
        return child.wait(), *printed.result(), answer


def packets_of(data, size):
    """Pieces of a size; what follows <proceed/> comes in a packet of its own, as TLS would bring it."""
    end = data.find(b">", data.find(b"<proceed")) + 1 if b"<proceed" in data else 0
    for part in (data[:end], data[end:]):
        yield from (part[at : at + size] for at in range(0, len(part), size))


def messages_of(path):
    data, found = path.read_bytes(), []
    while data:
        length, data = data.split(b"\n", 1)
        found.append(data[: int(length)])
        data = data[int(length) :]
    return found


def frame(payload, opcode=1, final=True, mask=None):
    size = len(payload)
    head = bytes([opcode | (128 if final else 0)])
    bit = 0 if mask is None else 128
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[i & 3] for i, byte in enumerate(payload))


def frames(messages, masked, seed):
    """Messages as frames: fragmented somehow, some of them empty, with pings between them."""
    source, out = random.Random(seed), b""
    for message in messages:
        cuts = sorted(source.randint(0, len(message)) for _ in range(source.randint(0, 3)))
        parts = [message[a:b] for a, b in zip([0, *cuts], [*cuts, len(message)])]
        for i, part in enumerate(parts):
            mask = source.randbytes(4) if masked else None
            out += frame(part, 0 if i else 1, i == len(parts) - 1, mask)
            if source.random() < 0.3:
                out += frame(b"ping", 9, True, mask)
    return out


class Examples(unittest.TestCase):
    def each(self, check, paths):
        """check(path) for all of them, two at a time; every failure is told with its file."""
        with ThreadPoolExecutor(2) as pool:
            results = [(path, pool.submit(check, path)) for path in paths]
        for path, result in results:
            with self.subTest(file=str(path)):
                result.result()

    def expect(self, got, status, out, err=None):
        code, stdout, stderr = got[:3]
        self.assertNotIn(b"Sanitizer", stderr)
        self.assertNotIn(b"runtime error", stderr)
        self.assertEqual((code, stdout), (status, out), stderr)
        if err is not None:
            self.assertEqual(stderr, err)

    def survives(self, got, path):
        """A case: the exit status is that of its verdict, where its options are the program's own."""
        log = Log(path)
        allowed = {0, 1, 3} if log.options or not log.restarts_by_sign() else {log.exit}
        self.assertNotIn(b"Sanitizer", got[2])
        self.assertNotIn(b"runtime error", got[2])
        self.assertIn(got[0], allowed, got[2])

    def recorded(self, program, paths=STREAMS):
        return [path for path in paths if Log(path).restarts_by_sign()]

    def test_poll_loop(self):
        def check(path):
            log = Log(path)
            size = random.Random(path.name).choice([1, 7, 100, 4096])
            got = run_socket(packets_of(path.read_bytes(), size if path.stat().st_size < 4096 else 4096))
            self.expect(got, log.exit, log.starts())
            closing = b"</stream:stream>" if log.kind(b"close") else b""
            self.assertEqual(got[3], log.error() if log.exit == 1 and not closing else closing)

        self.each(check, self.recorded("poll_loop"))

    def test_poll_loop_takes_nothing_in_clear_for_what_tls_brings(self):
        data = (ROOT / "corpus/streams/starttls.s2c.xml").read_bytes()
        self.assertEqual(run_socket([data])[0], 1)

    def test_push_adapter(self):
        def check(path):
            self.expect(run("push_adapter", path.read_bytes()), Log(path).exit, Log(path).push())

        self.each(check, self.recorded("push_adapter"))

    def test_decoder(self):
        def check(path):
            self.expect(run("decoder", path.read_bytes()), Log(path).exit, Log(path).starts())

        self.each(check, self.recorded("decoder"))

    def test_owner(self):
        self.expect(run("owner_test", b""), 0, b"", b"")

    def test_slice(self):
        forwarded = []

        def check(path):
            data, log = path.read_bytes(), Log(path)
            ours, others = log.slices(data)
            forwarded.append(len(ours))
            self.expect(run("slice", data), log.exit, ours, others)

        self.each(check, self.recorded("slice"))
        self.assertGreater(sum(forwarded), 0)

    def test_websocket(self):
        def check(path):
            log = Log(path)
            for role in ("client", "server"):
                data = frames(messages_of(path), role == "server", path.name + role)
                self.expect(run("websocket", data, role), log.exit, log.starts(indent=False))

        self.each(check, self.recorded("websocket", MESSAGES))

    def test_websocket_refuses_what_is_no_frame(self):
        message, mask = messages_of(ROOT / "corpus/streams/websocket-plain.s2c.ws")[0], b"abcd"
        whole = frame(message, mask=mask)
        self.assertEqual(run("websocket", whole, "server")[0], 0)
        short = frame(b"<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", mask=mask)
        self.assertEqual(run("websocket", short, "server")[0], 0)
        refused = {
            "no mask": frame(message),
            "a reserved bit": bytes([whole[0] | 64]) + whole[1:],
            "binary": frame(message, 2, mask=mask),
            "a continuation of nothing": frame(message, 0, mask=mask),
            "a new message inside one": frame(message[:9], final=False, mask=mask) + frame(message[9:], mask=mask),
            "a ping in fragments": frame(b"", 9, final=False, mask=mask),
            "a long ping": frame(b"p" * 126, 9, mask=mask),
            "a reserved opcode": frame(b"", 11, mask=mask),
            "a length in too many bytes": b"\x81\xfe\x00" + bytes([short[1] & 127]) + short[2:],
            "a length in far too many bytes": b"\x81\xff" + bytes(7) + bytes([short[1] & 127]) + short[2:],
            "a length that is negative": b"\x81\xff\x80" + bytes(7) + mask,
            "two elements": frame(message + message, mask=mask),
            "half an element": frame(message[:9], mask=mask),
        }
        for name, data in refused.items():
            with self.subTest(name):
                self.expect(run("websocket", data, "server"), 1, b"")
        for cut in range(1, 24):
            with self.subTest(cut=cut):
                self.assertEqual(run("websocket", whole[:cut], "server")[0], 3)

    def test_parked(self):
        """All recordings without STARTTLS at once, a hundred bytes of each in turn."""
        paths = [path for path in self.recorded("parked") if not b"proceed" in path.read_bytes()]
        expected = b""
        code, out, err = run("parked", b"", *paths)
        self.expect((code, b"", err), 0, b"", b"")
        lines = dict(line.rsplit(b": ", 1) for line in out.splitlines()[:-1])
        for path in paths:
            log = Log(path)
            with self.subTest(file=path.name):
                stanzas, end = lines[os.fsencode(path)].split(b" stanzas, ")
                self.assertEqual(int(stanzas), log.stanzas())
                self.assertEqual(end == b"complete", log.exit == 0)
        workspace, most = map(int, re.findall(rb"\d+", out.splitlines()[-1]))
        self.assertLess(most, workspace)

    def test_hostile_streams(self):
        def check(path):
            i = CASES.index(path) % 4
            data = path.read_bytes()
            if i == 3:
                self.survives(run_socket(packets_of(data, 5)), path)
            else:
                self.survives(run(("push_adapter", "slice", "decoder")[i], data), path)

        self.each(check, CASES)

    def test_hostile_connections(self):
        code, _, err = run("parked", b"", *CASES)
        self.expect((code, b"", err), 0, b"", b"")

    def test_hostile_messages(self):
        def check(path):
            self.survives(run("websocket", frames(messages_of(path), True, path.name), "server"), path)

        self.each(check, CASES_WS)

    def test_white_space_without_end(self):
        """Before a header and after the close white space has no limit: it must not fill a router's buffer."""
        space = b" " * 1000000
        header = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        stanza = b"<a xmlns='urn:example'/>"
        data = space + header + space + stanza + space + b"</stream:stream>" + space
        self.expect(run("slice", data), 0, stanza, b"")

    def test_numbers_of_the_readme(self):
        rows = run("workspace", b"")[1]
        table = re.search(rb"<!-- numbers.*?\n\|---[-|]*\n(.*?)<!-- end -->", README.read_bytes(), re.S)[1]
        self.assertEqual(table, rows, "`make workspace-numbers` writes these rows, of a 64-bit machine")

    def test_program_of_the_readme(self):
        """It is compiled as the page says, and prints what the page says, for what the page sends it."""
        page = README.read_text()
        source = re.search(r"```c\n(.*?)```", page, re.S)[1]
        sent = "".join(re.findall(r'"(<.*?>)"', re.search(r"printf '%s' .*?nc -l", page, re.S)[0]))
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "first"
            program.with_suffix(".c").write_text(source)
            decoder = sorted((ROOT / "parser/decoder").glob("*.c"))
            subprocess.run(["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'parser'}", f"{program}.c",
                            *decoder, "-o", program], check=True)
            for reply, status, word in ((sent, 0, b"closed"), (sent.replace("</body", "</bodi"), 1, b"does not match")):
                with socket.create_server(("127.0.0.1", 0)) as server:
                    child = subprocess.Popen([program, "127.0.0.1", str(server.getsockname()[1]), "example.org"],
                                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    connection, _ = server.accept()
                    with connection:
                        connection.sendall(reply.encode())
                        connection.shutdown(socket.SHUT_WR)
                        asked = b"".join(iter(lambda: connection.recv(4096), b""))
                    out, err = child.communicate()
                self.assertEqual(child.returncode, status)
                self.assertIn(word, err)
                self.assertEqual(out.split()[:4], [b"stream", b"7", b"message", b"body"])
                self.assertIn(b"to='example.org'>", asked)
                self.assertEqual(b"not-well-formed" in asked, status == 1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        programs = Path(sys.argv.pop(1)).resolve()
    unittest.main()
