"""The sentences, list items, table rows and records of plain text and Markdown, with their places and what they hang on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+(?=[\"'“‘(\[*_]*[^\W_a-z])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|incl|excl|no|nos|vs|mr|mrs|dr|st|cf|fig|min|max)|\b[A-Z])\.$", re.IGNORECASE
)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_RULE = re.compile(r"[\s|:=+-]*$")
_FIELD = re.compile(r"\s*[^\W_][^:|.!?\n]{0,40}:\s+\S")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_SHORT_LINE = 60
_LONGEST_RECORD = 600

LineKind = Literal["blank", "heading", "item", "row", "rule", "field", "code", "text"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A piece of a text, by character offsets."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence(Span):
    """One thing that a text says.

    `block` counts the paragraphs, lists, tables and records that they stand in; `heading` is the nearest heading above;
    `lead` is the table's first row, or the line that ends with a colon and introduces a list.
    """

    kind: Literal["heading", "item", "row", "record", "code", "text"]
    block: int
    heading: Span | None
    lead: Span | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block(Span):
    kind: Literal["heading", "item", "row", "record", "code", "text"]
    group: int
    """Blocks that follow each other without a blank line, and items of one list, are of one group."""


def sentences_of(text: str) -> list[Sentence]:
    """Everything that the text says, in its order; offsets leave out the space around."""
    found: list[Sentence] = []
    heading: Span | None = None
    lead: Span | None = None
    group = -1
    for block in _blocks(text):
        if block.group != group and block.kind != "item":
            lead = None
        if block.kind == "row" and (block.group != group or not found or found[-1].kind != "row"):
            lead = block
        group = block.group
        for span in _split(text, block):
            found.append(
                Sentence(start=span.start, end=span.end, kind=block.kind, block=group, heading=heading, lead=lead)
            )
            if block.kind == "text" and text[span.start : span.end].rstrip("*_ ").endswith(":"):
                lead = span
        if block.kind == "heading":
            heading, lead = block, None
    return found


def _split(text: str, block: _Block) -> Iterator[Span]:
    """The sentences of a paragraph or list item; everything else is one piece."""
    start = block.start
    if block.kind in {"text", "item"}:
        for gap in _END.finditer(text, block.start, block.end):
            if _ABBREVIATION.search(text, start, gap.start()) or _ITEM.fullmatch(text, start, gap.end()):
                continue
            yield _trimmed(text, start, gap.end())
            start = gap.end()
    last = _trimmed(text, start, block.end)
    if last.end > last.start:
        yield last


def _blocks(text: str) -> Iterator[_Block]:
    """Lines put together: a paragraph's lines, a record's fields, an item and the lines that carry it on."""
    held: list[Span] = []
    held_kind: LineKind = "blank"
    group = 0
    for line, kind in _lines(text):
        if held and not _carries_on(text, held, held_kind, line, kind):
            if kind != "blank" and held_kind == "text" and _is_title(text, held):
                held_kind = "heading"
            yield from _closed(held, held_kind, group)
            held = []
        if kind == "blank":
            group += 1
        elif kind != "rule":
            held_kind = kind if not held else held_kind
            held.append(line)
    yield from _closed(held, held_kind, group)


def _closed(lines: list[Span], kind: LineKind, group: int) -> Iterator[_Block]:
    if not lines:
        return
    start, end = lines[0].start, lines[-1].end
    match kind:
        case "field":
            as_block = "record" if len(lines) > 1 else "text"
        case "heading" | "item" | "row" | "code" | "text":
            as_block = kind
        case "blank" | "rule":
            return
    yield _Block(start=start, end=end, kind=as_block, group=group)


def _carries_on(text: str, held: list[Span], held_kind: LineKind, line: Span, kind: LineKind) -> bool:
    """Whether the line belongs to the block that the held lines began."""
    match held_kind:
        case "code":
            return kind == "code" and line.end - held[0].start <= _LONGEST_RECORD
        case "field":
            whole = text[held[-1].start : held[-1].end].rstrip().endswith((".", "!", "?"))
            return kind == held_kind and not whole and line.end - held[0].start <= _LONGEST_RECORD
        case "text" | "item":
            if kind != "text" and not (kind == "field" and not _stands_alone(text, held[-1])):
                return False
            return not (held_kind == "text" and _stands_alone(text, held[-1]) and not _begins_small(text, line))
        case _:
            return False


def _stands_alone(text: str, line: Span) -> bool:
    """Whether the line is too short to have been wrapped, or ends as a sentence does."""
    return line.end - line.start < _SHORT_LINE or text[line.start : line.end].rstrip().endswith((".", "!", "?", ":"))


def _is_title(text: str, lines: list[Span]) -> bool:
    """Whether a single short line without a full stop stands right above other text, as plain files write headings."""
    line = text[lines[0].start : lines[-1].end].strip()
    return len(lines) == 1 and len(line) < _SHORT_LINE and line[-1].isalnum()


def _begins_small(text: str, line: Span) -> bool:
    return text[line.start : line.end].lstrip()[:1].islower()


def _lines(text: str) -> Iterator[tuple[Span, LineKind]]:
    start = 0
    fenced = False
    for line in text.splitlines(keepends=True):
        span = Span(start=start, end=start + len(line))
        start += len(line)
        if _FENCE.match(line):
            fenced = not fenced
            yield span, "rule"
        else:
            yield span, "code" if fenced and line.strip() else _kind_of(line)


def _kind_of(line: str) -> LineKind:
    kind: LineKind = "text"
    if not line.strip():
        kind = "blank"
    elif _HEADING.match(line):
        kind = "heading"
    elif _RULE.match(line):
        kind = "rule"
    elif _ITEM.match(line):
        kind = "item"
    elif line.lstrip().startswith("|"):
        kind = "row"
    elif _FIELD.match(line):
        kind = "field"
    return kind


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start=start, end=max(start, start + len(piece.strip())))
