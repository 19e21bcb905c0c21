"""Files of the native dialect, as tests upload them."""

import msgspec

from tests.dialects.native.client import Answer, Native


class File(msgspec.Struct):
    """A file, as far as most tests look."""

    id: str
    name: str
    media_type: str
    size: int
    written_by: str
    message_id: str | None = None
    conversation_id: str | None = None


async def send(native: Native, content: bytes, name: str = "note.txt", **headers: str) -> Answer:
    """Upload it."""
    body = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n--b--\r\n"
    )
    given = {"Content-Type": "multipart/form-data; boundary=b", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return await native.ask("POST", "/files", data=body, headers=given)


async def uploaded(native: Native, content: bytes = b"Hello there", name: str = "note.txt") -> File:
    """What an upload made."""
    answer = await send(native, content, name)
    assert answer.status == 201, answer.body
    return msgspec.json.decode(answer.body, type=File)
