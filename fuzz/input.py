#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fuzz inputs for people: packs bytes into an input, shows one, writes one as a case of the corpus.

    fuzz/input.py pack [OPTION...] FILE > INPUT     FILE.ws: a WebSocket recording, as in corpus/; -: standard input
    fuzz/input.py show INPUT...
    fuzz/input.py case INPUT PATH                   writes PATH.xml or PATH.ws and PATH.log with its options, to be judged by hand

The layout stands in fuzz/common/input.h.
"""
import argparse
import pathlib
import re
import sys

FRAMINGS = ["stream", "websocket", "document"]
SPLITS = ["not", "each", "gaps", "random", "markup", "once", "last", "bytes"]
RESTARTS = ["never", "sign", "once", "each"]
LIMITS = ["depth", "attributes", "bindings", "scope", "tag", "element", "elements"]
CONTENTS = ["client", "server", "accept", "connect"]
HEADER = 16


def limit_code(value):
    return value if value <= 200 else min(255, 200 + max(1, (value - 200) // 64))


def limit_value(code):
    return code if code <= 200 else 200 + (code - 200) * 64


def messages_of(data):
    while data:
        length, data = data.split(b"\n", 1)
        yield data[: int(length)]
        data = data[int(length):]


def pack(framing=0, kernel=0, park=False, empty=False, content=0, spare=0, restart=0, nth=0, change=0, split=0, parameter=0,
         limits=None, gaps=(), data=b""):
    header = bytearray(HEADER)
    header[0] = framing | kernel << 2 | park << 5 | empty << 6
    header[1] = content | spare << 4
    header[2] = restart | nth << 2 | change << 5
    header[3] = split
    header[4] = parameter
    for name, value in (limits or {}).items():
        header[5 + LIMITS.index(name)] = limit_code(value)
    header[12:12 + len(gaps)] = bytes(gaps)
    return bytes(header) + data


def limits_of(text):
    return {name: int(value) for name, value in (item.split("=") for item in text.split(",") if item)}


def pack_file(args):
    data = sys.stdin.buffer.read() if args.file == "-" else pathlib.Path(args.file).read_bytes()
    framing = FRAMINGS.index(args.framing)
    if args.file.endswith(".ws"):
        framing = 1
        data = b"".join(message + b"\xff" for message in messages_of(data))
    return pack(framing, args.kernel, args.park, args.empty_chunks, args.content, args.spare, RESTARTS.index(args.restart),
                args.nth, args.change, SPLITS.index(args.split), args.parameter, limits_of(args.limits),
                [int(gap) for gap in args.gaps.split(",") if gap], data)


def options_of(header):
    options = ["--framing=" + FRAMINGS[header[0] & 3 if header[0] & 3 < 3 else 0]]
    limits = [f"{name}={limit_value(code)}" for name, code in zip(LIMITS, header[5:12]) if code]
    if limits:
        options.append("--limits=" + ",".join(limits))
    if header[1] & 15:
        options.append("--content=" + ",".join(name for i, name in enumerate(CONTENTS) if header[1] >> i & 1))
    if header[2] & 3 == 0:
        options.append("--restart=none")
    return options


def show(path):
    data = path.read_bytes()
    header = data[:HEADER]
    if len(header) < HEADER:
        print(f"{path}: too short")
        return
    restart = RESTARTS[header[2] & 3]
    print(f"{path}: {' '.join(options_of(header))} kernel={header[0] >> 2 & 7} split={SPLITS[header[3] & 7]},{header[4]}"
          f" gaps={list(header[12:])} restart={restart},{header[2] >> 2 & 7},{header[2] >> 5} spare={header[1] >> 4}"
          f"{' park' if header[0] & 0x20 else ''}{' empty-chunks' if header[0] & 0x40 else ''}")
    print("  " + re.sub(r"\\xff", "\n  ", str(data[HEADER:])[2:-1]) if header[0] & 3 == 1 else "  " + str(data[HEADER:])[2:-1])


def case(path, to):
    data = path.read_bytes()
    header, data = data[:HEADER], data[HEADER:]
    if header[2] & 3 > 1:
        print("note: restarts by number have no --restart here; give the offsets by hand", file=sys.stderr)
    if header[0] & 3 == 1:
        messages = data.removesuffix(b"\xff").split(b"\xff")
        pathlib.Path(to + ".ws").write_bytes(b"".join(b"%d\n%s" % (len(m), m) for m in messages))
    else:
        pathlib.Path(to + ".xml").write_bytes(data)
    pathlib.Path(to + ".log").write_text(f"# rule: \n# why: \n# options: {' '.join(options_of(header))}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    packer = commands.add_parser("pack")
    packer.add_argument("--framing", choices=FRAMINGS, default="stream")
    packer.add_argument("--split", choices=SPLITS, default="not")
    packer.add_argument("--restart", choices=RESTARTS, default="sign")
    for name in ["kernel", "content", "spare", "nth", "change", "parameter"]:
        packer.add_argument("--" + name, type=int, default=0)
    for name in ["park", "empty-chunks"]:
        packer.add_argument("--" + name, action="store_true")
    packer.add_argument("--limits", default="")
    packer.add_argument("--gaps", default="")
    packer.add_argument("file")
    shower = commands.add_parser("show")
    shower.add_argument("inputs", nargs="+", type=pathlib.Path)
    caser = commands.add_parser("case")
    caser.add_argument("input", type=pathlib.Path)
    caser.add_argument("path")
    args = parser.parse_args()
    if args.command == "pack":
        sys.stdout.buffer.write(pack_file(args))
    elif args.command == "show":
        for path in args.inputs:
            show(path)
    else:
        case(args.input, args.path)


if __name__ == "__main__":
    main()
