#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gives Weir another prefix, for a program that must not meet another copy of it.

rename_prefix.py PREFIX OUTPUT FILE...

rename_prefix.py acme_ vendor weir.h weir.c makes vendor/acme.h and vendor/acme.c: weir_ becomes acme_ and WEIR_ becomes
ACME_ in every name, in comments as well, and weir.h becomes acme.h.
"""
import argparse
import os
import re
import sys


def renamed(text, prefix):
    stem = prefix.rstrip("_")
    text = re.sub(r"\b(_*)weir_", rf"\g<1>{prefix}", text)
    text = re.sub(r"\b(_*)WEIR_", rf"\g<1>{prefix.upper()}", text)
    return re.sub(r"\bweir\.([ch])\b", rf"{stem}.\1", text)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("prefix", help="such as acme_: lower-case letters, digits and underscores, a letter first")
    parse.add_argument("output", help="a folder")
    parse.add_argument("files", nargs="+", metavar="file", help="weir.h, weir.c, and what uses them")
    arguments = parse.parse_args()
    prefix = arguments.prefix
    if not re.fullmatch(r"[a-z][a-z0-9_]*", prefix):
        parse.error(f"{prefix!r} is no prefix of a C name in lower case")
    try:
        os.makedirs(arguments.output, exist_ok=True)
        for path in arguments.files:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
            if re.search(rf"\b{prefix}", text):
                raise ValueError(f"{path} has names that begin with {prefix} already")
            name = renamed(os.path.basename(path), prefix)
            with open(os.path.join(arguments.output, name), "w", encoding="utf-8", newline="") as file:
                file.write(renamed(text, prefix))
    except (OSError, ValueError) as error:
        print(f"rename_prefix.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
