# SPDX-License-Identifier: MIT
"""Scenarios of clients driven by hand."""

import asyncio
import contextlib

from handdriven import HEADER, SASL, Style, Wire, base64_of
from registry import scenario
from server import HOST, PASSWORD

STREAMS = "http://etherx.jabber.org/streams"


async def wire(stage, shows, role="", style=Style(), **options):
    relay = await stage.relay(role, client="by hand", shows=shows, **options)
    return await Wire(style, stage.server.host).connect(relay.port)


async def small_talk(client, user="juliet"):
    """Presence, roster, a message to oneself, close."""
    client.send("<presence><show>chat</show><priority>1</priority></presence>")
    await client.until("<presence[^>]*from=.*?</presence>")
    client.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
    await client.until("id=.roster.")
    client.send(f"<message to='{user}@{client.host}/balcony' type='chat' id='m1' xml:lang='en'><subject/>"
                "<body>Art thou not Romeo &amp; a Montague? &lt;3 &quot;Neither&quot;, &#xE9;&#233; &#x1F339;</body>"
                "<active xmlns='http://jabber.org/protocol/chatstates'/></message>")
    await client.until("<body>.*?</message>")
    await client.close()


@scenario()
async def plain(stage):
    client = await wire(stage, "the least: PLAIN, bind, presence, roster, message")
    await client.login("juliet")
    await small_talk(client)


@scenario()
async def scram_sha_1(stage):
    client = await wire(stage, "SCRAM-SHA-1")
    await client.login("juliet", "SHA-1")
    await small_talk(client)


@scenario()
async def scram_sha_256(stage):
    client = await wire(stage, "SCRAM-SHA-256")
    await client.login("juliet", "SHA-256")
    await small_talk(client)


@scenario()
async def wrong_password(stage):
    client = await wire(stage, "failures of SASL: wrong password, unknown mechanism, bad base64, abort")
    await client.header()
    await client.plain("juliet", "guessed")
    await client.until("</failure>")
    await client.scram("juliet", "SHA-256", "guessed")
    await client.until("</failure>")
    for xml in (f"<auth xmlns='{SASL}' mechanism='KERBEROS_V4'/>",
                f"<auth xmlns='{SASL}' mechanism='PLAIN'>?</auth>"):
        client.send(xml)
        await client.until("</failure>")
    client.send(f"<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'>{base64_of('n,,n=juliet,r=made-up')}</auth>")
    await client.until("</challenge>")
    client.send(f"<abort xmlns='{SASL}'/>")
    await client.until("</failure>")
    await client.close()


@scenario()
async def shape_gloox(stage):
    style = Style(f"<?xml version='1.0' ?><stream:stream to='{{to}}' xmlns='jabber:client' xmlns:stream='{STREAMS}' "
                  " xml:lang='en' version='1.0'>")
    client = await wire(stage, "header as gloox writes it: white space before `?>`, two spaces", style=style)
    await client.login("juliet", "SHA-1")
    await small_talk(client)


@scenario()
async def shape_newlines(stage):
    style = Style(f"<?xml version='1.0'?>\n<stream:stream to='{{to}}' xmlns='jabber:client'\n"
                  f" xmlns:stream='{STREAMS}' version='1.0'>\n", after="\n", close="</stream:stream>\n")
    client = await wire(stage, "a line feed after every element: white space before the second declaration",
                        style=style)
    await client.login("juliet")
    await small_talk(client)


@scenario()
async def shape_double_quotes(stage):
    style = Style(HEADER.replace("'", '"').replace("<?xml version=\"1.0\"?>", '<?xml version="1.0" encoding="UTF-8"?>'),
                  quote='"', empty=" />")
    client = await wire(stage, "double quotes, ` />`, declaration with encoding", style=style)
    await client.login("juliet", "SHA-256")
    await small_talk(client)


