# SPDX-License-Identifier: MIT
"""Scenarios of slixmpp."""

import asyncio
import base64
import contextlib
import io
import random

import slixmpp
from slixmpp.xmlstream import ET

from registry import scenario
from server import HOST, LOOPBACK, PASSWORD

WAIT = 10  # seconds for an answer

LINES = {
    "it": "O Romeo, Romeo! Perché sei tu Romeo?",
    "el": "Ὦ Ῥωμαῖε, Ῥωμαῖε· διὰ τί εἶ Ῥωμαῖος;",
    "ru": "О Ромео, Ромео, о зачем же ты Ромео!",
    "he": "הו רומאו, רומאו! מדוע אתה רומאו?",
    "ar": "روميو، روميو! لماذا أنت روميو؟",
    "hi": "रोमियो, रोमियो! तुम रोमियो क्यों हो?",
    "th": "โรมิโอ โรมิโอ เหตุใดเธอจึงเป็นโรมิโอ",
    "zh": "羅密歐，羅密歐！為什麼你偏偏是羅密歐呢？",
    "ja": "おおロミオ、ロミオ。どうしてあなたはロミオなの？",
    "ko": "오 로미오, 로미오! 왜 당신은 로미오인가요?",
    "am": "ሮሚዮ፣ ሮሚዮ! ለምን ሮሚዮ ሆንክ?",
    "x-marks": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334 a\u0301e\u0308\u0323 \u1100\u1161\u11a8",
    "x-emoji": "🌹🗡️ 👩‍❤️‍💋‍👨 🏳️‍🌈 🇮🇹 👍🏽 1️⃣ \U0001f9d1\U0001f3ff\u200d\U0001f91d\u200d\U0001f9d1\U0001f3fb",
    "x-bidi": "\u202bשלום\u202c \u2067abc\u2069 \u200f\u200e",
    "x-edge": "\u00a0\u0085\u2028\ufeff\ufffd\ud7ff\ue000\U00010000\U0010fffd\U000e0001 <&>\"' ]]> \t\n.",
}


class Player(slixmpp.ClientXMPP):
    """A client that keeps the stanzas that came, so that a scenario can wait for the one it expects."""

    def __init__(self, user, resource, plugins=(), mechanism=None, host=HOST):
        super().__init__(f"{user}@{host}/{resource}", PASSWORD, sasl_mech=mechanism)
        self["feature_mechanisms"].unencrypted_plain = True
        self.inbox = asyncio.Queue()
        for plugin in plugins:
            self.register_plugin(plugin)
        for event in ("message", "groupchat_message", "message_error"):
            self.add_event_handler(event, self.inbox.put_nowait)

    async def get_dns_records(self, domain, port=None):
        return []  # no question leaves this machine; the address is known

    def dial_in_clear(self, relay):
        self.connect((LOOPBACK, relay.port), disable_starttls=True, force_starttls=False)

    async def enter(self, relay):
        self.dial_in_clear(relay)
        await self.wait_until("session_start", WAIT)
        self.send_presence(pstatus="ready")
        await self.get_roster()
        return self

    async def message(self, holds):
        """The next message of which `holds` is true."""
        while True:
            message = await asyncio.wait_for(self.inbox.get(), WAIT)
            if holds(message):
                return message

    async def leave(self):
        """Closes, when all that came has been answered."""
        ping = self.make_iq_get(ito=self.boundjid.host)
        ping.append(ET.Element("{urn:xmpp:ping}ping"))
        await ping.send()
        await self.disconnect()


async def player(stage, user, shows, role=None, resource="stage", plugins=(), mechanism=None):
    relay = await stage.relay(user if role is None else role, client=stage.client("python3-slixmpp"), shows=shows)
    return await Player(user, resource, plugins, mechanism).enter(relay)


def picture(size):
    """Bytes that look like nothing, the same in each run."""
    return b"\x89PNG\r\n\x1a\n" + random.Random(size).randbytes(size)


@scenario()
async def slixmpp_chat(stage):
    shows = "chat in many scripts: combining marks, emoji, right to left, the edges of Unicode"
    juliet = await player(stage, "juliet", shows, plugins=("xep_0085", "xep_0184", "xep_0308"))
    romeo = await player(stage, "romeo", shows, plugins=("xep_0085", "xep_0184"))
    for language, line in LINES.items():
        message = juliet.make_message(mto=romeo.boundjid, mbody=line, mtype="chat", msubject=line[:12])
        message["lang"], message["chat_state"], message["request_receipt"] = language, "active", True
        message.send()
        heard = await romeo.message(lambda m: m["body"])
        heard.reply(line).send()
        await juliet.message(lambda m: m["body"])
    romeo.send_presence(pshow="away", pstatus=LINES["ja"])
    correction = juliet.make_message(mto=romeo.boundjid, mbody="a rose 🌹", mtype="chat")
    correction["replace"]["id"] = "made-up"
    correction.send()
    await romeo.message(lambda m: m["body"] == "a rose 🌹")
    await romeo.leave()
    await juliet.leave()


