"""Reading text, Markdown and web pages, and telling what a file is."""

import subprocess
import sys
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.patience import PROCESS_PATIENCE
from tests.retrieval.samples.builders import pdf, png, word
from turnkeeper.retrieval.parsing import ParsedDocument, Unreadable, parse


def read(data: bytes | str, address: str) -> ParsedDocument:
    items = parse(data.encode() if isinstance(data, str) else data, address)
    assert len(items) == 1
    assert isinstance(items[0], ParsedDocument), items[0]
    assert items[0].address == address
    return items[0]


def refusal(data: bytes | str, address: str) -> str:
    items = parse(data.encode() if isinstance(data, str) else data, address)
    assert len(items) == 1
    assert isinstance(items[0], Unreadable), items[0]
    assert items[0].address == address
    return items[0].why


# Text and its encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "utf-32", "cp1252", "latin-1"]
)
def test_the_encoding_of_a_text_is_found(encoding: str) -> None:
    text = "Gebühren: 5 für jede Prüfung"
    data = {
        "utf-16-le-bom": b"\xff\xfe" + text.encode("utf-16-le"),
        "utf-16-be-bom": b"\xfe\xff" + text.encode("utf-16-be"),
    }.get(encoding) or text.encode(encoding)
    assert read(data, "a.txt").text == text


def test_bytes_that_windows_1252_does_not_know_are_read_as_latin_1() -> None:
    assert read(b"caf\xe9 \x81 end", "a.txt").text == "café \x81 end"


def test_text_is_made_clean() -> None:
    decomposed = unicodedata.normalize("NFD", "Größe")
    text = read(f"\r\n\r\nTitle \t\r\nmit\x00 {decomposed}\x07\rline   \n\n", "a.txt").text
    assert text == "Title\nmit Größe\nline"


@settings(deadline=None)  # the machine may be busy; nothing here is about time
@given(st.text(max_size=300))
def test_any_text_is_read_to_something_that_can_be_stored(text: str) -> None:
    for item in parse(text.encode("utf-8", "replace"), "a.md"):
        stored = f"{item.title}\n{item.text}" if isinstance(item, ParsedDocument) else repr(item)
        assert "\x00" not in stored
        assert "\r" not in stored
        assert unicodedata.is_normalized("NFC", stored)


@settings(deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["txt", "md", "html", "pdf", "docx", "csv", "xlsx", "jsonl", "bin"]))
def test_no_bytes_make_reading_fail(data: bytes, suffix: str) -> None:
    assert len(parse(data, f"a.{suffix}")) > 0 or suffix == "jsonl"


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 5000), st.sampled_from([pdf([["some text"]]), word()]))
def test_no_damage_to_a_real_file_makes_reading_fail(noise: bytes, place: int, sample: bytes) -> None:
    assert parse(sample[:place] + noise + sample[place + len(noise) :], "a.bin")


def test_the_first_line_of_a_text_is_its_title_when_it_reads_like_one() -> None:
    assert read("Support hours\n\nWe are there all day.", "a/hours.txt").title == "Support hours"
    assert (
        read("A long sentence that ends with a stop.\nMore.", "a/opening-hours_2026.txt").title == "opening hours 2026"
    )


# What a file is


def test_a_pdf_is_known_by_its_bytes_whatever_its_name() -> None:
    assert read(pdf([["Hello there"]]), "hello.txt").text == "Hello there"


def test_a_web_page_is_known_by_its_bytes_when_named_as_text() -> None:
    assert read("<!DOCTYPE html><title>T</title><p>Hello <b>there</b>", "a.txt").text == "Hello there"


def test_an_unknown_suffix_with_text_is_read_as_text() -> None:
    assert read("All rights reserved.", "LICENSE").text == "All rights reserved."


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (png(), "notes.md"),
        (bytes(range(256)) * 8, "data.txt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.doc"),
        (b"\x1f\x8b\x08" + bytes(50), "page.html.gz"),
        (b"{\\rtf1 hello}", "letter.txt"),
        (b"PK\x03\x04" + bytes(60), "broken.docx"),
        (b"just text", "fake.pdf"),
        (b"just text", "fake.xlsx"),
        (b"", "empty.md"),
        (b" \n\x00\n ", "blank.md"),
        (b"<html><body><script>load()</script></body></html>", "app.html"),
    ],
)
def test_what_is_no_readable_document_is_refused_with_a_sentence(data: bytes, address: str) -> None:
    why = refusal(data, address)
    assert why[0].isupper()
    assert why.endswith(".")
    assert "Error" not in why


