"""Files of big formats are read in a process of their own, and come back as they would have here."""

import pytest

from tests.retrieval.samples.builders import pdf, workbook
from turnkeeper.retrieval.parsing import parse, parse_apart
from turnkeeper.retrieval.parsing.kinds import kind_of
from turnkeeper.retrieval.parsing.parsed import UnreadableError


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (pdf([["Hello"]]), "a.pdf"),
        (workbook({"Products": [["entry_id", "name", "price"], ["1", "A", 3.5]]}), "a.xlsx"),
        (b"PK\x03\x04 damaged", "a.docx"),
        (b"# Hello", "a.md"),
    ],
)
def test_what_was_read_apart_is_what_would_have_been_read_here(data: bytes, address: str) -> None:
    assert parse_apart(data, address) == parse(data, address)


def test_an_archive_of_very_many_parts_is_refused_before_they_are_listed() -> None:
    with pytest.raises(UnreadableError, match="more than 20,000 parts"):
        kind_of(b"PK\x03\x04" + b"PK\x01\x02" * 20_001, "a.docx")
