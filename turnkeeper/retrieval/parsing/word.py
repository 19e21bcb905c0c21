"""Word documents as Markdown: headings, paragraphs, lists and tables in the order of the document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.table import Table, _Cell  # pyright: ignore[reportPrivateUsage] - the library's only name for a cell
from docx.text.paragraph import Paragraph

from turnkeeper.retrieval.parsing.parsed import ParsedDocument, UnreadableError
from turnkeeper.retrieval.parsing.plain import clean, one_line, shorten_title, title_from_first_line
from turnkeeper.retrieval.parsing.zip_guard import refuse_bombs

_HEADING_STYLE = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list (bullet|number)(?: ([2-5]))?", re.IGNORECASE)
_LIST_ITEM = re.compile(r" *(?:- |1\. )")
_STYLE_ID = "./w:pPr/w:pStyle/@w:val"
_FACTORY_TITLES = {"", "word document"}
_DEEPEST_TABLE = 4
_MOST_COLUMNS = 63  # of Word; other programs write no more either
_MAX_XML_BYTES = 32 * 1024 * 1024  # held as a tree of some ten times the size
_WRAPPERS = ".//w:sdt | .//w:ins | .//w:moveTo | .//w:smartTag | .//w:customXml"


def parse_word(data: bytes, address: str) -> ParsedDocument:
    """The body of the document; headers, footers, comments and pictures are left out.

    Raises:
        UnreadableError: damaged, or without text.
    """
    refuse_bombs(data, max_xml_bytes=_MAX_XML_BYTES)
    document = Document(BytesIO(data))
    _unwrap(document)
    _narrow(document)
    text = clean(_joined(_blocks(document, _style_names(document), 0)))
    if not text:
        raise UnreadableError("The document holds no text.")
    return ParsedDocument(address=address, title=_title(document, text, address), text=text)


def _unwrap(document: WordDocument) -> None:
    """Take form fields and tracked insertions out of their wrappers: the library passes over what is inside."""
    for wrapper in document.element.xpath(_WRAPPERS):
        for child in list(wrapper):
            inside = list(child) if child.tag.endswith("}sdtContent") else [child]
            for element in inside:
                wrapper.addprevious(element)
        wrapper.getparent().remove(wrapper)


def _narrow(document: WordDocument) -> None:
    """Let no cell span more columns than a table can have: the library makes a cell of each, of two thousand million too."""
    for span in document.element.xpath(f".//w:gridSpan[not(@w:val <= {_MOST_COLUMNS})]"):
        span.getparent().remove(span)


def _title(document: WordDocument, text: str, address: str) -> str:
    heading = re.match(r"#+ (.+)", text)
    stated = document.core_properties.title.strip()
    if heading is None and stated.lower() not in _FACTORY_TITLES:
        return shorten_title(stated)
    return shorten_title(heading[1]) if heading else title_from_first_line(text, address)


def _style_names(document: WordDocument) -> Mapping[str, str]:
    """Names by style id, once for the document: to ask each paragraph for its style takes a millisecond each."""
    return {style.style_id: style.name or "" for style in document.styles}


def _joined(blocks: Iterator[str]) -> str:
    """Blocks parted by a blank line, the items of one list by a line end only."""
    parts: list[str] = []
    in_list = False
    for block in blocks:
        is_item = _LIST_ITEM.match(block) is not None
        parts.append(("\n" if is_item and in_list else "\n\n") + block)
        in_list = is_item
    return "".join(parts)


def _blocks(container: WordDocument | _Cell, styles: Mapping[str, str], depth: int) -> Iterator[str]:
    for block in container.iter_inner_content():
        text = _paragraph(block, styles) if isinstance(block, Paragraph) else _table(block, styles, depth)
        if text.strip():
            yield text


def _paragraph(paragraph: Paragraph, styles: Mapping[str, str]) -> str:
    text = paragraph.text.strip()
    style = next((styles.get(str(found), "") for found in paragraph.paragraph_format.element.xpath(_STYLE_ID)), "")
    if not text or style.lower().startswith("toc "):  # a table of contents repeats the headings with page numbers
        return ""
    if style == "Title":
        return f"# {one_line(text)}"
    if heading := _HEADING_STYLE.match(style):
        return f"{'#' * min(int(heading[1]), 6)} {one_line(text)}"
    if item := _LIST_STYLE.match(style):
        return "  " * (int(item[2] or 1) - 1) + ("1. " if item[1].lower() == "number" else "- ") + one_line(text)
    if (level := _numbering_level(paragraph)) is not None:
        return "  " * level + "- " + one_line(text)
    return text


def _numbering_level(paragraph: Paragraph) -> int | None:
    """The depth of a list item that carries its numbering itself, as Google Docs and LibreOffice write it."""
    levels = paragraph.paragraph_format.element.xpath("./w:pPr/w:numPr/w:ilvl/@w:val")
    return min(int(str(levels[0])), 8) if levels else None


def _table(table: Table, styles: Mapping[str, str], depth: int) -> str:
    if depth > _DEEPEST_TABLE:
        return ""
    lines: list[str] = []
    for index, row in enumerate(rows := list(table.rows)):
        cells = [_cell(cell, styles, depth) for cell in _distinct(row.cells)]
        if any(cells):
            lines.append("| " + " | ".join(cells) + " |")
        if index == 0 and lines and len(rows) > 1:
            lines.append("|" + "---|" * len(cells))
    return "\n".join(lines)


def _distinct(cells: Sequence[_Cell]) -> Iterator[_Cell]:
    """The library names a merged cell once for every column that it spans."""
    index = 0
    while index < len(cells):
        yield cells[index]
        index += max(1, cells[index].grid_span)


def _cell(cell: _Cell, styles: Mapping[str, str], depth: int) -> str:
    return one_line(" ".join(_blocks(cell, styles, depth + 1))).replace("|", "\\|")
