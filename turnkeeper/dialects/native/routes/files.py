"""`/files` and what is below, and the files of a conversation."""

from collections.abc import AsyncGenerator, Mapping

from litestar import HttpMethod
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.files import IMAGE_TYPES, PlacedFile
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.operations import files as operations
from turnkeeper.dialects.native.queries.files import file_behind, files_query, wants_inline
from turnkeeper.dialects.native.shapes.files import FilesShape
from turnkeeper.dialects.native.translate.files import placed_file_shape
from turnkeeper.dialects.native.translate.ids import conversation_in, file_in
from turnkeeper.http_kit.downloads import download_headers
from turnkeeper.http_kit.ranges import ByteRange, is_known, range_wanted
from turnkeeper.http_kit.upload import receive_file


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with files."""
    files = FileRoutes(actions)
    return [
        Endpoint(operation=operations.UPLOAD, handle=files.upload),
        Endpoint(operation=operations.GET, handle=files.get),
        Endpoint(operation=operations.CONTENT, handle=files.content),
        Endpoint(operation=operations.DELETE, handle=files.delete),
        Endpoint(operation=operations.OF_CONVERSATION, handle=files.of_conversation),
    ]


class FileRoutes:
    """Attachments, and what agents wrote."""

    def __init__(self, actions: Actions) -> None:
        self._files = actions.files

    async def upload(self, asked: Asked) -> ASGIApp:
        """Keep the part `file` of a form."""
        async with self._files.receiving() as received:
            name = await receive_file(
                asked.request.receive,
                asked.content_type,
                field="file",
                most_bytes=self._files.most_upload_bytes,
                sink=received.write,
            )
            kept = await self._files.upload(asked.caller, received, name=name, key=asked.key(b""))
        placed = await self._files.placed(asked.caller, file=kept.value.public_id)
        shape = placed_file_shape(placed)
        return answer(shape, status=201, replayed=kept.replayed, location=f"/v1/files/{shape.id}")

    async def get(self, asked: Asked) -> ASGIApp:
        """What is known of a file."""
        return answer(placed_file_shape(await self._placed(asked)))

    async def content(self, asked: Asked) -> ASGIApp:
        """The bytes of a file, or a range of them."""
        is_inline = wants_inline(asked.query)
        placed = await self._placed(asked)
        headers = asked.request.headers
        tag, size = placed.digest[:32], placed.file.size
        about = {"ETag": f'"{tag}"', "Accept-Ranges": "bytes"}
        if is_known(headers, tag=tag):
            return ASGIResponse(status_code=304, headers=about.items())
        part = range_wanted(headers, size=size, tag=tag)
        if part is not None:
            about["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        whole = part or ByteRange(start=0, stop=size)
        shown = is_inline and placed.file.media_type in IMAGE_TYPES
        about |= download_headers(placed.file.name, size=whole.stop - whole.start, is_inline=shown)
        if asked.request.method == HttpMethod.HEAD:
            return _download(placed, about, None, is_part=part is not None)
        opened = await self._files.open(
            asked.caller, file=placed.file.public_id, start=whole.start, stop=None if part is None else whole.stop
        )
        return _download(placed, about, opened.content, is_part=part is not None)

    async def delete(self, asked: Asked) -> ASGIApp:
        """Remove a file."""
        file = asked.named("file_id", "attachment", file_in)
        return nothing(replayed=await self._files.delete(asked.caller, file=file, key=asked.key(b"")))

    async def of_conversation(self, asked: Asked) -> ASGIApp:
        """A part of a conversation's files, newest first."""
        conversation, wanted = asked.named("conversation_id", "conversation", conversation_in), files_query(asked.query)
        found = await self._files.list_of_conversation(
            asked.caller,
            conversation=conversation,
            is_written=wanted.is_written,
            before=wanted.before,
            limit=wanted.limit + 1,
        )
        shown, has_more = cut(found, wanted.limit)
        return answer(
            FilesShape(
                items=[placed_file_shape(placed) for placed in shown],
                has_more=has_more,
                next_cursor=file_behind(shown[-1].file) if has_more else None,
            )
        )

    async def _placed(self, asked: Asked) -> PlacedFile:
        return await self._files.placed(asked.caller, file=asked.named("file_id", "attachment", file_in))


def _download(
    placed: PlacedFile, headers: Mapping[str, str], content: AsyncGenerator[bytes, None] | None, *, is_part: bool
) -> ASGIApp:
    """The answer with the bytes; without `content` only its head."""
    return ASGIStreamingResponse(
        iterator=content or _none(),
        status_code=206 if is_part else 200,
        media_type=placed.file.media_type,
        headers=dict(headers),
        is_head_response=content is None,
    )


async def _none() -> AsyncGenerator[bytes, None]:
    for piece in ():
        yield piece