@scenario()
async def slixmpp_plain(stage):
    juliet = await player(stage, "juliet", "slixmpp with PLAIN", role="", mechanism="PLAIN")
    await juliet.leave()


@scenario()
async def slixmpp_scram_sha_256(stage):
    juliet = await player(stage, "juliet", "slixmpp with SCRAM-SHA-256", role="", mechanism="SCRAM-SHA-256")
    await juliet.leave()


@scenario()
async def slixmpp_wrong_password(stage):
    relay = await stage.relay(client=stage.client("python3-slixmpp"), shows="every mechanism is tried in vain")
    juliet = Player("juliet", "stage")
    juliet.credentials["password"] = "guessed"
    juliet.dial_in_clear(relay)
    await juliet.wait_until("disconnected", WAIT)


@scenario()
async def roster_large(stage):
    shows = "a roster of 200 contacts: pushes one by one, then all at once"
    juliet = await player(stage, "juliet", shows, role="")
    families = "Capulet", "Montague", "Escalus & Söhne", "<Friars>", "кормилица"
    for number in range(200):
        iq = juliet.make_iq_set()
        iq["roster"]["items"] = {f"guest{number}@verona.example": {
            "name": f"Guest “{number}” {random.Random(number).choice(list(LINES.values()))[:9]}",
            "subscription": "none", "groups": families[number % 5:][:2]}}
        await iq.send()
    await juliet.leave()
    juliet = await player(stage, "juliet", shows, role="again")
    assert len(juliet.client_roster) >= 200
    await juliet.leave()


@scenario()
async def avatar(stage):
    shows = "avatars of tens of kB in base64, in vCard and PEP (XEP-0054, -0084, -0153), told to a contact"
    plugins = "xep_0054", "xep_0060", "xep_0084", "xep_0153", "xep_0163", "xep_0115"
    romeo = Player("romeo", "stage", (*plugins, "xep_0030"))
    romeo["xep_0163"].add_interest("urn:xmpp:avatar:metadata")
    published = asyncio.Queue()
    romeo.add_event_handler("avatar_metadata_publish", published.put_nowait)
    juliet = await player(stage, "juliet", shows, plugins=plugins)
    await romeo.enter(await stage.relay("romeo", client=stage.client("python3-slixmpp"), shows=shows))
    for one, other in ((juliet, romeo), (romeo, juliet)):
        one.send_presence_subscription(pto=other.boundjid.bare)
    image = picture(45000)
    await juliet["xep_0153"].set_avatar(avatar=picture(20000), mtype="image/png")
    await juliet["xep_0084"].publish_avatar(image)
    identifier = juliet["xep_0084"].generate_id(image)
    await juliet["xep_0084"].publish_avatar_metadata([{"id": identifier, "type": "image/png", "bytes": len(image),
                                                       "width": "96", "height": "96"}])
    while True:  # the server may have learnt only now what this contact wants to be told
        romeo.send_presence()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(published.get(), 1)
            break
    await romeo["xep_0084"].retrieve_avatar(juliet.boundjid.bare, identifier)
    await romeo["xep_0054"].get_vcard(juliet.boundjid.bare)
    await romeo.leave()
    await juliet.leave()


@scenario()
async def muc(stage):
    shows = "a room: form of configuration, presence, talk, subject, affiliation, kick, history"
    room = f"balcony@rooms.{HOST}"
    players = {}
    for user in ("juliet", "romeo", "nurse"):
        each = players[user] = await player(stage, user, shows, plugins=("xep_0045", "xep_0030"))
        with contextlib.redirect_stdout(io.StringIO()):  # slixmpp 1.8.3 prints what it finds in the history
            await each["xep_0045"].join_muc_wait(room, f"{user} ♥", timeout=WAIT, maxstanzas=20)
        if user == "juliet":
            form = await each["xep_0045"].get_room_config(room)
            form.set_values({**form.get_values(), "muc#roomconfig_roomname": "Capulet’s orchard",
                             "muc#roomconfig_persistentroom": True})
            form["type"] = "submit"
            await each["xep_0045"].set_room_config(room, form)
        for line in list(LINES.values())[:4]:
            each.send_message(mto=room, mbody=line, mtype="groupchat")
            await each.message(lambda m, line=line: m["body"] == line)
    juliet, romeo, nurse = players.values()
    changed = asyncio.ensure_future(nurse.wait_until("groupchat_subject", WAIT))
    juliet["xep_0045"].set_subject(room, "What’s in a name?")
    await changed
    await juliet["xep_0045"].set_affiliation(room, "member", jid=romeo.boundjid.bare)
    juliet.send_message(mto=f"{room}/nurse ♥", mbody="Nurse, away", mtype="chat")
    await nurse.message(lambda m: m["type"] == "chat")
    gone = asyncio.ensure_future(nurse.wait_until(f"muc::{room}::self-presence", WAIT))
    await juliet["xep_0045"].set_role(room, "nurse ♥", "none")
    await gone
    for each in players.values():
        await each.leave()


