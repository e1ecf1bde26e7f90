# SPDX-License-Identifier: MIT
"""Relays that stand between a client and a server, and record what passes, each direction by itself."""

import asyncio
import ssl

import websockets

from server import LOOPBACK


class Recording:
    """Both directions of one connection. `about` tells the table: client, server, shows."""

    def __init__(self, name, suffix, about):
        self.name, self.suffix, self.about = name, suffix, about
        self.c2s, self.s2c = bytearray(), bytearray()


class Relay:
    """Listens on a free port; connections after the first get a number.

    tls: None, bytes go through as they are; "direct", TLS of the client ends here, the server is spoken to in clear;
    "starttls", both sides change to TLS at <proceed/>, each with this relay, and what is recorded is the XML inside."""

    def __init__(self, name, port, about, tls=None, certificate=None):
        self.name, self.upstream, self.about, self.tls = name, port, about, tls
        self.recordings, self.connections = [], set()
        self.listener = self.port = None
        if tls:
            self.listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.listening.load_cert_chain(certificate + ".crt", certificate + ".key")
            self.connecting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.connecting.check_hostname, self.connecting.verify_mode = False, ssl.CERT_NONE

    suffix = "xml"

    def record(self):
        count = len(self.recordings) + 1
        recording = Recording(self.name if count == 1 else f"{self.name}-{count}", self.suffix, self.about)
        self.recordings.append(recording)
        return recording

    async def start(self):
        context = self.listening if self.tls == "direct" else None
        self.listener = await asyncio.start_server(self._serve, LOOPBACK, 0, ssl=context)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def stop(self):
        self.listener.close()
        if self.connections:
            await asyncio.wait(self.connections, timeout=5)
        for task in self.connections:
            task.cancel()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self.connections.add(task)
        task.add_done_callback(self.connections.discard)
        recording = self.record()
        server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self.upstream)
        try:
            await asyncio.gather(self._pump(reader, server_writer, recording.c2s),
                                 self._answer(server_reader, server_writer, writer, recording.s2c))
        finally:
            writer.close()
            server_writer.close()

    async def _answer(self, reader, server_writer, writer, record):
        if self.tls == "starttls":
            while data := await reader.read(65536):
                record += data
                if record.endswith(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"):
                    await server_writer.start_tls(self.connecting)
                    writer.write(data)
                    await writer.start_tls(self.listening)
                    break
                writer.write(data)
        await self._pump(reader, writer, record)

    @staticmethod
    async def _pump(reader, writer, record):
        try:
            while data := await reader.read(65536):
                record += data
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            else:
                writer.close()
        except OSError:  # one end broke off; the other direction ends by it
            writer.close()


class WebSocketRelay(Relay):
    """The same for RFC 7395; a recording is, for each message, a decimal length, a line feed, that many bytes."""

    suffix = "ws"

    async def start(self):
        self.listener = await websockets.serve(self._serve_websocket, LOOPBACK, 0, subprotocols=["xmpp"],
                                               compression=None, ping_interval=None)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def stop(self):
        self.listener.close()
        await self.listener.wait_closed()

    async def _serve_websocket(self, client, path):
        recording = self.record()
        # Prosody looks for the XMPP host in the Host header
        async with websockets.connect(f"ws://{client.request_headers['Host']}{path}", host=LOOPBACK,
                                      port=self.upstream, subprotocols=["xmpp"], compression=None,
                                      ping_interval=None) as server:
            await asyncio.gather(self._forward(client, server, recording.c2s),
                                 self._forward(server, client, recording.s2c))

    @staticmethod
    async def _forward(source, target, record):
        try:
            async for message in source:
                data = message.encode()
                record += b"%d\n" % len(data) + data
                await target.send(message)
        except websockets.ConnectionClosed:
            pass
        await target.close()
