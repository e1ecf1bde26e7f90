# SPDX-License-Identifier: MIT
"""Scenarios of components (XEP-0114)."""

import slixmpp

from registry import scenario
from server import HOST, LOOPBACK, SECRET
from slixmpp_scenarios import LINES, WAIT, player


class Echo(slixmpp.ComponentXMPP):
    """A component that sends every message back."""

    def __init__(self, secret):
        super().__init__(f"echo.{HOST}", secret)
        self.add_event_handler("message", lambda message: message.reply(message["body"]).send())

    async def get_dns_records(self, domain, port=None):
        return []

    async def enter(self, relay):
        self.connect(LOOPBACK, relay.port)
        await self.wait_until("session_start", WAIT)
        return self


@scenario()
async def component(stage):
    shows = "jabber:component:accept, one stream without restart; a user writes to it"
    relay = await stage.relay("echo", client=stage.client("python3-slixmpp"), shows=shows, port="component")
    echo = await Echo(SECRET).enter(relay)
    juliet = await player(stage, "juliet", shows)
    for language, line in LINES.items():
        message = juliet.make_message(mto=f"{language}@echo.{HOST}/ø", mbody=line, mtype="chat")
        message["lang"] = language
        message.send()
        await juliet.message(lambda m: m["body"])
    await juliet.leave()
    await echo.disconnect()
