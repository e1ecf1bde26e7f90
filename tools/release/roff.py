# roff.py - a man page, written by paragraphs, code and the Markdown of the README files
#
# SPDX-License-Identifier: MIT
import os
import re


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    text = re.sub(r"[^\x00-\x7f]", lambda m: f"\\[u{ord(m.group()):04X}]", text)
    return re.sub(r"(?m)^(?=[.'])", r"\\&", text)


class Page:
    def __init__(self, name, number, source, manual, references):
        self.page, self.number = name, number
        self.references = set(references)
        self.lines = [f'.TH "{name.upper()}" "{number}" "" "{source}" "{manual}"']

    def name(self, name, summary):
        self.lines += [".SH NAME", f"{escape(name)} \\- {escape(summary)}"]

    def section(self, title):
        self.lines.append(f'.SH "{escape(title)}"')

    def subsection(self, title):
        self.lines.append(f'.SS "{escape(title)}"')

    def _begins(self):
        return self.lines[-1].startswith((".SH", ".SS"))

    def code(self, text):
        self.lines += [*([] if self._begins() else [".PP"]), ".nf", escape(text), ".fi"]

    def paragraph(self, text, macro=".PP"):
        lines = [] if macro == ".PP" and self._begins() else [macro]
        self.lines += [*lines, self._inline(" ".join(text.split()))]

    def text(self, text):
        """Prose of a comment: paragraphs, and lines that are indented."""
        for block in re.split(r"\n\s*\n", text):
            parts = re.split(r"(?m)((?:^ {2,}.*\n?)+)", block)
            for part in parts:
                if part.startswith("  "):
                    self.code(part.rstrip("\n"))
                elif part.strip():
                    self.paragraph(part)

    def markdown(self, text):
        for block in re.split(r"\n\s*\n", re.sub(r"(?m)^(#+ .*)$", r"\n\1\n", text)):
            block = block.strip("\n")
            if re.match(r"#+ ", block):
                self.subsection(block.lstrip("# "))
            elif block.startswith("|"):
                self._table(block)
            elif block.startswith("    "):
                self.code(re.sub(r"(?m)^ {4}", "", block))
            elif block.startswith("```"):
                self.code(block.strip("`").partition("\n")[2].rstrip("\n"))
            elif block.startswith("- "):
                for item in re.split(r"(?m)^- ", block)[1:]:
                    self.paragraph(item, ".IP \\(bu 2")
            elif block:
                self.paragraph(block)

    def _table(self, block):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.split("\n")]
        for row in rows[2:]:
            self.lines += [".TP", self._inline(row[0])]
            self.lines.append(self._inline("; ".join(row[1:])))

    def _inline(self, text):
        """Markdown inside a paragraph; names of pages in bold."""
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
        out = []
        for part in re.split(r"(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)", text):
            if re.fullmatch(r"`[^`]+`", part):
                out.append(f"\\fB{escape(part[1:-1])}\\fR")
            elif part.startswith("**") and part.endswith("**") and len(part) > 4:
                out.append(f"\\fB{escape(part[2:-2].replace('`', ''))}\\fR")
            elif re.fullmatch(r"\*[^*]+\*", part):
                out.append(f"\\fI{escape(part[1:-1])}\\fR")
            else:
                out.append(self._names(escape(part)))
        joined = "".join(out)
        return "\\&" + joined if joined[:1] in (".", "'") else joined

    def _names(self, text):
        def bold(match):
            known = match.group() in self.references
            return f"\\fB{match.group()}\\fR" if known else match.group()

        return re.sub(r"\b\w+\b", bold, text)

    def write(self, folder):
        with open(os.path.join(folder, f"{self.page}.{self.number}"), "w", encoding="ascii", newline="\n") as file:
            file.write("\n".join(self.lines) + "\n")
