"""What is fuzzed: each takes bytes, and may raise only what its parser promises to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from litestar.types import HTTPReceiveMessage

from turnkeeper.actions.file_reading import media_type_of, text_of
from turnkeeper.agents.models.chat_reply import ChatReply
from turnkeeper.agents.models.chat_reply import failure_of_response as chat_failure
from turnkeeper.agents.models.messages_reply import MessagesReply
from turnkeeper.agents.models.messages_reply import failure_of_response as messages_failure
from turnkeeper.core.errors import InvalidError, NotSignedInError, UpstreamError
from turnkeeper.core.ids import from_prefixed, from_ulid, from_uuid
from turnkeeper.dialects.native.faults import FaultsError
from turnkeeper.dialects.native.forms.agents import agent_form
from turnkeeper.dialects.native.forms.conversations import create_form, send_form
from turnkeeper.dialects.native.forms.data_sets import new_data_set_form, search_form, text_form
from turnkeeper.dialects.native.forms.keys import create_key_form
from turnkeeper.dialects.native.forms.reading import MediaTypeError
from turnkeeper.dialects.native.forms.schedules import new_schedule_form
from turnkeeper.dialects.native.forms.transcripts import transcript_form
from turnkeeper.dialects.native.forms.webhooks import new_webhook_form
from turnkeeper.dialects.native.queries.audit import audit_filter
from turnkeeper.dialects.native.queries.conversations import conversation_filter, message_page
from turnkeeper.dialects.native.queries.documents import documents_wanted, products_wanted
from turnkeeper.dialects.native.queries.events import page_wanted, stream_wanted
from turnkeeper.http_kit.headers import idempotency_key_from, secret_from, version_wanted_by, wait_from
from turnkeeper.http_kit.paging import position_of
from turnkeeper.http_kit.upload import receive_file
from turnkeeper.http_kit.uploads import UploadLimits, receive_files
from turnkeeper.retrieval.parsing import parse

Target = Callable[[bytes], None]

_JSON = "application/json"
_NAMES = ("a.txt", "a.md", "a.csv", "a.html", "a.json", "a.jsonl", "a.pdf", "a.docx", "a.xlsx", "a", ".", "../../a.md")
_FORMS: Sequence[Callable[[bytes, str | None], object]] = (
    create_form,
    send_form,
    lambda body, kind: agent_form(body, kind, takes_note=True),
    new_data_set_form,
    search_form,
    text_form,
    create_key_form,
    new_schedule_form,
    transcript_form,
    new_webhook_form,
)
_QUERIES: Sequence[Callable[[bytes], object]] = (
    audit_filter,
    conversation_filter,
    message_page,
    documents_wanted,
    products_wanted,
    page_wanted,
)
_loop = asyncio.new_event_loop()


def sniffing(data: bytes) -> None:
    """What an upload is, and the text of it."""
    name = _NAMES[data[0] % len(_NAMES)] if data else "a"
    with suppress(InvalidError):
        media_type = media_type_of(data[1:], name)
        if not media_type.startswith("image/"):
            text_of(data[1:], name, media_type).encode()


def document(suffix: str) -> Target:
    """A document of a data set."""

    def read(data: bytes) -> None:
        for part in parse(data, f"a.{suffix}"):
            repr(part).encode()

    return read


def office(folder: str, member: str, others: Mapping[str, str]) -> Target:
    """An Office file with these bytes as its main part: the noise gets through the archive to the XML."""

    def read(data: bytes) -> None:
        out = BytesIO()
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            for name, text in others.items():
                archive.writestr(name, text)
            archive.writestr(member, data)
        for part in parse(out.getvalue(), f"a.{folder}"):
            repr(part).encode()

    return read


def multipart(data: bytes) -> None:
    """A form, in pieces of a length that the first byte says."""
    length = 1 + data[0] if data else 1
    pieces = [data[start : start + length] for start in range(1, len(data), length)] or [b""]
    for several in (True, False):
        with suppress(InvalidError):
            _loop.run_until_complete(_form(pieces, several=several))


async def _form(pieces: Sequence[bytes], *, several: bool) -> None:
    left = iter(pieces)
    count = len(pieces)

    async def receive() -> HTTPReceiveMessage:
        nonlocal count
        count -= 1
        return {"type": "http.request", "body": next(left, b""), "more_body": count > 0}

    kind = "multipart/form-data; boundary=b"
    if several:
        limits = UploadLimits(file_bytes=10_000, total_bytes=20_000, files=3)
        await receive_files(receive, kind, field="file", limits=limits, sink=_Nowhere())
    else:
        await receive_file(receive, kind, field="file", most_bytes=10_000, sink=_Nowhere().write)


class _Nowhere:
    async def begin(self, name: str) -> None:
        name.encode()

    async def write(self, piece: bytes) -> None:
        len(piece)

    async def end(self) -> None:
        pass


def model_wires(data: bytes) -> None:
    """The reply of a model, by both wires, in pieces; and as the body of an error."""
    length = 1 + data[0] if data else 1
    body = data[1:]
    for reply in (ChatReply("fuzz:model"), MessagesReply("fuzz:model")):
        with suppress(UpstreamError):
            for start in range(0, len(body), length):
                reply.feed(body[start : start + length])
            reply.end()
    for failure in (chat_failure, messages_failure):
        str(failure(500, {"retry-after": body[:20].decode("latin-1")}, body, who="fuzz:model")).encode()


def requests(data: bytes) -> None:
    """Bodies, queries, headers, cursors and ids as clients write them."""
    if not data:
        return
    chosen, rest = data[0], data[1:]
    with suppress(FaultsError, MediaTypeError, InvalidError):
        _FORMS[chosen % len(_FORMS)](rest, _JSON)
    for query in _QUERIES:
        with suppress(FaultsError, InvalidError):
            query(rest)
    text = rest.decode("latin-1")
    with suppress(FaultsError, InvalidError):
        stream_wanted(b"", text)
    with suppress(InvalidError):
        position_of(text, "newest")
    for read in (from_ulid, from_uuid, lambda one: from_prefixed(("msg", "conv"), one)):
        read(text)
    named = {"authorization": text, "idempotency-key": text, "prefer": text, "if-match": text, "x-api-key": text}
    with suppress(NotSignedInError):
        secret_from(named)
    with suppress(InvalidError):
        idempotency_key_from(named, method="POST", path="/v1/x", body=rest)
    wait_from(named)
    version_wanted_by(named)


_WORD = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>',
}
_SHEET = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
    '.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" '
    'r:id="r1"/></sheets></workbook>',
}

TARGETS: Mapping[str, Target] = {
    "sniffing": sniffing,
    "pdf": document("pdf"),
    "docx": document("docx"),
    "docx-xml": office("docx", "word/document.xml", _WORD),
    "xlsx": document("xlsx"),
    "xlsx-xml": office("xlsx", "xl/worksheets/sheet1.xml", _SHEET),
    "csv": document("csv"),
    "html": document("html"),
    "jsonl": document("jsonl"),
    "markdown": document("md"),
    "multipart": multipart,
    "model-wires": model_wires,
    "requests": requests,
}
