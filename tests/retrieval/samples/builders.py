"""Sample files made for a test: real PDF, Word and Excel bytes, whole or broken on purpose."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import md5
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document
from openpyxl import Workbook

Cell = str | float | bool | date | None


def pdf(pages: Sequence[Sequence[str]], *, title: str = "", encrypted: bool = False, password: bool = True) -> bytes:
    """A PDF with one line of text for each string; a page without strings is blank.

    One that is encrypted without a password opens, but its text was never really encrypted, and is not read again.
    """
    count = len(pages)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, lines in enumerate(pages):
        drawn = " ".join(f"1 0 0 1 72 {720 - 20 * row} Tm ({line}) Tj" for row, line in enumerate(lines))
        stream = f"BT /F1 12 Tf {drawn} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * index} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    extra = f"/Info {len(objects)} 0 R"
    if encrypted:
        key = "41" * 32  # no password has this digest, so that none opens the file
        user = key if password else _digest_of_no_password(bytes.fromhex(key)).hex()
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{key}> /U <{user}> >>")
        extra += f" /Encrypt {len(objects)} 0 R /ID [<{key}> <{key}>]"
    return _with_cross_references(objects, extra)


_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def _digest_of_no_password(owner: bytes) -> bytes:
    """What stands in a file that opens with the empty password: the PDF reference's algorithms 2 and 4."""
    key = md5(_PADDING + owner + struct.pack("<i", -4) + owner, usedforsecurity=False).digest()[:5]
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in _PADDING:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def _with_cross_references(objects: Sequence[str], extra: str) -> bytes:
    out = b"%PDF-1.4\n"
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{start}\n%%EOF\n".encode()


def word_form() -> bytes:
    """A document whose text stands in a form field and in a tracked insertion, with a deletion beside it."""
    document = Document()
    document.add_paragraph("PLACE")
    out = BytesIO()
    document.save(out)
    with ZipFile(out) as archive:
        body = archive.read("word/document.xml").decode()
    paragraph = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a field.</w:t></w:r></w:p></w:sdtContent></w:sdt><w:p>"
        '<w:ins w:id="1" w:author="a"><w:r><w:t>Inserted.</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>Deleted.</w:delText></w:r></w:del></w:p>'
    )
    start = body.index("<w:p>") if "<w:p>" in body else body.index("<w:p ")
    end = body.index("</w:p>", start) + len("</w:p>")
    return with_part(out.getvalue(), "word/document.xml", (body[:start] + paragraph + body[end:]).encode())


def word() -> bytes:
    """A document with headings, both kinds of list, and a table with a merged cell between two paragraphs."""
    document = Document()
    document.add_heading("Handbook", level=0)
    document.add_paragraph("Before the table.")
    document.add_heading("Prices", level=2)
    table = document.add_table(rows=3, cols=2)
    for row, texts in zip(table.rows, [("Item", "Price"), ("Line", "89 | 99"), ("Total\nof all", "")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.rows[2].cells[0].merge(table.rows[2].cells[1])
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("nested", style="List Bullet 2")
    document.add_paragraph("step", style="List Number")
    document.add_paragraph("After the table.")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, hidden: str = "", percent: str = "") -> bytes:
    """A workbook; `hidden` names a sheet to hide, `percent` a cell of the first sheet to show as a percentage."""
    book = Workbook()
    del book["Sheet"]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    if percent:
        book.worksheets[0][percent].number_format = "0.0%"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(office_file: bytes, name: str, content: bytes) -> bytes:
    """The Office file with one part exchanged."""
    out = BytesIO()
    with ZipFile(BytesIO(office_file)) as old, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


def bomb(declared_size: int | None = None) -> bytes:
    """A workbook whose one sheet unpacks to 129 MiB of blanks; it declares `declared_size` bytes when given."""
    real_size = 129 * 2**20
    packed = with_part(workbook({"Sheet1": [["a"]]}), "xl/worksheets/sheet1.xml", b" " * real_size)
    if declared_size is None:
        return packed
    real, lie = struct.pack("<L", real_size), struct.pack("<L", declared_size)
    assert packed.count(real) >= 2
    return packed.replace(real, lie)


def png() -> bytes:
    """A picture of one white pixel."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    header = struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(b"\x00\xff")
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", pixel) + part(b"IEND", b"")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
