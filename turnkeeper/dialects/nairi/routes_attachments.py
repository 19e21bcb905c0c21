"""Attachments: uploaded as a form, handed out as one JSON document with the bytes in base64."""

from base64 import b64encode
from collections.abc import AsyncGenerator

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Stream

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.nairi.shapes import AttachmentShape, UploadedShape, moment
from turnkeeper.dialects.nairi.signing_in import signed_in
from turnkeeper.dialects.nairi.translate import attachment_id, attachment_id_in
from turnkeeper.http_kit.headers import idempotency_key_from
from turnkeeper.http_kit.upload import receive_file

Asked = Request[None, None, State]


class AttachmentRoutes:
    """`/attachments` and what is below."""

    def __init__(self, actions: Actions) -> None:
        self._signin = actions.signin
        self._files = actions.files

    async def upload(self, request: Asked) -> Response[bytes]:
        """Keep the part `file` of a form."""
        caller = await signed_in(self._signin, request, "converse")
        key = idempotency_key_from(request.headers, method="POST", path=request.scope["path"], body=b"")
        async with self._files.receiving() as received:
            name = await receive_file(
                request.receive,
                request.headers.get("content-type"),
                field="file",
                most_bytes=self._files.most_upload_bytes,
                sink=received.write,
            )
            kept = await self._files.upload(caller, received, name=name, key=key)
        return Response(
            content=msgspec.json.encode(UploadedShape(attachment_id=attachment_id(kept.value.public_id))),
            status_code=201,
            media_type="application/json",
            headers={"Idempotency-Replayed": "true"} if kept.replayed else {},
        )

    async def get(self, request: Asked, attachment: FromPath[str]) -> Stream:
        """One attachment with its bytes; memory stays small, however large it is."""
        caller = await signed_in(self._signin, request, "read")
        opened = await self._files.open(caller, file=attachment_id_in(attachment))
        file = opened.file
        shape = AttachmentShape(
            id=attachment_id(file.public_id),
            filename=file.name,
            content_type=file.media_type,
            size=file.size,
            created_at=moment(file.created_at),
            data="",
        )
        whole = msgspec.json.encode(shape)
        head, tail = whole[:-2], whole[-2:]  # between the quotes of the last member
        return Stream(
            _document(head, opened.content, tail),
            status_code=200,
            media_type="application/json",
            headers={"Content-Length": str(len(whole) + 4 * -(-file.size // 3))},
        )


async def _document(head: bytes, content: AsyncGenerator[bytes, None], tail: bytes) -> AsyncGenerator[bytes, None]:
    """The JSON text; bytes are encoded three by three, so that only the end is padded."""
    yield head
    rest = b""
    try:
        async for piece in content:
            data = rest + piece
            end = len(data) - len(data) % 3
            rest = data[end:]
            if end:
                yield b64encode(data[:end])
    finally:
        await content.aclose()
    yield b64encode(rest) + tail