@scenario()
async def shape_no_empty_tags(stage):
    style = Style(HEADER.partition("?>")[2].replace(" version", " xml:lang='de' version"), empty="")
    client = await wire(stage, "no declaration, no empty-element tags", style=style)
    await client.login("juliet")
    await small_talk(client)


@scenario()
async def shape_wide(stage):
    style = Style("<?xml\tversion = '1.0'\n encoding='utf-8' ?>\r\n<stream:stream\n\tversion=\"1.0\"\r\n\t"
                  f"xmlns =\n'jabber:client'\n\txmlns:stream=\n\"{STREAMS}\"\n\tto='{{to}}'\n>\n  ",
                  empty="\n/>", after="\r\n  ", close="</stream:stream\n>\r\n")
    client = await wire(stage, "white space wherever the grammar has it, CR LF, both quotes in one tag", style=style)
    await client.login("juliet", "SHA-1")
    client.raw("<message\tto=\"juliet@capulet.example/balcony\"\n  type = 'chat'\r\n  id='\"one\"'  >"
               "<body\n>two\r\nlines\rthree</body\n></message\t>")
    await client.until("<body>.*?</message>")
    await client.close()


@scenario()
async def shape_unprefixed_header(stage):
    style = Style(f"<?xml version='1.0'?><stream to='{{to}}' version='1.0' xmlns='{STREAMS}'>", close="</stream>",
                  namespace="jabber:client")
    client = await wire(stage, "header without prefix (RFC 6120 4.8.2): first-level elements declare jabber:client",
                        style=style)
    await client.login("juliet", "SHA-1")
    await small_talk(client)


@scenario()
async def shape_foreign_prefixes(stage):
    client = await wire(stage, "prefixes declared and declared anew inside stanzas, prefixed attributes")
    await client.login("juliet")
    client.raw("<message to='juliet@capulet.example/balcony' id='p1'><a:x xmlns:a='urn:example:a' a:b='1' b='2'>"
               "<a:x xmlns:a='urn:example:b' xmlns:b='urn:example:a' a:b='3' b:b='4'><y xmlns=''/><b:y/></a:x>"
               "<x xmlns='urn:example:a' xml:lang='' xml:space='preserve'> <z xmlns='urn:example:c'/> </x></a:x>"
               "<body xml:lang='it'>ecco</body></message>")
    await client.until("</message>")
    await client.close()


@scenario()
async def shape_deep(stage):
    client = await wire(stage, "80 levels, 60 attributes, 25 declarations in scope, a long name and value, long text")
    await client.login("juliet")
    levels = range(80)
    for payload in (
            "<deep xmlns='urn:example:deep'>" + "".join(f"<l{n}>" for n in levels) + "bottom"
            + "".join(f"</l{n}>" for n in reversed(levels)) + "</deep>",
            "<wide xmlns='urn:example:wide' " + " ".join(f"a{n}='{n}'" for n in range(60)) + "/>",
            "".join(f"<p{n}:s xmlns:p{n}='urn:example:{n}'>" for n in range(25))
            + "".join(f"</p{n}:s>" for n in reversed(range(25))),
            f"<long xmlns='urn:example:{'long:' * 80}' {'n' * 300}='{'v &amp; ' * 500}'/>",
            f"<body>{'Здравствуй, ' * 2800}</body>"):
        client.raw(f"<message to='juliet@{HOST}/balcony' type='chat'>{payload}</message>")
        await client.until("</message>")
    await client.close()


@scenario()
async def cdata(stage):
    client = await wire(stage, "CDATA sections beside text and references")
    await client.login("juliet")
    client.raw("<message to='juliet@capulet.example/balcony' id='c1'><body>a<![CDATA[<b>&amp;]]]]><![CDATA[></b>]]>c"
               "<![CDATA[]]></body></message>")
    await client.until("</message>")
    client.raw("<message to='juliet@capulet.example/balcony' id='c2'><body><![CDATA[été ]] ] > 🌹\n]]></body></message>")
    await client.until("</message>")
    await client.close()


