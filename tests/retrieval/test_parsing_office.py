"""Reading PDF, Word, Excel, CSV and product lines."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from inline_snapshot import snapshot

from tests.patience import PATIENCE
from tests.retrieval.samples.builders import bomb, pdf, with_part, word, word_form, workbook
from turnkeeper.retrieval.parsing import Parsed, ParsedDocument, ParsedProduct, Unreadable, parse


def documents(items: Sequence[Parsed]) -> list[ParsedDocument]:
    return [item for item in items if isinstance(item, ParsedDocument)]


def products(items: Sequence[Parsed]) -> list[ParsedProduct]:
    return [item for item in items if isinstance(item, ParsedProduct)]


def reasons(items: Sequence[Parsed]) -> list[str]:
    return [item.why for item in items if isinstance(item, Unreadable)]


# PDF


def test_the_pages_of_a_pdf_are_read_in_order_and_parted_by_a_blank_line() -> None:
    items = parse(pdf([["Service terms", "Valid for 5 years."], [], ["The end."]]), "terms.pdf")
    assert items == [
        ParsedDocument(
            address="terms.pdf",
            title="Service terms",
            text="Service terms\nValid for 5 years.\n\n\n\nThe end.",
            pages=3,
        )
    ]


@pytest.mark.parametrize(("stated", "title"), [("Our terms", "Our terms"), ("Microsoft Word - x.doc", "First line")])
def test_a_pdf_is_called_by_its_own_title_unless_a_program_made_it_up(stated: str, title: str) -> None:
    assert documents(parse(pdf([["First line"]], title=stated), "a.pdf"))[0].title == title


def test_pdfs_that_cannot_be_read_say_why() -> None:
    assert reasons(parse(pdf([[], []]), "scan.pdf")) == snapshot(
        ["It holds no text, only pictures of pages; run text recognition (OCR) on it first."]
    )
    assert reasons(parse(pdf([["secret"]], encrypted=True), "locked.pdf")) == snapshot(
        ["It is protected by a password; save it without one."]
    )
    assert reasons(parse(b"%PDF-1.7 and no more", "cut.pdf")) == snapshot(["It is a damaged PDF; save it again."])


def test_how_many_pages_can_be_looked_at_is_told_of_scans_and_not_of_encrypted_files() -> None:
    (scan,) = parse(pdf([[], []]), "scan.pdf")
    (encrypted,) = parse(pdf([[], []], encrypted=True, password=False), "open.pdf")
    assert isinstance(scan, Unreadable)
    assert isinstance(encrypted, Unreadable)
    assert (scan.scanned_pages, encrypted.scanned_pages) == (2, None)
    assert encrypted.why.startswith("It holds no text")


def test_many_threads_may_read_pdfs_at_once() -> None:
    sample = pdf([[f"Page {number}"] for number in range(20)])
    with ThreadPoolExecutor(8) as pool:
        texts = {documents(items)[0].text for items in pool.map(parse, [sample] * 32, ["a.pdf"] * 32, timeout=PATIENCE)}
    assert len(texts) == 1


# Word


def test_a_word_document_becomes_markdown_in_its_own_order() -> None:
    (document,) = documents(parse(word(), "handbook.docx"))
    assert document.title == "Handbook"
    assert document.text == snapshot("""\
# Handbook

Before the table.

## Prices

| Item | Price |
|---|---|
| Line | 89 \\| 99 |
| Total of all |

- first
  - nested
1. step

