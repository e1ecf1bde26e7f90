# SPDX-License-Identifier: MIT
"""Scenarios of clients that Debian packages, run as they are."""

import asyncio
import contextlib
import os
import pty

from registry import scenario
from server import HOST, LOOPBACK, PASSWORD, bound_to_us

ROMEO = f"romeo@{HOST}"
LINE = "art thou <not> Romeo & a Montague? 🌹"


def put(directory, path, text):
    """A file of configuration that nobody else may read; some clients insist."""
    path = os.path.join(directory, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


async def run(directory, *command, said="", terminal=None):
    """Runs a program in a home of its own, with the text on its standard input, or on a terminal."""
    environment = {"HOME": directory, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"}
    stream = asyncio.subprocess.PIPE if terminal is None else terminal
    process = await asyncio.create_subprocess_exec(*bound_to_us(*command), env=environment, cwd=directory, stdin=stream,
                                                   stdout=stream, stderr=stream, start_new_session=True)
    try:
        if terminal is None:
            await process.communicate(said.encode())
        else:
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.contextmanager
def terminal():
    """A pseudo-terminal whose output is thrown away."""
    ours, theirs = pty.openpty()
    loop = asyncio.get_running_loop()
    loop.add_reader(ours, os.read, ours, 65536)
    try:
        yield ours, theirs
    finally:
        loop.remove_reader(ours)
        os.close(ours)
        os.close(theirs)


@scenario("libgloox-dev", "g++")
async def gloox(stage):
    relay = await stage.relay(client=stage.client("libgloox-dev"), shows="a client of the library gloox")
    program = os.path.join(stage.server.directory, "gloox_client")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gloox_client.cpp")
    await run(stage.server.directory, "g++", "-o", program, source, "-lgloox")
    await run(stage.server.directory, program, f"juliet@{HOST}/gloox", PASSWORD, str(relay.port))


@scenario("go-sendxmpp")
async def go_sendxmpp(stage):
    relay = await stage.relay(client=stage.client("go-sendxmpp"), tls="starttls",
                              shows="line feeds after elements, inside of STARTTLS; not closed")
    await run(stage.server.directory, "go-sendxmpp", "-u", f"juliet@{HOST}", "-p", PASSWORD, "-n",
              "-j", f"{LOOPBACK}:{relay.port}", ROMEO, said=LINE)


@scenario("sendxmpp", "libauthen-sasl-perl")
async def sendxmpp(stage):
    relay = await stage.relay(client=stage.client("sendxmpp"), shows="sendxmpp, on Perl's XML::Stream")
    settings = put(stage.server.directory, "sendxmpprc", f"username: juliet\njserver: {LOOPBACK}\nport: {relay.port}\n"
                   f"password: {PASSWORD}\ncomponent: {HOST}\n")
    await run(stage.server.directory, "sendxmpp", "-f", settings, "-s", "wherefore", ROMEO, said=LINE)


@scenario("mcabber")
async def mcabber(stage):
    relay = await stage.relay(client=stage.client("mcabber"), tls="starttls",
                              shows="mcabber, on the library loudmouth, inside of STARTTLS")
    settings = put(stage.server.directory, "mcabberrc", f"set jid = juliet@{HOST}\nset password = {PASSWORD}\n"
                   f"set server = {LOOPBACK}\nset port = {relay.port}\nset ssl_ignore_checks = 1\nset logging = 0\n")
    with terminal() as (ours, theirs):
        running = asyncio.create_task(run(stage.server.directory, "mcabber", "-f", settings, terminal=theirs))
        await relay.saw("s2c", b"jabber:iq:roster")
        os.write(ours, f"/say_to {ROMEO} {LINE}\r".encode())
        await relay.saw("c2s", b"</message>")
        os.write(ours, b"/quit\r")
        await running


async def run_profanity(stage, relay, until):
    """Says its line when the roster is there, and quits when `until` was in what the server sent."""
    directory = stage.server.directory
    put(directory, ".config/profanity/profrc", "[ui]\nreleasecheck=false\n")
    put(directory, ".local/share/profanity/accounts",
        f"[juliet]\nenabled=true\njid=juliet@{HOST}\nserver={LOOPBACK}\nport={relay.port}\nresource=profanity\n"
        f"password={PASSWORD}\ntls.policy=disable\npresence.last=online\npresence.login=online\n")
    with terminal() as (ours, theirs):
        running = asyncio.create_task(run(directory, "profanity", "-a", "juliet", terminal=theirs))
        await relay.saw("s2c", b"jabber:iq:roster")
        os.write(ours, f"/msg {ROMEO} {LINE}\n".encode())
        await relay.saw("c2s", b"</message>")
        await relay.saw("s2c", until)
        os.write(ours, b"/quit\n")
        await running


@scenario("profanity-light")
async def profanity(stage):
    relay = await stage.relay(client=stage.client("profanity-light"), refused=True,
                              shows="profanity, on the library libstrophe")
    await run_profanity(stage, relay, b"from='pubsub")


@scenario("profanity-light")
async def profanity_hasty(stage):
    relay = await stage.relay(client=stage.client("profanity-light"), refused=True,
                              shows="profanity, left at once: it may go on after its closing tag")
    await run_profanity(stage, relay, b"jabber:iq:roster")


@scenario("python3-aioxmpp")
async def aioxmpp(stage):
    import aioxmpp  # only here: the other scenarios do not need it
    relay = await stage.relay(client=stage.client("python3-aioxmpp"), tls="starttls",
                              shows="aioxmpp with its own serialiser, inside of STARTTLS")
    connector = aioxmpp.connector.STARTTLSConnector()
    client = aioxmpp.PresenceManagedClient(aioxmpp.JID.fromstr(f"juliet@{HOST}/aioxmpp"),
                                           aioxmpp.make_security_layer(PASSWORD, no_verify=True),
                                           override_peer=[(LOOPBACK, relay.port, connector)])
    roster, disco = client.summon(aioxmpp.RosterClient), client.summon(aioxmpp.DiscoClient)
    async with client.connected():
        message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=aioxmpp.JID.fromstr(ROMEO))
        message.body[None] = LINE
        await client.send(message)
        await disco.query_info(aioxmpp.JID.fromstr(HOST))
        await roster.set_entry(aioxmpp.JID.fromstr(ROMEO), name="Romeo", add_to_groups={"Montague"})