@scenario()
async def keepalive(stage):
    client = await wire(stage, "white space between stanzas: keepalives of several clients")
    await client.login("juliet")
    for count, space in enumerate((" ", "\n", "\r\n", "\t \n", " " * 40)):
        client.raw(space)
        client.send(f"<iq type='get' id='ping{count}' to='{HOST}'><ping xmlns='urn:xmpp:ping'/></iq>")
        await client.until(f"id=.ping{count}.")
        client.raw(space)
    await client.close()


@scenario()
async def legacy_auth(stage):
    style = Style(HEADER.replace(" version='1.0'>", ">"))
    client = await wire(stage, "a stream without version, XEP-0078 authentication, no restart", style=style)
    client.raw(style.header.format(to=HOST))
    await client.until("<stream:stream[^>]*>")
    client.send("<iq type='get' id='a1'><query xmlns='jabber:iq:auth'><username>juliet</username></query></iq>")
    await client.until("</iq>")
    client.send("<iq type='set' id='a2'><query xmlns='jabber:iq:auth'><username>juliet</username>"
                f"<password>{PASSWORD}</password><resource>balcony</resource></query></iq>")
    await client.until("id=.a2.")
    await small_talk(client)


@scenario()
async def registration(stage):
    client = await wire(stage, "in-band registration (XEP-0077), change of password, cancelled account")
    await client.header()
    client.send("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>")
    await client.until("</iq>")
    client.send("<iq type='set' id='r2'><query xmlns='jabber:iq:register'><username>rosaline</username>"
                "<password>made-up</password></query></iq>")
    await client.until("id=.r2.")
    await client.plain("rosaline", "made-up")
    await client.header()
    await client.bind()
    client.send(f"<iq type='set' id='r3' to='{HOST}'><query xmlns='jabber:iq:register'><username>rosaline</username>"
                "<password>made-up-2</password></query></iq>")
    await client.until("id=.r3.")
    client.send("<iq type='set' id='r4'><query xmlns='jabber:iq:register'><remove/></query></iq>")
    await client.until("</stream:stream>")
    await client.close()


def sasl2(mechanism, response):
    return (f"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'><initial-response>{base64_of(response)}"
            "</initial-response><user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>by hand</software>"
            "<device>Juliet's</device></user-agent><bind xmlns='urn:xmpp:bind:0'><tag>by hand</tag>"
            "<enable xmlns='urn:xmpp:carbons:2'/></bind></authenticate>")


@scenario()
async def sasl2_bind2(stage):
    server = await stage.serve(modules=("sasl2", "sasl2_bind2"))
    client = await wire(stage, "SASL 2 with Bind 2 (XEP-0388, XEP-0386): one stream without restart", server=server)
    await client.header()
    client.send(sasl2("PLAIN", f"\0juliet\0{PASSWORD}"))
    await client.until("</stream:features>")
    client.send("<presence/>")
    await client.until("<presence[^>]*from=[^>]*>")
    await client.close()


@scenario()
async def sasl2_failure(stage):
    server = await stage.serve(modules=("sasl2", "sasl2_bind2"))
    client = await wire(stage, "SASL 2 with a wrong password", server=server)
    await client.header()
    client.send(sasl2("PLAIN", "\0juliet\0guessed"))
    await client.until("</failure>")
    await client.close()


@scenario()
async def component_by_hand(stage):
    header = (f"<?xml version='1.0'?><stream:stream to='echo.{HOST}' xmlns='jabber:component:accept'"
              f" xmlns:stream='{STREAMS}'>")
    client = await wire(stage, "a component with a wrong secret: not-authorized", role="refused", port="component")
    client.raw(header)
    await client.until("<stream:stream[^>]*>")
    client.send("<handshake>0000000000000000000000000000000000000000</handshake>")
    await client.until("</stream:error>")
    await client.close()


@scenario()
async def killed(stage):
    client = await wire(stage, "a connection that breaks off inside a stanza")
    await client.login("juliet")
    client.raw("<message to='romeo@capulet.example'><body>What's in a na")
    client.kill()