@scenario()
async def disco(stage):
    shows = "service discovery, commands, version, time, ping, private storage, unknown requests"
    juliet = await player(stage, "juliet", shows, role="", plugins=(
        "xep_0030", "xep_0050", "xep_0092", "xep_0199", "xep_0202", "xep_0049", "xep_0191", "xep_0012"))
    items = await juliet["xep_0030"].get_items(jid=HOST)
    for jid in (HOST, juliet.boundjid.bare, *(item[0] for item in items["disco_items"]["items"])):
        try:
            await juliet["xep_0030"].get_info(jid=jid)
            await juliet["xep_0030"].get_items(jid=jid, node="http://jabber.org/protocol/commands")
        except slixmpp.exceptions.IqError:
            pass  # an answer as good as another
    await juliet["xep_0092"].get_version(HOST)
    await juliet["xep_0199"].send_ping(HOST)
    await juliet["xep_0191"].block(["tybalt@capulet.example", "paris.example"])
    await juliet["xep_0191"].get_blocked()
    for xml in ("<query xmlns='jabber:iq:last'/>", "<time xmlns='urn:xmpp:time'/>",
                "<q:query xmlns:q='urn:example:q'/>"):
        iq = juliet.make_iq_get(ito=HOST)
        iq.append(ET.fromstring(xml))
        try:
            await iq.send()
        except slixmpp.exceptions.IqError:
            pass
    await juliet.leave()


@scenario()
async def commands(stage):
    shows = "commands of an administrator (XEP-0050, XEP-0133): data forms asked for and cancelled"
    juliet = await player(stage, "juliet", shows, role="", plugins=("xep_0050",))
    listed = await juliet["xep_0050"].get_commands(HOST)
    for _, node, _ in sorted(listed["disco_items"]["items"], key=str):
        answer = await juliet["xep_0050"].send_command(HOST, node)
        if answer["command"]["status"] == "executing":
            await juliet["xep_0050"].send_command(HOST, node, action="cancel", sessionid=answer["command"]["sessionid"])
    await juliet.leave()


@scenario()
async def offline(stage):
    shows = "messages kept while the receiver was away, with the time of each (XEP-0203)"
    juliet = await player(stage, "juliet", shows)
    for line in LINES.values():
        juliet.send_message(mto=f"nurse@{HOST}", mbody=line, mtype="chat")
    await juliet.leave()
    nurse = await player(stage, "nurse", shows)
    for line in LINES.values():
        await nurse.message(lambda m: m["body"])
    await nurse.leave()


@scenario()
async def smacks(stage):
    shows = "stream management: broken off twice and resumed; connections without closing tag"
    relay = await stage.relay("juliet", client=stage.client("python3-slixmpp"), shows=shows)
    juliet = Player("juliet", "stage", ("xep_0198",))
    await juliet.enter(relay)
    romeo = await player(stage, "romeo", shows, plugins=("xep_0198",))
    for turn in range(3):
        for line in LINES.values():
            romeo.send_message(mto=juliet.boundjid, mbody=f"{turn}: {line}", mtype="chat")
            await juliet.message(lambda m: m["body"])
            juliet.send_message(mto=romeo.boundjid, mbody=f"{turn}: {line}", mtype="chat")
            await romeo.message(lambda m: m["body"])
        if turn < 2:
            gone = asyncio.ensure_future(juliet.wait_until("disconnected", WAIT))
            juliet.abort()
            await gone
            romeo.send_message(mto=juliet.boundjid, mbody="while you were away", mtype="chat")
            juliet.dial_in_clear(relay)
            await juliet.wait_until("session_resumed", WAIT)
            await juliet.message(lambda m: m["body"] == "while you were away")
    await romeo.leave()
    await juliet.leave()


@scenario()
async def ibb(stage):
    shows = "in-band bytestream (XEP-0047): 40 kB of base64 in blocks"
    juliet = await player(stage, "juliet", shows, plugins=("xep_0047",))
    romeo = Player("romeo", "stage", ("xep_0047",))
    romeo["xep_0047"].auto_accept = True
    await romeo.enter(await stage.relay("romeo", client=stage.client("python3-slixmpp"), shows=shows))
    ended = asyncio.Queue()
    romeo.add_event_handler("ibb_stream_end", ended.put_nowait)
    stream = await juliet["xep_0047"].open_stream(romeo.boundjid, block_size=4096)
    await stream.sendall(picture(40000))
    await stream.close()
    await asyncio.wait_for(ended.get(), WAIT)
    await romeo.leave()
    await juliet.leave()


