# SPDX-License-Identifier: MIT
"""Scenarios of the WebSocket framing (RFC 7395)."""

import asyncio

import websockets

from handdriven import Style, Wire
from raw_scenarios import small_talk
from registry import scenario
from server import HOST, LOOPBACK

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
STYLE = Style(f"<open xmlns='{FRAMING}' to='{{to}}' version='1.0'/>", f"<close xmlns='{FRAMING}'/>",
              namespace="jabber:client")


class WebSocketWire(Wire):
    """A wire whose every send is a message."""

    path = ""

    async def connect(self, port):
        self.socket = await websockets.connect(f"ws://{self.host}{self.path}", host=LOOPBACK, port=port,
                                               subprotocols=["xmpp"], compression=None, ping_interval=None)
        self.outbox = asyncio.Queue()
        self.sender = asyncio.create_task(self.send_each())
        return self

    async def send_each(self):
        while True:
            await self.socket.send(await self.outbox.get())

    def raw(self, data):
        self.outbox.put_nowait(data)

    async def receive(self):
        try:
            return (await self.socket.recv()).encode()
        except websockets.ConnectionClosed:
            return b""

    async def end(self):
        await super().until(f"<close [^>]*{FRAMING}")
        self.sender.cancel()
        await self.socket.close()

    def kill(self):
        self.sender.cancel()
        self.socket.transport.abort()


async def wire(stage, shows, style=STYLE):
    relay = await stage.relay(client="by hand", shows=shows, websocket=True)
    client = WebSocketWire(style, stage.server.host)
    client.path = stage.server.websocket_path
    return await client.connect(relay.port)


@scenario()
async def websocket_plain(stage):
    client = await wire(stage, "RFC 7395: open, PLAIN, open again, talk, close")
    await client.login("juliet")
    await small_talk(client)


@scenario()
async def websocket_scram(stage):
    style = Style(f'<open xmlns="{FRAMING}" to="{{to}}" version="1.0" xml:lang="en" />',
                  f'<close xmlns="{FRAMING}" />', quote='"', empty=" />", namespace="jabber:client")
    client = await wire(stage, "RFC 7395: double quotes, SCRAM-SHA-256, CDATA, larger messages", style)
    await client.login("juliet", "SHA-256")
    for body in ("<![CDATA[<b>&amp;</b>]]>", "ü" * 9000, "x<html xmlns='http://www.w3.org/1999/xhtml'/>"):
        client.send(f"<message to='juliet@{HOST}/balcony' type='chat'><body>{body}</body></message>")
        await client.until("</message>")
    await client.close()


@scenario()
async def websocket_declarations(stage):
    style = Style("<?xml version='1.0' encoding='UTF-8'?>\n" + STYLE.header, STYLE.close, namespace="jabber:client")
    client = await wire(stage, "RFC 7395: a declaration before `open`; white space after elements", style)
    await client.login("juliet")
    client.raw(f"<message xmlns='jabber:client'\n to='juliet@{HOST}/balcony'\n>\n<body>a\n</body>\n</message>\n")
    await client.until("</message>")
    await client.close()


@scenario()
async def websocket_error(stage):
    client = await wire(stage, "RFC 7395: a stream error and `close` of the server, for a host not served")
    client.host = "verona.example"
    client.raw(client.style.header.format(to=client.host))
    await client.until("</stream:error>")
    await client.end()


@scenario()
async def websocket_killed(stage):
    client = await wire(stage, "RFC 7395: stream management, then the connection is lost: no `close`")
    await client.login("juliet", "SHA-1")
    client.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    await client.until("<enabled")
    client.send("<r xmlns='urn:xmpp:sm:3'/>")
    await client.until("<a ")
    client.kill()