After the table.\
""")


def test_form_fields_and_tracked_insertions_of_a_word_document_are_read() -> None:
    assert documents(parse(word_form(), "form.docx"))[0].text == "In a field.\n\nInserted."


def test_an_office_file_that_is_damaged_or_declares_entities_is_refused() -> None:
    assert reasons(parse(word()[:-200], "cut.docx")) == snapshot(
        ["It is a damaged archive or Office file; save it again."]
    )
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert reasons(parse(with_part(word(), "word/document.xml", entities), "a.docx")) == snapshot(
        ["Its XML declares a document type, which Office files never do."]
    )
    assert reasons(parse(with_part(word(), "word/document.xml", b"<no"), "a.docx")) == snapshot(
        ["The file is damaged and could not be read (XMLSyntaxError)."]
    )


@pytest.mark.parametrize("declared_size", [None, 1000])
def test_an_office_file_that_unpacks_to_too_much_is_refused(declared_size: int | None) -> None:
    sample = bomb(declared_size)
    assert len(sample) < 2**20
    items = parse(sample, "bomb.xlsx")
    assert (len(reasons(items)), documents(items)) == (1, [])


# Tables


def test_every_row_of_a_csv_file_keeps_the_names_of_its_columns() -> None:
    items = parse(b'Plan;Monthly fee;Note\nStart;39,00;\n;;\nDuplex;89,00;"two\nlines; one cell"\n', "price-list.csv")
    assert items == [
        ParsedDocument(
            address="price-list.csv",
            title="price list",
            text="Plan: Start\nMonthly fee: 39,00\n\nPlan: Duplex\nMonthly fee: 89,00\nNote: two lines; one cell",
        )
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = ["City", "Opened", "Remark"], ["Bonn", "9,5", "a"], ["Köln", "10,25", "b, c; d"]
    text = "\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in rows)
    (document,) = documents(parse(text.encode("cp1252"), "a.csv"))
    assert document.text == "City: Bonn\nOpened: 9,5\nRemark: a\n\nCity: Köln\nOpened: 10,25\nRemark: b, c; d"


def test_a_caption_above_the_column_names_and_rows_without_names_are_read() -> None:
    assert (
        documents(parse(b"Prices of 2026,\nItem,Fee\nLine,5\n", "a.csv"))[0].text
        == "Prices of 2026\n\nItem: Line\nFee: 5"
    )
    assert documents(parse(b"1,2\n3,4\n", "a.csv"))[0].text == "Column 1: 1\nColumn 2: 2\n\nColumn 1: 3\nColumn 2: 4"


def test_a_quotation_mark_that_is_never_closed_is_reported() -> None:
    assert reasons(parse(b'a,b\n"open,' + b"x" * 200_000, "a.csv")) == snapshot(
        ["Its rows could not be told apart; look for a quotation mark that is not closed."]
    )


def test_rows_above_the_limit_are_left_out_and_reported() -> None:
    items = parse(b"City,Area\n" + b"Bonn,1\n" * 50_001, "a.csv")
    assert documents(items)[0].text.count("Bonn") == 49_999
    assert reasons(items) == ["Only the first 50,000 rows were read."]


def test_a_product_table_becomes_products() -> None:
    table = (
        b"SKU,Name,Price,Category,Weight\n"
        b'R-5,Router R5,"1,290.00 EUR",Routers,420 g\n,Cable,on request,,\nR-5,Router again,1,,\n,,,,\n,,5,,\n'
    )
    items = parse(table, "stock.csv")
    assert products(items) == [
        ParsedProduct(
            entry_id="R-5",
            name="Router R5",
            slug="router-r5",
            sku="R-5",
            properties="Weight: 420 g",
            categories="Routers",
            price=1290.0,
        ),
        ParsedProduct(entry_id="cable", name="Cable", slug="cable", properties="Price: on request"),
    ]
    assert reasons(items) == snapshot(
        [
            "Row 4 repeats the product 'R-5' of an earlier row; the earlier one is kept.",
            "Row 6 has neither an id, a SKU nor a name.",
        ]
    )


@pytest.mark.parametrize(
    "head", ["name,price", "NAME,Unit Price", "entry_id,name", "Product ID;Title", "sku|description", "Id,Name,Price"]
)
def test_the_columns_of_a_product_table_may_be_written_in_any_case(head: str) -> None:
    delimiter = next(mark for mark in ",;|" if mark in head)
    row = delimiter.join(str(number) for number in range(11, 12 + head.count(delimiter)))
    assert len(products(parse(f"{head}\n{row}\n".encode(), "a.csv"))) == 1


def test_a_table_with_names_but_no_prices_is_no_product_table() -> None:
    assert products(parse(b"id,name,city\n1,Ann,Bonn\n", "people.csv")) == []


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("39", 39.0), ("39.90", 39.9), ("39,90", 39.9), ("1.290,00 €", 1290.0), ("€1,290.00", 1290.0),
        ("1'290.50 CHF", 1290.5), ("1 290,5", 1290.5), ("1.234.567", 1234567.0), ("1,290", 1290.0), ("5.-", 5.0),
        ("on request", None), ("12 or 13", None), ("nan", None), ("", None),
    ],
)  # fmt: skip
def test_prices_are_understood_as_people_write_them(written: str, price: float | None) -> None:
    items = parse(f"name;price;note\nLine;{written};x\n".encode(), "a.csv")
    assert products(items)[0].price == price


def test_a_workbook_is_one_document_with_a_section_a_sheet_and_its_products() -> None:
    sample = workbook(
        {
            "Terms": [["Plan", "Availability", "Since"], ["Duplex", 0.999, date(2026, 1, 31)], ["Start", None, None]],
            "Secret": [["a", "b"], ["c", "d"]],
            "Shop": [["Name", "Price", "Active"], ["Router", 149, True], ["Cable", 4.5, False]],
            "Empty": [],
        },
        hidden="Secret",
        percent="B2",
    )
    items = parse(sample, "data/all.xlsx")
    (document,) = documents(items)
    assert document.title == "all"
    assert document.text == snapshot("""\
