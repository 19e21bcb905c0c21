"""Several files of one form are read piece by piece, each to its end, and within the limits of the whole."""

import pytest

from tests.http_kit.test_upload import Client
from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.uploads import UploadLimits, receive_files

TYPE = "multipart/form-data; boundary=b"
USUAL = UploadLimits(file_bytes=1_000, total_bytes=2_000, files=3)


class Files:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self._pieces: list[bytes] = []
        self._name = ""

    async def begin(self, name: str) -> None:
        self._name, self._pieces = name, []

    async def write(self, piece: bytes) -> None:
        self._pieces.append(piece)

    async def end(self) -> None:
        self.got.append((self._name, b"".join(self._pieces)))


def part(name: str, filename: str | None, content: bytes) -> bytes:
    given = "" if filename is None else f'; filename="{filename}"'
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{given}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


async def read(body: bytes, *, length: int = 50, limits: UploadLimits = USUAL) -> list[tuple[str, bytes]]:
    files = Files()
    client = Client([body[start : start + length] for start in range(0, len(body), length)])
    await receive_files(client.receive, TYPE, field="file", limits=limits, sink=files)
    return files.got


TWO = form(part("file", "a.md", b"one\r\n--\r\n"), part("file", "deep/b.md", b""))


@pytest.mark.parametrize("length", [1, 2, 7, 50, len(TWO)])
async def test_each_file_comes_whole_however_the_form_is_cut(length: int) -> None:
    assert await read(TWO, length=length) == [("a.md", b"one\r\n--\r\n"), ("deep/b.md", b"")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (form(), ("file", "missing")),
        (form(part("file", None, b"x")), ("file", "missing")),
        (form(part("files", "a.md", b"x")), ("files", "unknown_field")),
        (form(*[part("file", f"{number}", b"x") for number in range(4)]), ("file", "too_many")),
        (form(part("file", "a", b"x" * 1_001)), ("body", "too_large")),
        (form(*[part("file", f"{number}", b"x" * 999) for number in range(3)], b" " * 3_000), ("body", "too_large")),
        (part("file", "a", b"x"), ("body", "broken")),
        (b"nonsense", ("body", "broken")),
    ],
)
async def test_what_is_wrong_with_a_form_is_told(body: bytes, expected: tuple[str, str]) -> None:
    with pytest.raises(InvalidError) as refused:
        await read(body)
    assert (refused.value.field, refused.value.code) == expected


async def test_a_body_that_is_no_form_is_told() -> None:
    with pytest.raises(InvalidError) as refused:
        await receive_files(Client([b"{}"]).receive, "application/json", field="file", limits=USUAL, sink=Files())
    assert refused.value.code == "not_multipart"
