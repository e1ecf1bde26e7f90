# SPDX-License-Identifier: MIT
"""Relays that stand between a client and a server, and record what passes, each direction by itself."""

import asyncio
import re
import socket
import ssl

import websockets

from server import LOOPBACK

TLS_NAMESPACE = b"urn:ietf:params:xml:ns:xmpp-tls"


class Recording:
    """Both directions of one connection. `about` tells the table: client, server, shows."""

    def __init__(self, name, suffix, about):
        self.name, self.suffix, self.about = name, suffix, about
        self.c2s, self.s2c = bytearray(), bytearray()


class Relay:
    """Listens on a free port; connections after the first get a number. `serve` says what is done with one."""

    suffix = "xml"

    def __init__(self, name, port, about):
        self.name, self.upstream, self.about = name, port, about
        self.recordings, self.changed = [], asyncio.Condition()
        self.port = None

    def record(self):
        count = len(self.recordings) + 1
        recording = Recording(self.name if count == 1 else f"{self.name}-{count}", self.suffix, self.about)
        self.recordings.append(recording)
        return recording

    async def add(self, recording, direction, data):
        getattr(recording, direction).extend(data)
        async with self.changed:
            self.changed.notify_all()

    async def saw(self, direction, pattern):
        """Waits until the pattern was in this direction of the latest connection."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: self.recordings and re.search(pattern, getattr(self.recordings[-1], direction)))


class End:
    """One end of a TCP connection. Sockets, not asyncio's streams: those give up reading what has come when writing
    fails, and clients that leave without waiting for an answer make it fail."""

    def __init__(self, sock):
        self.loop, self.sock, self.tls = asyncio.get_running_loop(), sock, None
        self.incoming, self.outgoing, self.flushing = ssl.MemoryBIO(), ssl.MemoryBIO(), asyncio.Lock()
        sock.setblocking(False)

    async def flush(self):
        async with self.flushing:
            await self.loop.sock_sendall(self.sock, self.outgoing.read())

    async def fill(self):
        data = await self.loop.sock_recv(self.sock, 65536)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    async def secure(self, context, server_side):
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server_side)
        while True:
            try:
                self.tls.do_handshake()
                return await self.flush()
            except ssl.SSLWantReadError:
                await self.flush()
                await self.fill()

    async def read(self):
        """Some bytes; none when the other side has ended, in whatever way."""
        try:
            if self.tls is None:
                return await self.loop.sock_recv(self.sock, 65536)
            while True:
                try:
                    return self.tls.read(65536)
                except ssl.SSLWantReadError:
                    await self.fill()
        except OSError:  # ssl.SSLError is one
            return b""

    async def write(self, data):
        """The other side may be gone; then it is lost, as it is on any wire."""
        try:
            if self.tls is None:
                await self.loop.sock_sendall(self.sock, data)
            else:
                self.tls.write(data)
                await self.flush()
        except OSError:
            pass

    async def end(self):
        """No more will be written."""
        try:
            if self.tls is not None:
                try:
                    self.tls.unwrap()
                except ssl.SSLWantReadError:
                    pass
                await self.flush()
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class TcpRelay(Relay):
    """tls: None, bytes go through as they are; "starttls", both sides change to TLS at <proceed/>, each with this
    relay, and what is recorded is the XML inside."""

    def __init__(self, name, port, about, tls=None, certificate=None):
        super().__init__(name, port, about)
        self.tls, self.tasks = tls, set()
        if tls:
            self.listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.listening.load_cert_chain(certificate + ".crt", certificate + ".key")
            self.connecting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.connecting.check_hostname, self.connecting.verify_mode = False, ssl.CERT_NONE

    async def start(self):
        self.listener = socket.create_server((LOOPBACK, 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.accepting = asyncio.create_task(self.accept())

    async def stop(self):
        self.accepting.cancel()
        self.listener.close()
        if self.tasks:
            _, late = await asyncio.wait(self.tasks, timeout=5)
            for task in late:
                task.cancel()

    async def accept(self):
        while True:
            sock, _ = await asyncio.get_running_loop().sock_accept(self.listener)
            task = asyncio.create_task(self.serve(sock, self.record()))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def serve(self, sock, recording):
        with sock, socket.create_connection((LOOPBACK, self.upstream)) as upstream:
            client, server, secured = End(sock), End(upstream), asyncio.Event()
            await asyncio.gather(self.upwards(client, server, recording, secured),
                                 self.downwards(client, server, recording, secured))

    async def upwards(self, client, server, recording, secured):
        while data := await client.read():
            await self.add(recording, "c2s", data)
            await server.write(data)
            if self.tls and not secured.is_set() and TLS_NAMESPACE in data:
                await secured.wait()
        await server.end()

    async def downwards(self, client, server, recording, secured):
        while data := await server.read():
            await self.add(recording, "s2c", data)
            await client.write(data)
            if self.tls and not secured.is_set() and b"<proceed" in data and TLS_NAMESPACE in data:
                await asyncio.gather(client.secure(self.listening, True), server.secure(self.connecting, False))
                secured.set()
        await client.end()


class WebSocketRelay(Relay):
    """The same for RFC 7395; a recording is, for each message, a decimal length, a line feed, that many bytes."""

    suffix = "ws"

    async def start(self):
        self.listener = await websockets.serve(self.serve, LOOPBACK, 0, subprotocols=["xmpp"], compression=None,
                                               ping_interval=None)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def stop(self):
        self.listener.close()
        await self.listener.wait_closed()

    async def serve(self, client, path):
        recording = self.record()
        # Prosody looks for the XMPP host in the Host header
        async with websockets.connect(f"ws://{client.request_headers['Host']}{path}", host=LOOPBACK,
                                      port=self.upstream, subprotocols=["xmpp"], compression=None,
                                      ping_interval=None) as server:
            await asyncio.gather(self.forward(client, server, recording, "c2s"),
                                 self.forward(server, client, recording, "s2c"))

    async def forward(self, source, target, recording, direction):
        try:
            async for message in source:
                data = message.encode()
                await self.add(recording, direction, b"%d\n" % len(data) + data)
                await target.send(message)
        except websockets.ConnectionClosed:
            pass
        await target.close()
