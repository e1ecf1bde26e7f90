# SPDX-License-Identifier: MIT
"""Counts the streams of a recorded direction and checks with expat that each was recorded as it must have been sent."""

import re
import xml.parsers.expat

HEADER = re.compile(rb"(<\?xml\s[^>]*\?>\s*)?<(stream:)?stream[\s>]")


class Facts:
    def __init__(self):
        self.streams, self.closed, self.fault, self.root = 0, False, "", ""


def parse(data, facts):
    """One stream or document; an end before its closing tag is no fault."""
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def start(name, _attributes):
        nonlocal depth
        facts.root = facts.root if depth else name.rpartition(" ")[2]
        depth += 1

    def end(_name):
        nonlocal depth
        depth -= 1
        facts.closed = depth == 0
    parser.StartElementHandler, parser.EndElementHandler = start, end
    facts.closed = False
    try:
        parser.Parse(data, False)
    except xml.parsers.expat.ExpatError as error:
        facts.fault = facts.fault or xml.parsers.expat.ErrorString(error.code)


def stream_facts(data):
    facts = Facts()
    starts = [match.start() for match in HEADER.finditer(data)] or [0]
    for begin, end in zip(starts, [*starts[1:], len(data)]):
        parse(data[begin:end], facts)
    facts.streams = len(starts)
    return facts


def messages(data):
    while data:
        length, _, data = data.partition(b"\n")
        yield data[:int(length)]
        data = data[int(length):]


def websocket_facts(data):
    facts = Facts()
    for message in messages(data):
        parse(message, facts)
        if not facts.closed:
            facts.fault = facts.fault or "message is not whole"
        facts.streams += facts.root == "open"
        facts.closed = facts.root == "close"
    return facts
