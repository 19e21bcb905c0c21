"""A form is read piece by piece, however it is cut, and whatever is wrong with it the client can hear the answer."""

from collections.abc import Sequence

import pytest
from litestar.types import HTTPReceiveMessage, Receive

from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.upload import receive_file

TYPE = "multipart/form-data; boundary=b"
CONTENT = b"line\r\n--\r\n-b not yet\r\n--\r\n\r"
FORM = (
    b'preamble\r\n--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + CONTENT + b"\r\n--b--\r\n"
)
BEGINNING = FORM[: FORM.index(CONTENT)]


class Client:
    """Sends pieces of a body, and goes away where the body is not complete."""

    def __init__(self, pieces: Sequence[bytes], *, complete: bool = True) -> None:
        self._left = list(pieces)
        self._complete = complete
        self.sent = 0

    async def receive(self) -> HTTPReceiveMessage:
        if not self._left:
            return {"type": "http.disconnect"}  # pyright: ignore[reportReturnType] - as ASGI says that a client left
        self.sent += 1
        piece = self._left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self._left) or not self._complete}


async def read(receive: Receive, *, most_bytes: int = 1_000) -> tuple[str, bytes]:
    got: list[bytes] = []

    async def sink(piece: bytes) -> None:
        got.append(piece)

    name = await receive_file(receive, TYPE, field="file", most_bytes=most_bytes, sink=sink)
    return name, b"".join(got)


@pytest.mark.parametrize("length", [1, 2, 7, 50, len(FORM)])
async def test_a_form_may_be_cut_anywhere(length: int) -> None:
    pieces = [FORM[start : start + length] for start in range(0, len(FORM), length)]
    assert await read(Client(pieces).receive) == ("a.txt", CONTENT)


async def test_a_client_that_goes_away_is_told_apart() -> None:
    with pytest.raises(InvalidError) as refused:
        await read(Client([FORM[:100]], complete=False).receive)
    assert (refused.value.field, refused.value.code) == ("body", "cut")


async def test_the_rest_of_a_file_that_is_too_large_is_read_and_thrown_away() -> None:
    client = Client([BEGINNING, *[b"x" * 1_000] * 50, b"\r\n--b--\r\n"])
    with pytest.raises(InvalidError) as refused:
        await read(client.receive)
    assert (refused.value.code, client.sent) == ("too_large", 52)


async def test_an_endless_body_is_not_read_for_ever() -> None:
    client = Client([BEGINNING, *[b"x" * 1_000_000] * 200])
    with pytest.raises(InvalidError):
        await read(client.receive)
    assert client.sent < 70
