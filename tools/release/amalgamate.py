#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes two files of the parser, for others to take: weir.h and weir.c.

amalgamate.py [--parser DIR] [--origin TEXT] OUTPUT
amalgamate.py --print-origin

Local headers stand in weir.c once, where they are first needed; whatever weir.h does not declare becomes static, so that
nothing else is exported. The same sources and origin give the same bytes, anywhere.
"""
import argparse
import hashlib
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import csource  # noqa: E402

INCLUDE = re.compile(r'[ \t]*#[ \t]*include[ \t]*"([^"]+)"')
SPDX = re.compile(r"\n \*\n \* SPDX-License-Identifier: MIT \*/")


def read(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
    except OSError as error:
        raise csource.Error(f"{path}: {error.strerror}") from error
    if "\r" in text:
        raise csource.Error(f"{path}: line ends of CR LF; a checkout must not change them")
    return text


def local_includes(text):
    """(name, begin, end) of each #include "...", the line feed included."""
    for kind, token, offset in csource.tokens(text):
        match = INCLUDE.match(token) if kind == "directive" else None
        if match:
            yield match.group(1), offset, offset + len(token) + 1


class Parser:
    """The decoder's sources, and what of them is private to which file."""

    def __init__(self, directory):
        self.directory = directory
        self.header = read(os.path.join(directory, "weir.h"))
        self.decoder = os.path.join(directory, "decoder")
        names = sorted(os.listdir(self.decoder)) if os.path.isdir(self.decoder) else []
        self.files = {name: read(os.path.join(self.decoder, name)) for name in names if name.endswith((".c", ".h"))}
        self.units = [name for name in names if name.endswith(".c")]
        if not self.units:
            raise csource.Error(f"{self.decoder}: no .c files")
        self.public = set(csource.api_names(self.header))
        self.static_macros = {"static"} | {
            name
            for text in self.files.values()
            for name, token, _ in csource.macros(text)
            if re.search(r"\bstatic\b", token)
        }
        version = re.search(r'#define WEIR_VERSION "([^"]+)"', self.header)
        if not version:
            raise csource.Error("weir.h: no WEIR_VERSION")
        self.version = version.group(1)

    def digest(self):
        """Of names and bytes of all that goes into the two files."""
        sums = [f"{hashlib.sha256(self.header.encode()).hexdigest()}  weir.h\n"]
        sums += [f"{hashlib.sha256(self.files[n].encode()).hexdigest()}  decoder/{n}\n" for n in sorted(self.files)]
        return hashlib.sha256("".join(sums).encode()).hexdigest()

    def is_static(self, declaration):
        return not self.static_macros.isdisjoint(declaration.words)


def twice(parser):
    """Names that two .c files keep for themselves: {name: is it a function's}."""
    seen, double = {}, {}
    for unit in parser.units:
        own = {d.name: d.is_function for d in csource.declarations(parser.files[unit]) if d.name and parser.is_static(d)}
        for name, is_function in own.items():
            if name in seen:
                double[name] = is_function and seen[name]
            seen[name] = is_function
    return double


def rename(text, names, stem):
    """Gives names that another file has too the name of their file. Members of structures are never meant."""
    out, before = [], ""
    all_tokens = list(csource.tokens(text))
    for index, (kind, token, _) in enumerate(all_tokens):
        if kind == "word" and token in names and before not in (".", "->"):
            after = next((t for k, t, _ in all_tokens[index + 1 :] if k not in ("space", "comment")), "")
            if after == "(" or not names[token]:
                token = f"{stem}_{token}"
        elif kind == "directive" and any(re.search(rf"\b{name}\b", token) for name in names):
            raise csource.Error(f"{stem}.c: a preprocessor line has a name that another file has too: {token.strip()}")
        out.append(token)
        before = token if kind not in ("space", "comment") else before
    return "".join(out)


def make_static(parser, text, objects):
    """Adds `static` to what weir.h does not declare. The definition of an object goes where a header declares it:
    C++ has no tentative definitions."""
    edits = []
    for d in csource.declarations(text):
        if d.name is None or parser.is_static(d) or d.name in parser.public:
            continue
        if "extern" in d.words:
            if d.name not in objects:
                raise csource.Error(f"{d.name} is declared and nowhere defined")
            edits.append((d.begin, d.end, objects[d.name]))
        elif d.is_function:
            edits.append((d.begin, d.begin, "static "))
        elif d.name in objects:
            edits.append((d.begin, d.end + 1, ""))
        else:
            edits.append((d.begin, d.begin, "static "))
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def shared_objects(parser):
    """{name: its definition} of objects that a header declares `extern`."""
    wanted = {d.name for t in parser.files.values() for d in csource.declarations(t) if "extern" in d.words and d.name}
    found = {}
    for unit in parser.units:
        text = parser.files[unit]
        for d in csource.declarations(text):
            if d.name in wanted and not d.is_function and "extern" not in d.words:
                found[d.name] = "static " + text[d.begin : d.end]
    return found