def test_a_file_above_the_limit_is_refused_by_size() -> None:
    assert refusal(b"a" * (64 * 2**20 + 1), "a.txt") == snapshot(
        "The file has 64.0 MiB and the limit is 64 MiB; split it."
    )


def test_a_text_that_is_too_long_for_one_document_is_cut_and_reported() -> None:
    document, report = parse(b"word " * 4_200_000, "a.txt")
    assert isinstance(document, ParsedDocument)
    assert len(document.text) <= 20_000_000
    assert report == Unreadable(address="a.txt", why="Only the first 20,000,000 characters of the text were read.")


# Markdown


def test_the_title_of_markdown_is_its_first_heading_outside_of_code() -> None:
    text = "Intro\n\n```sh\n# no heading\n```\n\n## The **real** [title](http://x) `now` {#anchor}\n\nText"
    document = read(text, "a.md")
    assert document.title == "The real title now"
    assert document.text == text


def test_an_underlined_heading_is_a_title() -> None:
    assert read("Our plans\n=========\n\nText", "a.markdown").title == "Our plans"


def test_front_matter_gives_the_title_and_is_no_text() -> None:
    document = read('---\ntitle: "Terms: all"\ntags: [a]\n---\n# Other\n\nText', "a.md")
    assert document.title == "Terms: all"
    assert document.text == "# Other\n\nText"


def test_horizontal_rules_around_prose_are_no_front_matter() -> None:
    assert read("---\nJust a paragraph\n---\nText", "a-note.md").text == "---\nJust a paragraph\n---\nText"


def test_markdown_without_a_heading_is_called_like_its_file() -> None:
    assert read("Only a paragraph.", "docs/fair-use.md").title == "fair use"


# Web pages

PAGE = """<!DOCTYPE html><html><head><title>Plans — Example Ltd</title><style>p{}</style></head><body>
<nav>Home | Plans</nav><header>Example Ltd</header>
<main><h1>Our <em>plans</em></h1><p>Fast &amp; fair&nbsp;lines,
  10<sup>3</sup> of them.<br>Second line.</p>
<ul><li>one<ul><li>nested</li></ul></li><li><p>two</p></li></ul><ol><li>first</li><li>second</li></ol>
<table><thead><tr><th>Plan</th><th>Price</th></tr></thead><tr><td>A|B</td><td><p>89</p><p>euros</p></td></tr></table>
<pre><span>if x:</span>
    run(<b>x</b>)
</pre><p>Use <code>run()</code>.</p><dl><dt>term</dt><dd>meaning</dd></dl>
<blockquote><p>Said.</p></blockquote><script>alert(1)</script></main><footer>Imprint</footer></body></html>"""


def test_a_page_becomes_markdown_without_its_navigation() -> None:
    document = read(PAGE, "plans.html")
    assert document.title == "Our plans"
    assert document.text == snapshot("""\
# Our plans

Fast & fair lines, 10^3 of them.
Second line.

- one
  - nested
- two

1. first
2. second

| Plan | Price |
|---|---|
| A\\|B | 89 euros |

```
if x:
    run(x)
```

Use `run()`.

term

meaning

> Said.\
""")


def test_a_page_without_headings_takes_its_title_from_the_head_without_the_site_name() -> None:
    assert read("<title>Plans — Example Ltd</title><body><p>Text", "a.html").title == "Plans"


SPHINX = """<html><head><meta charset="utf-8"/><title>bisect — Handbook 3.11 documentation</title></head><body>
<div class="related" role="navigation"><h3>Navigation</h3><ul><li>index</li></ul></div>
<div class="document"><div class="documentwrapper"><div class="bodywrapper"><div class="body" role="main">
<section id="b"><h1><code class="xref"><span class="pre">bisect</span></code> — Arrays
<a class="headerlink" href="#b">¶</a></h1>
<div class="toctree-wrapper compound"><ul><li><a href="x.html">Other page</a></li></ul></div>
<dl class="py function"><dt class="sig" id="f"><span>bisect.left</span>(<em>a</em>, <em>x</em>)
<a class="headerlink" href="#f">¶</a></dt>
<dd><p>Locate the point.</p></dd></dl>
<div class="highlight"><pre><span></span><span class="gp">&gt;&gt;&gt; </span><span class="n">left</span>
</pre></div></section></div></div></div>
<div class="sphinxsidebar" role="navigation"><h4>Previous topic</h4></div></div>
<div class="footer">&copy; Copyright</div></body></html>"""