ERRORS = {
    # role: (what is shown, header, what is sent after it); a server may also not mind
    "host-unknown": ("a host that is not served", HEADER.replace("{to}", "verona.example"), ""),
    "stream-namespace": ("a root in another namespace", HEADER.replace("etherx", "example"), ""),
    "root": ("a root that is no stream", HEADER.replace("<stream:stream", "<stream:flow"), ""),
    "mismatch": ("tags that do not match", HEADER, "<iq type='get' id='x'><ping xmlns='urn:xmpp:ping'></iq>"),
    "comment": ("a comment", HEADER, "<!-- wherefore -->"),
    "processing-instruction": ("a processing instruction", HEADER, "<?art thou?>"),
    "entity": ("an entity that is not predefined", HEADER, "<message><body>&eacute;</body></message>"),
    "unbound-prefix": ("a prefix without declaration", HEADER, "<p:message/>"),
    "too-large": ("a stanza above the limit of the unauthenticated", HEADER, "<message><body>" + "but soft " * 1300),
    "unknown-element": ("a first-level element that is unknown", HEADER, "<wherefore xmlns='urn:example:art'/>"),
}


@scenario()
async def error(stage):
    for role, (shows, header, sent) in ERRORS.items():
        client = await wire(stage, "what a strict server refuses: " + shows, role=role, refused=True)
        client.raw(header.format(to=HOST) + sent + client.style.close)
        await client.end()


@scenario()
async def error_shutdown(stage):
    client = await wire(stage, "the server is shut down: a stream error, where it gets out in time")
    await client.login("juliet")
    stopping = asyncio.create_task(stage.server.stop())
    with contextlib.suppress(ConnectionError):  # Prosody may close before it has written
        await client.until("</stream:error>")
    await client.close()
    await stopping


@scenario()
async def error_acknowledged_too_much(stage):
    client = await wire(stage, "stream error of the server: more acknowledged than was sent (XEP-0198)")
    await client.login("juliet")
    client.send("<enable xmlns='urn:xmpp:sm:3'/>")
    await client.until("<enabled[^>]*>")
    client.send("<a xmlns='urn:xmpp:sm:3' h='1000'/>")
    await client.until("</stream:stream>")
    await client.close()


@scenario()
async def stranger(stage):
    client = await wire(stage, "stanzas before authentication, answered with stanza errors")
    await client.header()
    for xml in (f"<message to='romeo@{HOST}' id='u1'><body>soft</body></message>",
                "<iq type='get' id='u2'><query xmlns='jabber:iq:roster'/></iq>"):
        client.send(xml)
        await client.until("</error></(message|iq)>")
    await client.close()


@scenario()
async def smacks_by_hand(stage):
    first = await wire(stage, "stream management by hand, killed and resumed: no closing tag, then one")
    relay_port = first.writer.get_extra_info("peername")[1]
    await first.login("juliet", "SHA-1")
    first.send("<enable xmlns='urn:xmpp:sm:3' resume='true' max='60'/>")
    token = (await first.until("<enabled[^>]* id='([^']*)'"))[1].decode()
    first.send("<presence/>")
    await first.until("<presence[^>]*from=[^>]*>")
    first.send(f"<message to='juliet@{HOST}/balcony' id='s1'><body>kept for later</body></message>")
    await first.until("<body>")
    first.send("<r xmlns='urn:xmpp:sm:3'/>")
    await first.until("<a [^>]*>")
    first.kill()
    second = await Wire().connect(relay_port)
    await second.header()
    await second.scram("juliet", "SHA-1")
    await second.header()
    second.send(f"<resume xmlns='urn:xmpp:sm:3' previd='{token}' h='0'/>")
    await second.until("<resumed.*?<message.*?</message>")
    second.send("<a xmlns='urn:xmpp:sm:3' h='2'/>")
    second.send("<resume xmlns='urn:xmpp:sm:3' previd='another' h='0'/>")
    await second.until("<failed.*?</failed>")
    await second.close()
