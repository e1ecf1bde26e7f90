#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""slixmpp_client.py JID HOST PORT CA TEXT [direct]: logs in, sends itself TEXT, and waits for it."""

import asyncio
import os
import sys

import slixmpp

DEADLINE = 30


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, authority):
        super().__init__(jid, os.environ["WEIR_PASSWORD"])
        self.ca_certs = authority
        self.inbox = asyncio.Queue()
        self.add_event_handler("message", self.inbox.put_nowait)
        self.started = asyncio.Event()
        self.add_event_handler("session_start", lambda _: self.started.set())

    async def get_dns_records(self, domain, port=None):
        return []  # no question leaves this machine; the address is known


async def main(jid, host, port, authority, text, security="starttls"):
    client = Client(jid, authority)
    client.connect((host, int(port)), use_ssl=security == "direct")
    ended = asyncio.ensure_future(client.wait_until("disconnected", DEADLINE))
    started = asyncio.ensure_future(client.started.wait())
    await asyncio.wait((started, ended), timeout=DEADLINE, return_when=asyncio.FIRST_COMPLETED)
    if not started.done():
        return 1
    tls = client.transport.get_extra_info("ssl_object")
    print("TLS", tls.version(), "mechanism", client["feature_mechanisms"].mech.name, "bound", client.boundjid)
    client.send_message(mto=client.boundjid, mbody=text, mtype="chat")
    message = await asyncio.wait_for(client.inbox.get(), DEADLINE)
    await client.disconnect()
    await ended
    return 0 if message["body"] == text else 1


if __name__ == "__main__":
    sys.exit(asyncio.get_event_loop().run_until_complete(main(*sys.argv[1:])))