def test_a_page_made_by_sphinx_comes_out_clean() -> None:
    document = read(SPHINX, "library/bisect.html")
    assert document.title == "bisect — Arrays"
    assert document.text == snapshot("""\
# `bisect` — Arrays

bisect.left(a, x)

Locate the point.

```
>>> left
```\
""")


DOCBOOK = """<?xml version="1.0" encoding="UTF-8" standalone="no"?><!DOCTYPE html>
<html><head><title>8.1. Numeric Types</title></head>
<body id="docContent"><div class="navheader">
<table><tr><th>8.1. Numeric Types</th></tr><tr><td>Prev</td><td>Next</td></tr></table>
</div><div class="sect1"><div class="titlepage"><div><div><h2 class="title">8.1. Numeric Types</h2></div></div></div>
<div class="toc"><dl><dt>8.1.1. Integers</dt></dl></div><p>Numbers of <code class="type">integer</code> size.</p>
<div class="table"><p class="title"><b>Table 8.2. Types</b></p><div class="table-contents">
<table class="table"><colgroup><col/></colgroup>
<thead><tr><th>Name</th><th>Size</th></tr></thead><tbody><tr><td><code>int</code></td><td>4 bytes</td></tr></tbody>
</table></div></div></div><div class="navfooter"><table><tr><td>Prev</td></tr></table></div></body></html>"""


def test_a_page_made_by_docbook_comes_out_clean() -> None:
    document = read(DOCBOOK, "datatype.html")
    assert document.title == "8.1. Numeric Types"
    assert document.text == snapshot("""\
## 8.1. Numeric Types

Numbers of `integer` size.

Table 8.2. Types

| Name | Size |
|---|---|
| `int` | 4 bytes |\
""")


@pytest.mark.parametrize(
    "data",
    [
        '<meta charset="iso-8859-1"><p>Prüfung für 5 €'.encode("cp1252"),
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>Prüfung für 5 €'.encode("cp1252"),
        '<?xml version="1.0" encoding="iso-8859-15"?><html><p>Prüfung für 5 €'.encode("iso-8859-15"),
        '\ufeff<meta charset="iso-8859-1"><p>Prüfung für 5 €'.encode(),
        '<meta charset="no-such-thing"><p>Prüfung für 5 €'.encode(),
    ],
)
def test_the_encoding_of_a_page_is_taken_from_its_mark_or_its_declaration(data: bytes) -> None:
    assert read(data, "a.html").text == "Prüfung für 5 €"


def test_a_page_that_is_nothing_but_navigation_is_read_all_the_same() -> None:
    assert "Terms of use" in read("<body><nav><ul><li>Terms of use<li>Prices</ul></nav></body>", "index.html").text


def test_a_table_that_only_lays_out_the_page_is_read_cell_by_cell() -> None:
    page = "<table><tr><td>Menu</td><td><h2>News</h2><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"
    assert read(page, "a.html").text == "Menu\n\n## News\n\n| a | b |"


def test_deep_nesting_neither_overflows_nor_takes_long() -> None:
    assert "core" in read("<div><ul><li>" * 300 + "core", "deep.html").text
    assert refusal("<div>" * 100_000 + "core", "deeper.html") == snapshot("The page's elements are nested too deep.")


@pytest.mark.parametrize(
    ("data", "address"),
    [
        ("x" + " " * 1_000_000 + "y", "blanks.txt"),
        ("# " + " " * 1_000_000 + "y", "blanks.md"),
        ("# " + "*a" * 500_000, "stars.md"),
        ("<!---->" * 10_000 + "<p>x", "comments.txt"),
        ("<p>" * 100_000 + "x", "paragraphs.html"),
        ("<svg>" + "<path d='M0'/>" * 20_000 + "</svg><p>x", "drawing.html"),
        ("<nav>" * 900 + "x", "navigation.html"),
        ("---\n" * 100_000, "rules.md"),
        ('"' * 1_000_000, "quotes.csv"),
        ("[" * 1_000_000, "brackets.jsonl"),
    ],
)
def test_hostile_files_take_no_longer_than_their_size_allows(data: str, address: str) -> None:
    started = time.process_time()
    assert parse(data.encode(), address)
    assert time.process_time() - started < 5


# The start of the server


def test_the_format_libraries_are_not_loaded_until_a_file_needs_them() -> None:
    code = (
        "import sys, turnkeeper.retrieval.sources.folder\n"
        "print([name for name in ('pypdfium2', 'docx', 'openpyxl', 'selectolax', 'lxml') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=True
    )
    assert ran.stdout == "[]\n"
