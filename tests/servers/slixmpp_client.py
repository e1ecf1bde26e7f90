#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""slixmpp_client.py JID HOST PORT CA TEXT: logs in by STARTTLS, sends itself TEXT, and waits for it."""

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

    async def get_dns_records(self, domain, port=None):
        return []  # no question leaves this machine; the address is known


async def main(jid, host, port, authority, text):
    client = Client(jid, authority)
    client.connect((host, int(port)))
    await client.wait_until("session_start", DEADLINE)
    tls = client.transport.get_extra_info("ssl_object")
    print("TLS", tls.version(), "mechanism", client["feature_mechanisms"].mech.name, "bound", client.boundjid)
    client.send_message(mto=client.boundjid, mbody=text, mtype="chat")
    message = await asyncio.wait_for(client.inbox.get(), DEADLINE)
    ended = asyncio.ensure_future(client.wait_until("disconnected", DEADLINE))
    await client.disconnect()
    await ended
    return 0 if message["body"] == text else 1


if __name__ == "__main__":
    sys.exit(asyncio.get_event_loop().run_until_complete(main(*sys.argv[1:])))
