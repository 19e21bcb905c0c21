"""Markdown, kept as Markdown; the title comes from the front matter or the first heading."""

import re

from turnkeeper.retrieval.parsing.parsed import ParsedDocument
from turnkeeper.retrieval.parsing.plain import clean, decode, shorten_title, title_from_address

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_FIELD = re.compile(r"^[\w.-]+[ \t]*[:=]", re.MULTILINE)
_FRONT_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ATX_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT_RULE = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_HEADING_ID = re.compile(r"[ \t]*\{#[^}]*\}$")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`+|~~)(?=\S)(.+?)(?<=\S)\1")
_LONGEST_LINE = 1000  # of a heading; the patterns above take long on lines of megabytes
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def parse_markdown(data: bytes, address: str) -> ParsedDocument:
    """Markdown without its front matter, which only gives the title."""
    text = clean(decode(data))
    front, body = _split_front_matter(text)
    title = _front_title(front) or _first_heading(body) or title_from_address(address)
    return ParsedDocument(address=address, title=title, text=clean(body))


def _split_front_matter(text: str) -> tuple[str, str]:
    match = _FRONT_MATTER.match(text)
    # Two horizontal rules around prose look the same; only lines like "name: value" make it front matter.
    if match is None or not _FRONT_FIELD.search(match[2]):
        return "", text
    return match[2], text[match.end() :]


def _front_title(front: str) -> str:
    match = _FRONT_TITLE.search(front)
    return shorten_title(match[1].strip().strip("\"'")) if match else ""


def _first_heading(text: str) -> str:
    fence = ""
    before = ""
    for whole in text.split("\n"):
        line = whole[:_LONGEST_LINE]
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        elif heading := _ATX_HEADING.match(line):
            return _without_markup(heading[1])
        elif before.strip() and _SETEXT_RULE.match(line):
            return _without_markup(before)
        before = "" if fence or mark else line
    return ""


def _without_markup(heading: str) -> str:
    heading = _TAG.sub("", _IMAGE_OR_LINK.sub(r"\1", _HEADING_ID.sub("", heading)))
    return shorten_title(_EMPHASIS.sub(r"\2", heading))
