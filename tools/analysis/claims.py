#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""claims.py: what SECURITY.md and parser/ARITHMETIC.md name must exist: files, tests, make targets, functions of the decoder.

claims.py --arithmetic: also, each function of parser/decoder that does arithmetic must have a row in parser/ARITHMETIC.md."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "SECURITY.md"
LIST = ROOT / "parser/ARITHMETIC.md"
ARITHMETIC = re.compile(r" [-+*/%] |<<|>>|\+\+|--|[-+*]= ")
FOLDERS = r"(?:tests|fuzz|tools|parser|corpus|\.github)"


def functions():
    """Functions of the decoder: name -> body, without comments and strings."""
    found = {}
    for path in sorted((ROOT / "parser/decoder").glob("*.[ch]")):
        text = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', "", path.read_text(), flags=re.S)
        for match in re.finditer(r"^((?:static |WEIR_INLINE |WEIR_OUTLINE )*\w[^;{}#]*?\b(\w+)\([^;{}]*\))\n\{\n(.*?)^\}", text, re.S | re.M):
            found[match[2]] = match[3]
    return found


def targets():
    made = subprocess.run(["make", "-pRrqn", ":"], cwd=ROOT, capture_output=True, text=True, errors="replace").stdout
    return {name for line in re.findall(r"^([^\s#%=$.][^#%=$\t\n]*?):(?![:=])", made, re.M) for name in line.split()}


def page_problems(page):
    text = page.read_text()
    named = set(re.findall(r"`([^`\n]+)`", text)) | set(re.findall(r"^    (make [^#\n]*)", text, re.M))
    known = targets()
    for name in sorted(named):
        words = re.sub(r"\s+#.*", "", name).split()
        if words[0] == "make":
            for word in words[1:]:
                if "=" not in word and word not in known:
                    yield f"`{name}`: no target {word}"
        elif re.fullmatch(FOLDERS + r"/[\w./*-]+", name):
            if not list(ROOT.glob(name.rstrip("/"))):
                yield f"`{name}`: no such file"
        elif test := re.fullmatch(r"(\w+)/([a-z]\w+)", name):
            source = ROOT / f"tests/test_{test[1]}.c"
            if not source.exists() or not re.search(rf"\b{test[2]}\b", source.read_text()):
                yield f"`{name}`: no such test"


def list_problems(strict):
    ours = functions()
    rows = set()
    for cell in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", LIST.read_text(), re.M):
        rows |= set(re.findall(r"\w+", cell))
    for name in sorted(rows - set(ours)):
        yield f"a row for {name}, which is no function of parser/decoder"
    for name, body in sorted(ours.items()):
        if strict and name not in rows and ARITHMETIC.search(body):
            yield f"{name} does arithmetic, and has no row"


def main():
    strict = "--arithmetic" in sys.argv[1:]
    found = [f"SECURITY.md: {problem}" for problem in page_problems(PAGE)]
    found += [f"parser/ARITHMETIC.md: {problem}" for problem in list_problems(strict)]
    print("\n".join(found) or "what SECURITY.md and parser/ARITHMETIC.md name is there")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