def conditional(text, offset, is_header):
    """Whether a place is inside an #if, a header's guard left out."""
    lines = [t for k, t, o in csource.tokens(text) if k == "directive" and o < offset]
    depth = sum(bool(re.match(r"\s*#\s*if", t)) - bool(re.match(r"\s*#\s*endif", t)) for t in lines)
    return depth > (1 if is_header else 0)


def one_source(parser):
    """All .c files in one; a local header stands before the first file that includes it."""
    objects, double = shared_objects(parser), twice(parser)
    done, sections = set(), []

    def header_of(name, target):
        if target not in parser.files or target in parser.units:
            raise csource.Error(f"{name} includes {target}, which is no header of {parser.decoder}")
        done.add(target)
        add(target)

    def add(name):
        unit = name in parser.units
        text = parser.files[name]
        text = SPDX.sub(" */", rename(text, double, name[:-2]) if unit else text)
        parts, at = [], 0
        for target, offset, end in list(local_includes(text)):
            if target != "../weir.h" and conditional(text, offset, not unit):
                raise csource.Error(f"{name} includes {target} under a condition; put the condition into {target}")
            parts.append(make_static(parser, text[at:offset], objects))
            at = end
            if target != "../weir.h" and target not in done:
                header_of(name, target)
        parts.append(make_static(parser, text[at:], objects))
        if unit:
            parts += [f"#undef {macro}\n" for macro, _, _ in csource.macros(text)]
        sections.append(re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip("\n") + "\n")

    for unit in parser.units:
        add(unit)
    return "\n".join(sections).replace("\n#include <string.h>\n", "\n")


def banner(parser, name, what, origin, licence):
    lines = [f"{name} - Weir {parser.version}, {what}", "", "Made by tools/release/amalgamate.py; changes belong into parser/."]
    lines += [f"Origin: {origin}", f"SHA-256 of the sources: {parser.digest()}", ""]
    lines += licence.strip().split("\n") + ["", "SPDX-License-Identifier: MIT"]
    body = "\n".join(f" * {line}".rstrip() for line in lines)
    return f"/*{body[2:]} */\n"


PRELUDE = """\
/* As a shared library of its own, built with -fvisibility=hidden, it exports what weir.h declares. */
#if defined(WEIR_SHARED) && defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#include "weir.h"
#if defined(WEIR_SHARED) && defined(__GNUC__)
#pragma GCC visibility pop
#endif

/* Where a freestanding compiler has no string.h, whoever links must still have these four. */
#ifdef __has_include
#if !__has_include(<string.h>)
#define WEIR_NO_STRING_H
#endif
#endif
#ifndef WEIR_NO_STRING_H
#include <string.h>
#else
#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
#ifdef __cplusplus
}
#endif
#endif

"""


def git(directory, *arguments):
    result = subprocess.run(["git", "-C", directory, *arguments], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else None


def origin_of(directory):
    """The commit that is checked out, and whether the parser is as it has it."""
    commit = git(directory, "log", "-1", "--date=format:%Y-%m-%d", "--format=commit %H of %cd")
    if not commit:
        return "no repository"
    changed = git(directory, "status", "--porcelain", "--", "weir.h", "decoder")
    return commit + (", with changes" if changed else "")


def write(path, text):
    """Only what changed, so that nobody builds anew for nothing."""
    try:
        if read(path) == text:
            return
    except csource.Error:
        pass
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parse.add_argument("--parser", default=os.path.join(top, "parser"), help="the folder of weir.h and decoder/")
    parse.add_argument("--origin", default=os.environ.get("WEIR_ORIGIN"),
                       help="what the files say of where they come from (default: WEIR_ORIGIN, else the commit)")
    parse.add_argument("--print-origin", action="store_true", help="print what the default is, and make nothing")
    parse.add_argument("output", nargs="?", help="a folder")
    arguments = parse.parse_args()
    if arguments.print_origin:
        print(arguments.origin or origin_of(arguments.parser))
        return 0
    if arguments.output is None:
        parse.error("a folder is wanted for the two files")
    try:
        parser = Parser(arguments.parser)
        licence = read(os.path.join(top, "LICENSE"))
        origin = arguments.origin or origin_of(arguments.parser)
        os.makedirs(arguments.output, exist_ok=True)
        head = banner(parser, "weir.h", "the public API", origin, licence)
        source = banner(parser, "weir.c", "the whole decoder in one file", origin, licence) + "\n" + PRELUDE
        write(os.path.join(arguments.output, "weir.h"), head + "\n" + parser.header)
        write(os.path.join(arguments.output, "weir.c"), source + one_source(parser))
    except (csource.Error, OSError) as error:
        print(f"amalgamate.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
