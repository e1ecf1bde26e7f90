#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fill.py TEMPLATE OUTPUT NAME=VALUE...: writes a template with each @NAME@ replaced; all of them must have a value."""
import os
import re
import sys


def main():
    template, output, *pairs = sys.argv[1:]
    values = dict(pair.split("=", 1) for pair in pairs)
    try:
        with open(template, encoding="utf-8") as file:
            text = re.sub(r"@([A-Z0-9_]+)@", lambda match: values[match.group(1)], file.read())
        os.makedirs(os.path.dirname(output), exist_ok=True)
        with open(output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except KeyError as error:
        print(f"fill.py: {template}: no value for {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"fill.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
