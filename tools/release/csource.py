# csource.py - as much of C's grammar as the release scripts need: tokens, and the external declarations of a file
#
# SPDX-License-Identifier: MIT
import re

TOKEN = re.compile(
    r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\d[\w.]*)
  | (?P<space>\s+|\\\n)
  | (?P<mark>->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"(?m)^[ \t]*#(?:[^\n\\/]|\\\n|\\.|/\*.*?\*/|/(?!\*))*", re.DOTALL)


class Error(Exception):
    """What a user should read: one sentence."""


def tokens(text):
    """(kind, text, offset) of each token; preprocessor lines are left whole, kind `directive`."""
    at = 0
    while at < len(text):
        directive = DIRECTIVE.match(text, at) if at == 0 or text[at - 1] == "\n" else None
        match = directive or TOKEN.match(text, at)
        yield ("directive" if directive else match.lastgroup), match.group(), at
        at = match.end()


class Declaration:
    """One external declaration: text[begin:end], its words outside braces, and what it declares."""

    def __init__(self, begin, end, outer, body):
        self.begin, self.end = begin, end
        self.outer = outer  # tokens outside braces, comments left out: (kind, text, offset)
        self.body = body  # it has braces
        self.words = [text for kind, text, _ in outer if kind == "word"]
        self.name, self.is_function = self._declared()

    def _declared(self):
        """The name declared, and whether it is a function's; (None, False) for a type or nothing."""
        depth, previous, last = 0, None, None
        if self.words[:1] in (["typedef"], ["enum"], ["struct"], ["union"]) and not self._has("("):
            if self.words[0] == "typedef" or not self._has("="):
                return None, False
        for kind, text, _ in self.outer:
            if text == "(":
                if depth == 0 and previous and previous != "__attribute__" and not previous.isupper():
                    return previous, True
                depth += 1
            elif text == ")":
                depth -= 1
            elif depth == 0 and text in "=[" and last:
                return last, False
            if depth == 0 and kind == "word":
                last = text
            if kind != "space":
                previous = text if kind == "word" else None
        return (last, False) if "extern" in self.words else (None, False)

    def _has(self, mark):
        return any(text == mark for _, text, _ in self.outer)


def declarations(text):
    """The external declarations of a C file, `extern "C" {` looked through."""
    found, outer, depth, begin, body = [], [], 0, None, False
    for kind, token, offset in tokens(text):
        if kind in ("comment", "directive") or (kind == "space" and begin is None):
            continue
        if token == "}" and depth == 0:
            continue  # of extern "C"
        begin = offset if begin is None else begin
        if token == "{":
            if [t for k, t, _ in outer if k != "space"] == ["extern", '"C"']:
                outer, begin = [], None
                continue
            depth, body = depth + 1, True
        elif token == "}":
            depth -= 1
        elif depth == 0:
            outer.append((kind, token, offset))
        ends = depth == 0 and (token == ";" or (token == "}" and _is_function(outer)))
        if ends:
            found.append(Declaration(begin, offset + len(token), outer, body))
            outer, begin, body = [], None, False
    if begin is not None or depth != 0:
        raise Error("braces that do not close, or a last declaration without `;`")
    return found


def _is_function(outer):
    """Whether braces that just closed were a function's body: before them a parameter list ended, and no `=` came."""
    texts = [text for kind, text, _ in outer if kind != "space"]
    return bool(texts) and texts[-1] == ")" and "=" not in texts


def code_only(text):
    """The text with comments and literals blanked out, so that searches find code alone."""
    out = []
    for kind, token, _ in tokens(text):
        out.append(re.sub(r"[^\n]", " ", token) if kind in ("comment", "string") else token)
    return "".join(out)


def api_names(header):
    """The functions that a public header declares, in its order."""
    return [d.name for d in declarations(header) if d.is_function and not d.body]


def macros(text):
    """(name, directive, offset) of each #define."""
    for kind, token, offset in tokens(text):
        match = re.match(r"[ \t]*#[ \t]*define[ \t]+(\w+)", token) if kind == "directive" else None
        if match:
            yield match.group(1), token, offset
