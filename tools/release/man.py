#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes man pages of what is written elsewhere: weir.h is the manual, tools/README.md and --help are those of the tools.

man.py library HEADER FOLDER             weir.3, and a page for each function
man.py tool PROGRAM README FOLDER        PROGRAM.1, of PROGRAM --help and of `## PROGRAM` in README, where there is one
"""
import argparse
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import csource  # noqa: E402
import roff  # noqa: E402

SECTION = re.compile(r"/\* -{4} (.+?) -{4,}(?:\n|(?: \*/))")


def comment_text(comment):
    """Paragraphs of a comment, its marks left out; lines that are indented stay lines."""
    lines = [re.sub(r"^ ?\*( |$)", "", line) for line in comment[2:-2].strip().split("\n")]
    return "\n".join(line.rstrip() for line in lines).strip()


class Function:
    def __init__(self, name, prototype, own, section, shared):
        self.name, self.prototype, self.section = name, prototype, section
        self.own, self.shared = own, shared  # texts: its own, and of its section where its own is a remark beside it

    def summary(self):
        plain = re.sub(r"\s*\([^()]*\)|`", "", (self.own or self.section).replace("\n", " "))
        first = re.split(r"(?<!\d)[.;](?:\s|$)", plain)[0].strip()
        if re.match(r"[A-Z](?:[a-z]| )", first):
            first = first[0].lower() + first[1:]
        return f"{self.section.lower()}: {first}" if self.shared and self.own else first


class Header:
    """weir.h as a manual: an introduction, and sections of prose and declarations."""

    def __init__(self, text):
        self.version = re.search(r'WEIR_VERSION "([^"]+)"', text).group(1)
        self.intro = comment_text(re.match(r"/\*.*?\*/", text, re.DOTALL).group())
        body = text[text.index('extern "C" {') :]
        body = body[body.index("#endif\n") + 7 :]
        pieces = SECTION.split(body)
        self.sections = [("Version", "", pieces[0])]
        for title, piece in zip(pieces[1::2], pieces[2::2]):
            prose, rest = "", piece
            if piece.startswith(" *"):
                end = piece.index("*/") + 2
                prose, rest = comment_text("/*" + piece[:end]), piece[end:]
            if title != "Private":
                self.sections.append((title, prose, rest.strip("\n")))
        self.functions = [f for title, prose, rest in self.sections for f in self._functions(title, prose, rest)]

    def _functions(self, title, prose, text):
        """A function's text: the comment that ends above it; else what stands beside it, and the text of its section."""
        for d in csource.declarations(text):
            if not d.is_function or d.body:
                continue
            above = re.search(r"^(/\*(?:(?!\*/).)*\*/)\n\Z", text[: d.begin], re.DOTALL | re.MULTILINE)
            beside = re.match(r"[ \t]*(/\*(?:(?!\*/).)*\*/)", text[d.end :], re.DOTALL)
            comment = above or beside
            own = comment_text(comment.group(1)) if comment else ""
            yield Function(d.name, text[d.begin : d.end], own, title, "" if above else prose)


def library_pages(header_path, folder):
    with open(header_path, encoding="utf-8") as file:
        header = Header(file.read())
    if not header.functions:
        raise csource.Error(f"{header_path}: no functions")
    names = {f.name for f in header.functions}

    def page(name):
        return roff.Page(name, 3, f"Weir {header.version}", "Weir", references=names)

    manual = page("weir")
    first, _, rest = header.intro.partition("\n\n")
    manual.name("weir", first.partition(" - ")[2])
    manual.section("SYNOPSIS")
    manual.code("#include <weir.h>")
    manual.paragraph("cc ... $(pkg-config --cflags --libs weir)")
    manual.section("DESCRIPTION")
    manual.text(re.sub(r"\n*SPDX-License-Identifier:.*", "", rest))
    for title, prose, declarations in header.sections:
        manual.section(title.upper())
        manual.text(prose)
        manual.code(declarations.strip("\n"))
    manual.section("SEE ALSO")
    manual.paragraph(", ".join(f"{name}(3)" for name in sorted(names)) + ", weir-decode(1)")
    manual.write(folder)
    for function in header.functions:
        one = page(function.name)
        one.name(function.name, function.summary())
        one.section("SYNOPSIS")
        one.code("#include <weir.h>\n\n" + function.prototype)
        one.section("DESCRIPTION")
        one.text(function.own)
        one.text(function.shared)
        one.section("SEE ALSO")
        others = [f.name for f in header.functions if f.section == function.section and f is not function]
        one.paragraph(", ".join(["weir(3)", *(f"{name}(3)" for name in others)]))
        one.write(folder)


def tool_page(program, readme, folder):
    name = os.path.basename(program)
    with open(readme, encoding="utf-8") as file:
        match = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", file.read(), re.DOTALL | re.MULTILINE)
    helps = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    usage, _, rest = helps.partition("\n")
    does, _, options = rest.partition("\n\n")
    first = re.match(r"(?:\S+ +){4}[^.,]*", does.replace("\n", " ")).group().strip()
    page = roff.Page(name, 1, version, "Weir", references=())
    page.name(name, first[0].lower() + first[1:])
    page.section("SYNOPSIS")
    page.code(usage.partition(": ")[2])
    page.section("DESCRIPTION")
    page.text(does)
    if match:
        page.markdown(match.group(1).strip("\n"))
    page.section("OPTIONS AND EXIT STATUS")
    for block in options.rstrip("\n").split("\n\n"):
        title, _, lines = block.partition("\n")
        if title.endswith(":"):
            page.subsection(title[:-1])
            page.code(lines)
        else:
            page.code(block)
    page.section("SEE ALSO")
    page.paragraph("weir(3)")
    page.write(folder)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parse.add_subparsers(dest="kind", required=True)
    library = kinds.add_parser("library")
    library.add_argument("header")
    tool = kinds.add_parser("tool")
    tool.add_argument("program")
    tool.add_argument("readme")
    for kind in (library, tool):
        kind.add_argument("folder")
    arguments = parse.parse_args()
    try:
        os.makedirs(arguments.folder, exist_ok=True)
        if arguments.kind == "library":
            library_pages(arguments.header, arguments.folder)
        else:
            tool_page(arguments.program, arguments.readme, arguments.folder)
    except (csource.Error, OSError, subprocess.CalledProcessError) as error:
        print(f"man.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
