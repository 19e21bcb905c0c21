"""The operations on files."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.conversations import CONVERSATION, NO_CONVERSATION
from turnkeeper.dialects.native.operations.messages import FILE_EXAMPLE
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import ID, conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.files import FilesShape, PlacedFileShape, UploadBody
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_PLACED_EXAMPLE: Mapping[str, object] = {
    **FILE_EXAMPLE,
    "message_id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
}
_UPLOADED_EXAMPLE: Mapping[str, object] = {**FILE_EXAMPLE, "message_id": None, "conversation_id": None}
_FILE = Parameter(name="file_id", where="path", description="The file: `file_…`; `att_…` is understood too.")
_NO_FILE = missing("attachment", f"file_{ID}")
_DOWNLOAD_HEADERS: Mapping[str, str] = {
    "ETag": "The version of the bytes, for `If-Range` and `If-None-Match`.",
    "Accept-Ranges": "`bytes`",
    "Content-Disposition": "`attachment`, or `inline` for a picture that was asked for so.",
}

UPLOAD = Operation(
    method="post",
    path="/files",
    name="uploadFile",
    tag="Files",
    scope="converse",
    summary="Upload a file",
    description=(
        "To be attached to messages. It is yours alone until a message has it, and is forgotten when none has it after a "
        "day. The bytes decide what it is, not its name."
    ),
    parameters=(KEY,),
    request=UploadBody,
    request_example={"file": "the bytes of receipt.pdf"},
    request_media="multipart/form-data",
    replies=(
        Reply(
            status=201,
            description="The file.",
            shape=PlacedFileShape,
            example=_UPLOADED_EXAMPLE,
            headers={**LOCATION, **REPLAYED},
        ),
        wrong("The file is empty.", "empty", pointer="/file"),
        problem(
            413,
            "too_large",
            "The file is too large; the most is 25,000,000 bytes.",
            description="The file is too large.",
        ),
        problem(
            415,
            "not_multipart",
            "The file must come as a form: send `Content-Type: multipart/form-data`.",
            description="The body is no form.",
        ),
    ),
)

GET = Operation(
    method="get",
    path="/files/{file_id}",
    name="getFile",
    tag="Files",
    scope="read",
    summary="Get what is known of a file",
    description="Without its bytes.",
    parameters=(_FILE,),
    replies=(
        Reply(status=200, description="The file.", shape=PlacedFileShape, example=_PLACED_EXAMPLE),
        _NO_FILE,
    ),
)

CONTENT = Operation(
    method="get",
    path="/files/{file_id}/content",
    name="getFileContent",
    tag="Files",
    scope="read",
    summary="Get the bytes of a file",
    description="As they were uploaded or written, or one range of them.",
    parameters=(
        _FILE,
        Parameter(
            name="disposition",
            where="query",
            description="`inline`: to be shown and not saved. Only pictures are; everything else is saved.",
            schema={"type": "string", "enum": ["attachment", "inline"], "default": "attachment"},
        ),
        Parameter(name="Range", where="header", description="`bytes=0-999`: one range; several are ignored."),
        Parameter(name="If-Range", where="header", description="The `ETag`: with another one the whole file is sent."),
        Parameter(name="If-None-Match", where="header", description="The `ETag` of what you have."),
    ),
    replies=(
        Reply(
            status=200,
            description="The bytes.",
            shape=bytes,
            example="",
            headers=_DOWNLOAD_HEADERS,
            media="*/*",
        ),
        Reply(
            status=206,
            description="The range of the bytes.",
            shape=bytes,
            example="",
            headers={**_DOWNLOAD_HEADERS, "Content-Range": "Which bytes of how many: `bytes 0-999/48211`."},
            media="*/*",
        ),
        Reply(status=304, description="You have them already.", shape=None, example=None),
        wrong("The parameter 'disposition' must be one of attachment, inline.", "invalid", parameter="disposition"),
        _NO_FILE,
        problem(
            416,
            "range_not_satisfiable",
            "The file has 48,211 bytes; the range lies behind its end.",
            description="There are no such bytes.",
            headers={"Content-Range": "How many bytes there are: `bytes */48211`."},
        ),
        problem(
            502,
            "file_missing",
            "The bytes 7/ab/ab34 are missing in the file storage.",
            description="The storage has lost the bytes.",
        ),
    ),
)

DELETE = Operation(
    method="delete",
    path="/files/{file_id}",
    name="deleteFile",
    tag="Files",
    scope="converse",
    summary="Delete a file",
    description="The messages that have it are shown without it from then on.",
    parameters=(_FILE, KEY),
    replies=(
        Reply(status=204, description="It is done.", shape=None, example=None, headers=REPLAYED),
        _NO_FILE,
        conflict(
            "file_in_use",
            "A message with this file is still to be answered; wait for its end, or cancel it.",
            description="A message that has it is not finished.",
        ),
    ),
)

OF_CONVERSATION = Operation(
    method="get",
    path="/conversations/{conversation_id}/files",
    name="listConversationFiles",
    tag="Files",
    scope="read",
    summary="The files of a conversation",
    description="What was attached to its messages, and what the agent wrote; newest first.",
    parameters=(
        CONVERSATION,
        Parameter(
            name="written_by",
            where="query",
            description="Only what people attached, or only what the agent wrote.",
            schema={"type": "string", "enum": ["person", "agent"]},
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=FilesShape,
            example={"items": [_PLACED_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        NO_CONVERSATION,
    ),
)
