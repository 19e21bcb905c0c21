"""Files of a conversation: upload, the state of an upload, what may be uploaded, download.

Source: reference, section 3.6. The original reads an upload in the background and polls; here it is read at once, so that
what cannot be used is refused before it is accepted, and a known upload has always succeeded.
"""

from collections.abc import AsyncGenerator, Iterator
from pathlib import PurePosixPath

from litestar import HttpMethod, Response, post, route
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.errors import InvalidError, NotFoundError
from turnkeeper.core.files import SUPPORTED_SUFFIXES, File, safe_name
from turnkeeper.dialects.enthusiast import query, translate
from turnkeeper.dialects.enthusiast.answers import READ, answer, other_methods, replayed
from turnkeeper.dialects.enthusiast.body import BrokenUploadError, HttpRequest, UnsupportedMediaError
from turnkeeper.dialects.enthusiast.shapes import SupportedTypes, UploadAccepted
from turnkeeper.dialects.enthusiast.signing_in import signed_in
from turnkeeper.http_kit.downloads import download_headers
from turnkeeper.http_kit.headers import idempotency_key_from
from turnkeeper.http_kit.upload import receive_file

UPLOAD = "/api/conversations/{conversation_id:str}/upload"
STATUS = "/api/file-upload-status/{task_id:str}"
TYPES = "/api/supported-file-types"
ONE = "/api/conversations/{conversation_id:str}/files/{file_id:str}"


class FileRoutes:
    """The handlers, bound to the actions."""

    def __init__(self, actions: Actions) -> None:
        self._signin = actions.signin
        self._conversations = actions.conversations
        self._files = actions.files

    def handlers(self) -> list[HTTPRouteHandler]:
        """What to register."""
        return [
            other_methods(self._signin, UPLOAD, HttpMethod.POST),
            post(UPLOAD)(self.upload),
            other_methods(self._signin, STATUS, *READ),
            route(STATUS, http_method=READ)(self.status),
            other_methods(self._signin, TYPES, *READ),
            route(TYPES, http_method=READ)(self.types),
            other_methods(self._signin, ONE, *READ),
            route(ONE, http_method=READ)(self.download),
        ]

    async def upload(self, request: HttpRequest) -> Response[bytes]:
        """Keep a file for a message of the conversation that is still to be sent."""
        caller = await signed_in(self._signin, request, "converse")
        wanted = query.id_in_path("conversation", request.path_params["conversation_id"])
        await self._conversations.get(caller, conversation=wanted, only_own=True)
        path = f"/api/conversations/{wanted}/upload"
        try:
            key = idempotency_key_from(request.headers, method="POST", path=path, body=b"")
        except InvalidError as error:
            raise InvalidError("file", error.why, code=error.code) from error  # an upload tells all faults alike
        name = ""
        try:
            async with self._files.receiving() as received:
                name = await receive_file(
                    request.receive,
                    request.headers.get("content-type"),
                    field="file",
                    most_bytes=self._files.most_upload_bytes,
                    sink=received.write,
                )
                kept = await self._files.upload(caller, received, name=name, conversation_id=wanted, key=key)
        except InvalidError as error:
            if error.code == "not_multipart":
                raise UnsupportedMediaError(request.headers.get("content-type") or "") from error
            if error.code == "broken":
                raise BrokenUploadError(f"Multipart form parse error - {error.why}") from error
            raise _in_the_original_s_words(error, name) from error
        shape = UploadAccepted(task_id=kept.value.public_id)
        return answer(shape, status=202, headers=replayed(kept.replayed))

    async def status(self, request: HttpRequest) -> Response[bytes]:
        """What became of an upload."""
        caller = await signed_in(self._signin, request, "read")
        task_id = query.task_in_path(request.path_params["task_id"])
        try:
            found = await self._files.get(caller, file=task_id, only_own=True)
        except NotFoundError as error:
            raise NotFoundError("message", task_id) from error
        if found.conversation_id is None:
            raise NotFoundError("message", task_id)
        return answer(translate.upload_status(found, conversation_id=found.conversation_id))

    async def types(self, request: HttpRequest) -> Response[bytes]:
        """The suffixes of files that may be uploaded."""
        await signed_in(self._signin, request, "read")
        return answer(SupportedTypes(supported_extensions=list(SUPPORTED_SUFFIXES)))

    async def download(self, request: HttpRequest) -> Stream:
        """The bytes of a file of one of the caller's conversations."""
        caller = await signed_in(self._signin, request, "read")
        conversation = query.id_in_path("conversation", request.path_params["conversation_id"])
        file = query.id_in_path("attachment", request.path_params["file_id"])
        if request.method == HttpMethod.HEAD:
            found = await self._files.get(caller, file=file, only_own=True, conversation_id=conversation)
            return _download(found, iter(()))
        opened = await self._files.open(caller, file=file, only_own=True, conversation_id=conversation)
        return _download(opened.file, opened.content)


def _download(file: File, content: AsyncGenerator[bytes, None] | Iterator[bytes]) -> Stream:
    headers = download_headers(file.name, size=file.size)
    return Stream(content, status_code=200, media_type=file.media_type, headers=headers)


def _in_the_original_s_words(error: InvalidError, name: str) -> InvalidError:
    """The same fault, said as the original does where it has a sentence for it."""
    if error.code == "missing":
        return InvalidError("file", "No file provided", code=error.code)
    suffix = PurePosixPath(safe_name(name)).suffix
    if error.code == "unsupported" and suffix and suffix.lower() not in SUPPORTED_SUFFIXES:
        supported = ", ".join(SUPPORTED_SUFFIXES)
        return InvalidError(
            "file", f"File type {suffix} is not supported. Supported types: {supported}", code=error.code
        )
    return error
