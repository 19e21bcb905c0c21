"""A tree of HTML nodes as Markdown text: headings, paragraphs, lists, tables and code."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li",
    "main", "menu", "ol", "p", "pre", "section", "summary", "table", "ul",
})
# fmt: on
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CODE = frozenset({"code", "tt", "samp"})
_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_LAID_OUT = "pre, ul, ol, dl, h1, h2, h3, h4, h5, h6"
_EXPONENT = re.compile(r"-?\d{1,3}$")
_DEEPEST = 90
"""Nodes below are read as plain text: Python's own stack ends at about a thousand calls."""


def render(node: LexborNode) -> str:
    """The node's content as Markdown, blocks parted by a blank line."""
    return "\n\n".join(_Writer().written(node, 0))


class _Writer:
    """Gathers inline text into lines and lines into blocks."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._line: list[str] = []

    def written(self, node: LexborNode, depth: int) -> list[str]:
        """Everything inside the node, as blocks."""
        self._inside(node, depth)
        self._end_line()
        return self._blocks

    def _inside(self, node: LexborNode, depth: int) -> None:
        if depth > _DEEPEST:
            self._line.append(_SPACE.sub(" ", node.text(separator=" ")))
            return
        for child in node.iter(include_text=True):
            if child.is_text_node:
                self._line.append(_SPACE.sub(" ", child.text_content or ""))
            elif child.is_element_node:
                self._element(child, depth + 1)

    def _element(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag in _HEADINGS:
            self._heading(node, depth)
        elif tag in _BLOCKS:
            self._block(tag, node, depth)
        elif tag == "br":
            self._line.append("\n")
        elif tag in _CODE:
            self._code(node)
        elif tag == "sup" and _EXPONENT.match(exponent := node.text().strip()):
            self._line.append(f"^{exponent}")
        else:
            self._inside(node, depth)

    def _block(self, tag: str, node: LexborNode, depth: int) -> None:
        self._end_line()
        if tag in ("ul", "ol", "menu"):
            self._add(_list(node, depth, numbered=tag == "ol"))
        elif tag == "pre":
            self._add(_fenced(node.text()))
        elif tag == "table" and len(node.css("table")) == 1 and not node.css(_LAID_OUT):
            self._add(_table(node, depth))
        elif tag == "table":
            self._laid_out_table(node, depth)
        elif tag == "blockquote":
            self._add(
                "\n".join(f"> {line}".rstrip() for line in _blocks(node, depth).split("\n")) if node.text() else ""
            )
        else:
            self._inside(node, depth)
            self._end_line()

    def _heading(self, node: LexborNode, depth: int) -> None:
        self._end_line()
        if title := _blocks(node, depth).replace("\n", " ").strip():
            self._add("#" * _HEADINGS[node.tag or "h1"] + " " + title)

    def _code(self, node: LexborNode) -> None:
        text = _SPACE.sub(" ", node.text()).strip()
        self._line.append(f"`{text}`" if text and "`" not in text else text)

    def _laid_out_table(self, table: LexborNode, depth: int) -> None:
        for cell in _cells_of(table):
            for block in _Writer().written(cell, depth):
                self._add(block)

    def _add(self, block: str) -> None:
        if block.strip():
            self._blocks.append(block)

    def _end_line(self) -> None:
        lines = (_SPACE.sub(" ", line).strip() for line in "".join(self._line).split("\n"))
        self._line.clear()
        self._add("\n".join(line for line in lines if line))


def _blocks(node: LexborNode, depth: int) -> str:
    return "\n\n".join(_Writer().written(node, depth))


def _list(node: LexborNode, depth: int, *, numbered: bool) -> str:
    lines: list[str] = []
    number = 1
    for child in node.iter():
        text = "\n".join(_Writer().written(child, depth)) if child.tag == "li" else _blocks(child, depth)
        if child.tag in ("ul", "ol"):  # a list directly in a list: not lawful, yet common
            text = _list(child, depth, numbered=child.tag == "ol")
        if not text.strip():
            continue
        mark = "" if child.tag != "li" else f"{number}. " if numbered else "- "
        number += child.tag == "li"
        lines.append(mark + text.replace("\n", "\n" + " " * (len(mark) or 2)))
    return "\n".join(lines)


def _fenced(code: str) -> str:
    code = code.replace("\u00a0", " ").strip("\n").rstrip()
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}\n{code}\n{fence}" if code.strip() else ""


def _table(table: LexborNode, depth: int) -> str:
    caption = table.css_first("caption")
    lines = [_blocks(caption, depth).replace("\n", " ") + "\n"] if caption else []
    rows = [row for tr in table.css("tr") if any(row := [_cell(cell, depth) for cell in _cells_of(tr)])]
    for index, row in enumerate(rows):
        lines.append("| " + " | ".join(row) + " |")
        if index == 0 and len(rows) > 1:
            lines.append("|" + "---|" * max(map(len, rows)))
    return "\n".join(lines)


def _cell(cell: LexborNode, depth: int) -> str:
    return _blocks(cell, depth).replace("\n\n", " ").replace("\n", " ").replace("|", "\\|")


def _cells_of(node: LexborNode) -> Iterator[LexborNode]:
    """Cells of this table or row in order, those of nested tables left to their own table."""
    for child in node.iter():
        if (child.tag in ("td", "th", "caption") and node.tag != "table") or child.tag == "caption":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot", "tr"):
            yield from _cells_of(child)
