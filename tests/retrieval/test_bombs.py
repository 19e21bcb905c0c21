"""Files that are small and ask for much: each ends in a sentence, within what reading one file may take."""

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.retrieval.samples.builders import bomb, with_part, word
from turnkeeper.retrieval.parsing import ParsedDocument, Unreadable
from turnkeeper.retrieval.parsing.apart import Bounds, parse_apart
from turnkeeper.retrieval.sources.archive import Archive

TOOK_TOO_MUCH = "Reading it took more memory or time than one file may."
_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_ROW = "<w:tr>{}<w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr>"


def in_word(body: str, before: str = "") -> str:
    """The main part of a Word document."""
    return f"{before}<w:document {_SPACE}><w:body>{body}</w:body></w:document>"


def spanning(columns: int, rows: int = 1) -> bytes:
    """A Word document whose table has cells over so many columns."""
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p></w:tc>'
    return with_part(word(), "word/document.xml", in_word(f"<w:tbl>{_ROW.format(cell) * rows}</w:tbl>").encode())


def entities(encoding: str) -> bytes:
    """A Word document that says one letter 1,000,000,000 times: by entities of entities."""
    letters = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10))
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a0 "a">{letters}]>'
    said = in_word("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", head)
    return with_part(word(), "word/document.xml", said.encode(encoding))


def nested(levels: int) -> bytes:
    """An archive in an archive in an archive."""
    content = b"text"
    for level in range(levels):
        out = BytesIO()
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip" if level else "inner.txt", content)
        content = out.getvalue()
    return content


@pytest.mark.parametrize(
    ("data", "within", "why"),
    [
        (spanning(63, rows=6_000), Bounds(cpu_seconds=1), TOOK_TOO_MUCH),
        (word(), Bounds(seconds=0.01), "Reading it took more than 0.01 seconds."),
        (word(), Bounds(megabytes=8), TOOK_TOO_MUCH),
    ],
    ids=["time of the processor", "time", "memory"],
)
def test_a_file_that_takes_too_much_is_refused(data: bytes, within: Bounds, why: str) -> None:
    assert parse_apart(data, "a.docx", within=within) == [Unreadable(address="a.docx", why=why)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (entities("utf-8"), "Its XML declares a document type, which Office files never do."),
        (entities("utf-16"), "The file is damaged and could not be read (XMLSyntaxError)."),
        (bomb(1_000), "It is a damaged or encrypted Office file; save it again without a password."),
        (bomb(), "Its text unpacks to more than 128 MiB."),
    ],
    ids=["entities", "entities in UTF-16", "a false size", "a true size"],
)
def test_a_bomb_is_refused_long_before_the_limits(data: bytes, why: str) -> None:
    assert len(data) < 1_000_000
    assert parse_apart(data, "a", within=Bounds(cpu_seconds=5, megabytes=512)) == [Unreadable(address="a", why=why)]


def test_a_cell_over_two_thousand_million_columns_is_one_cell() -> None:
    (read,) = parse_apart(spanning(2_000_000_000), "a.docx", within=Bounds(cpu_seconds=5, megabytes=512))
    assert isinstance(read, ParsedDocument)
    assert read.text == "| wide | a |"


def test_archives_in_archives_are_never_opened_however_deep(tmp_path: Path) -> None:
    # Also what guards against an archive that holds itself for ever.
    path = tmp_path / "a.zip"
    path.write_bytes(nested(10))
    archive = Archive(path)
    (file,) = archive.files
    why = "It is a ZIP archive or an Office format that is not supported; unpack or convert it first."
    assert file.read() == [Unreadable(address="inner.zip", why=why)]
    archive.close()
