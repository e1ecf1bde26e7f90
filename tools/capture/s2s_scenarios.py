# SPDX-License-Identifier: MIT
"""Scenarios between servers (jabber:server, dialback as in XEP-0220), with a name server of their own."""

import asyncio

import dns.rdatatype
import dns.message
import dns.rcode
import dns.rrset

from handdriven import HEADER, Style, Wire
from registry import scenario
from server import HOST, LOOPBACK
from slixmpp_scenarios import LINES, Player

OTHER = "montague.example"
S2S_HEADER = HEADER.replace("jabber:client'", "jabber:server' xmlns:db='jabber:server:dialback' from='verona.example'")


class NameServer(asyncio.DatagramProtocol):
    """Knows the addresses and XMPP services it was told of, and that nothing else exists."""

    def __init__(self):
        self.ports, self.transport = {}, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        host = name.removeprefix("_xmpp-server._tcp.")
        response = dns.message.make_response(query, recursion_available=True)
        record = {("A", host): LOOPBACK,
                  ("SRV", "_xmpp-server._tcp." + host): f"0 0 {self.ports.get(host)} {host}."}.get(
                      (dns.rdatatype.to_text(question.rdtype), name))
        if host not in self.ports:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif record:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, record))
        self.transport.sendto(response.to_wire(), address)


async def name_server():
    transport, names = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, (LOOPBACK, 0))
    return names, {
        "modules": ("dialback",), "disabled": ("tls",),
        "extra": f'unbound = {{ hoststxt = false, resolvconf = false,'
                 f' forward = {{ "{LOOPBACK}@{transport.get_extra_info("sockname")[1]}" }} }}\nuse_ipv6 = false'}


@scenario()
async def s2s(stage):
    shows = "two servers that verify each other by dialback, and stanzas between them"
    names, options = await name_server()
    capulet = await stage.serve(**options)
    montague = await stage.serve(host=OTHER, users=("romeo",), **options)
    for server, role in ((capulet, "to-capulet"), (montague, "to-montague")):
        relay = await stage.relay(role, client=stage.client("prosody"), shows=shows, port="s2s", server=server)
        names.ports[server.host] = relay.port
    juliet, romeo = Player("juliet", "stage"), Player("romeo", "stage", host=OTHER)
    for player, server in ((juliet, capulet), (romeo, montague)):
        await player.enter(await stage.relay(server.host.partition(".")[0], client=stage.client("python3-slixmpp"),
                                             shows="a user of one of two servers", server=server))
    for line in LINES.values():
        juliet.send_message(mto=romeo.boundjid, mbody=line, mtype="chat")
        await romeo.message(lambda m: m["body"])
        romeo.send_message(mto=juliet.boundjid, mbody=line, mtype="chat")
        await juliet.message(lambda m: m["body"])
    juliet.send_presence(pto=romeo.boundjid, pshow="dnd")
    juliet.send_message(mto="paris@verona.example", mbody="no such place", mtype="chat")
    await juliet.message(lambda m: m["type"] == "error")
    await romeo.leave()
    await juliet.leave()
    await montague.stop()


@scenario()
async def s2s_by_hand(stage):
    names, options = await name_server()
    server = await stage.serve(**options)

    async def dial(role, shows, header):
        relay = await stage.relay(role, client="by hand", shows=shows, port="s2s", server=server)
        client = await Wire(Style(header), HOST).connect(relay.port)
        client.raw(header.format(to=HOST))
        return client

    client = await dial("refused", "jabber:server: dialback for a domain that is not served, stream error", S2S_HEADER)
    await client.until("</stream:features>")
    client.send("<db:result from='verona.example' to='mantua.example'>made-up-key</db:result>")
    await client.until("</stream:error>")
    await client.close()
    client = await dial("verify", "jabber:server without version: an authoritative server is asked for a key",
                        S2S_HEADER.replace(" version='1.0'>", ">"))
    await client.until("<stream:stream[^>]*>")
    client.send(f"<db:verify from='verona.example' to='{HOST}' id='made-up'>made-up-key</db:verify>")
    await client.until("<db:verify[^>]*type=[^>]*>")
    await client.close()
    client = await dial("host-unknown", "jabber:server: stream error of the server: a host that is not served",
                        S2S_HEADER.replace("{to}", "mantua.example"))
    await client.until("</stream:error>")
    await client.close()