@scenario()
async def xhtml_im(stage):
    shows = "XHTML-IM (XEP-0071): nested markup, styles, an image in a data: URI"
    juliet = await player(stage, "juliet", shows, plugins=("xep_0071",))
    romeo = await player(stage, "romeo", shows, plugins=("xep_0071",))
    source = base64.b64encode(picture(900)).decode()
    for line in LINES.values():
        message = juliet.make_message(mto=romeo.boundjid, mbody="O Romeo", mtype="chat")
        text = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        message["html"]["body"] = (
            '<p style="font-weight: bold; color: #a00">O <em>Romeo</em>,<br/><strong><span style="font-size: large">'
            f'{text}</span></strong></p><blockquote><ol><li>Deny '
            f'thy <a href="xmpp:romeo@{HOST}?message;body=a%20b&amp;c">father</a></li><li><ul><li><p> '
            f'<img alt="&quot;rose&quot;" src="data:image/png;base64,{source}"/> </p></li></ul></li></ol></blockquote>')
        message.send()
        await romeo.message(lambda m: m["body"])
    await romeo.leave()
    await juliet.leave()


@scenario()
async def conflict(stage):
    shows = "two clients with one resource: the first is closed with a stream error, conflict"
    first = await player(stage, "juliet", shows, role="first")
    gone = asyncio.ensure_future(first.wait_until("disconnected", WAIT))
    second = await player(stage, "juliet", shows, role="second")
    await gone
    await second.leave()


@scenario()
async def carbons_and_archive(stage):
    shows = "carbons and archive (XEP-0280, -0313): messages inside messages"
    desk = await player(stage, "juliet", shows, role="desk", resource="desk",
                        plugins=("xep_0280", "xep_0313", "xep_0059"))
    phone = await player(stage, "juliet", shows, role="phone", resource="phone", plugins=("xep_0280", "xep_0352"))
    romeo = await player(stage, "romeo", shows)
    for each in (desk, phone):
        await each["xep_0280"].enable()
    carbons = asyncio.Queue()
    phone.add_event_handler("carbon_sent", carbons.put_nowait)
    for line in LINES.values():
        desk.send_message(mto=romeo.boundjid, mbody=line, mtype="chat")
        await romeo.message(lambda m: m["body"])
        await asyncio.wait_for(carbons.get(), WAIT)
    count = 0
    async for _ in desk["xep_0313"].iterate(rsm={"max": 5}):
        count += 1
    assert count == len(LINES)
    for each in (romeo, phone, desk):
        await each.leave()


@scenario()
async def pubsub(stage):
    shows = "publish-subscribe (XEP-0060): nodes, forms, Atom entries, events"
    service, node = f"pubsub.{HOST}", "princely_musings"
    juliet = await player(stage, "juliet", shows, role="", plugins=("xep_0060", "xep_0004"))
    server_side = juliet["xep_0060"]
    await server_side.create_node(service, node)
    await server_side.get_node_config(service, node)
    await server_side.subscribe(service, node)
    for number, (language, line) in enumerate(LINES.items()):
        entry = ET.fromstring(
            "<entry xmlns='http://www.w3.org/2005/Atom' xmlns:t='http://purl.org/syndication/thread/1.0'>"
            f"<title type='text'/><link rel='alternate' href='https://capulet.example/{number}?a=1&amp;b=2'/>"
            f"<t:in-reply-to ref='tag:capulet.example,1595:{number}' t:kind='aside'/><content/></entry>")
        entry[0].text, entry[-1].text = language, line
        arrived = asyncio.ensure_future(juliet.wait_until("pubsub_publish", WAIT))
        await server_side.publish(service, node, id=str(number), payload=entry)
        await arrived
    await server_side.get_items(service, node)
    await server_side.purge(service, node)
    await server_side.delete_node(service, node)
    await juliet.leave()


@scenario()
async def starttls(stage):
    relay = await stage.relay(client=stage.client("python3-slixmpp"), tls="starttls",
                              shows="STARTTLS, and what is inside of TLS: three streams in one direction")
    juliet = Player("juliet", "stage")
    juliet.ca_certs = f"{stage.server.directory}/certs/{HOST}.crt"
    juliet.connect((LOOPBACK, relay.port))
    await juliet.wait_until("session_start", WAIT)
    await juliet.get_roster()
    await juliet.leave()
