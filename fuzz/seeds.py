"""Where the fuzzer starts from: small whole inputs of each kind, made here so that no binary files are kept."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from docx import Document

from tests.retrieval.samples.builders import pdf, workbook

_HTML = (
    b"<!doctype html><html><head><title>T</title><meta charset=utf-8></head><body><nav>x</nav><main><h1>A</h1>"
    b"<p>b <b>c</b></p><ul><li>d<ol><li>e</ol></ul><table><tr><th>f<td>g</table><pre>h</pre></main></body></html>"
)
_CSV = b'entry_id,name,price\n1,"A, b",3.50\n2,C,"1.000,00"\n'
_JSONL = b'{"entry_id": "1", "name": "A", "price": 3.5, "properties": {"a": ["b"]}}\n'
_MARKDOWN = b"---\ntitle: T\n---\n# A\n\nb\n\n```py\nc\n```\n\n| d | e |\n|---|---|\n| f | g |\n"
_FORM = (
    b'\x07--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello'
    b"\r\n--b--\r\n"
)
_CHAT = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
_CALL = (
    b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}}],'
    b'"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\ndata: [DONE]\n\n'
)
_MESSAGES = (
    b'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":1}}}\n\n'
    b'data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}'
    b'\n\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}\n\n'
    b'data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}\n\n'
)
_WORD_XML = (
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:pPr><w:pStyle '
    b'w:val="Heading1"/></w:pPr><w:r><w:t>A</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p>'
    b"</w:tc></w:tr></w:tbl></w:body></w:document>"
)
_SHEET_XML = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" '
    b't="inlineStr"><is><t>a</t></is></c><c r="B1"><v>3</v></c></row></sheetData></worksheet>'
)
_REQUESTS = (
    b'\x00{"agent": "a", "text": "b"}',
    b'\x02{"name": "a", "model": "openai:x", "tools": ["t"], "limits": {"tokens": 1}, "settings": {}}',
    b'\x08{"messages": [{"role": "user", "text": "a", "created_at": "2025-01-01T00:00:00Z"}]}',
    b"\x01limit=10&cursor=abc&status=queued&created_after=2025-01-01T00:00:00Z",
    b"\x00Bearer tk_abc",
    b"\x00msg_01J9Z5S0000000000000000000",
    b'\x00"3"',
)


def seeds() -> Mapping[str, Sequence[bytes]]:
    """Inputs by the name of the target."""
    plain = pdf([["Hello", "World"]], title="T")
    word, sheet = _word(), workbook({"Products": [["entry_id", "name", "price"], ["1", "A", 3.5]]})
    named = {0: _MARKDOWN, 2: _CSV, 3: _HTML, 5: _JSONL, 6: plain, 7: word, 8: sheet}
    return {
        "sniffing": [bytes([number]) + data for number, data in named.items()],
        "pdf": [plain],
        "docx": [word],
        "docx-xml": [_WORD_XML],
        "xlsx": [sheet],
        "xlsx-xml": [_SHEET_XML],
        "csv": [_CSV],
        "html": [_HTML],
        "jsonl": [_JSONL],
        "markdown": [_MARKDOWN],
        "multipart": [_FORM],
        "model-wires": [b"\x20" + _CHAT, b"\xff" + _CALL, b"\xff" + _MESSAGES],
        "requests": _REQUESTS,
    }


def _word() -> bytes:
    document = Document()
    document.add_heading("A", 1)
    document.add_paragraph("b")
    document.add_table(1, 2).cell(0, 0).text = "c"
    out = BytesIO()
    document.save(out)
    return out.getvalue()