## Terms

Plan: Duplex
Availability: 99.9 %
Since: 2026-01-31

Plan: Start\
""")
    assert [(product.name, product.price, product.properties) for product in products(items)] == [
        ("Router", 149.0, "Active: yes"),
        ("Cable", 4.5, "Active: no"),
    ]


def test_a_workbook_without_filled_cells_is_reported() -> None:
    assert reasons(parse(workbook({"Sheet1": []}), "a.xlsx")) == ["The workbook holds no filled cells."]


# Product lines


def test_every_line_of_a_product_file_becomes_a_product() -> None:
    line = {
        "entry_id": 17, "name": "Router R5", "sku": "HW-R5", "description": "Fast.\r\nSmall.", "price": "149,00",
        "properties": {"Wi-Fi": 6, "ports": ["WAN", "LAN"], "none": None}, "categories": ["Routers", "New"], "stock": 3,
    }  # fmt: skip
    assert parse(f"\ufeff{json.dumps(line)}\n\n".encode(), "p.jsonl") == [
        ParsedProduct(
            entry_id="17",
            name="Router R5",
            slug="router-r5",
            sku="HW-R5",
            description="Fast.\nSmall.",
            properties="Wi-Fi: 6\nports: WAN, LAN\nstock: 3",
            categories="Routers, New",
            price=149.0,
        )
    ]


def test_bad_lines_are_named_and_the_others_are_read() -> None:
    lines = ['{"entry_id":"a","name":"A"}', "{broken", "[1]", '{"name":"no id"}', '{"entry_id":"b","price":[]}']
    lines += [
        '{"entry_id":"a"}',
        '{"entry_id":"c","price":1e400}',
        "[" * 100_000,
        '{"entry_id":"d","name":"\\ud800\\u0000"}',
    ]
    items = parse("\n".join(lines).encode(), "p.jsonl")
    assert [product.name for product in products(items)] == ["A", "\ufffd"]
    assert reasons(items) == snapshot(
        [
            "Line 2 is not valid JSON.",
            "Line 3 is not a JSON object.",
            'Line 4 has no "entry_id".',
            'Line 5 has a "price" that is not a number.',
            "Line 6 repeats the product 'a' of an earlier line; the earlier one is kept.",
            'Line 7 has a "price" that is out of range.',
            "Line 8 is not valid JSON.",
        ]
    )


def test_a_file_of_nothing_but_bad_lines_does_not_flood_the_report() -> None:
    report = reasons(parse(b"{}\n" * 5000, "p.jsonl"))
    assert len(report) == 101
    assert report[-1] == "4,900 more lines could not be read."
