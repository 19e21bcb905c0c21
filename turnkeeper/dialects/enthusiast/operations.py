"""The door's own description: every operation with its parameters, shapes, examples and errors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from turnkeeper.core.files import SUPPORTED_SUFFIXES
from turnkeeper.dialects.enthusiast.fields import LARGEST_ID
from turnkeeper.dialects.enthusiast.shapes import (
    Bytes,
    ConversationDetail,
    ConversationForm,
    ConversationPage,
    Detail,
    FileForm,
    FileProblem,
    MessageForm,
    Sent,
    SupportedTypes,
    TaskStatus,
    UploadAccepted,
    UploadStatus,
    WrongFields,
)
from turnkeeper.http_kit.openapi import IDEMPOTENCY_KEY, Description, Operation, Parameter, Reply, openapi_document

TITLE = "Turnkeeper: Enthusiast dialect"

_ABOUT = Description(
    title=TITLE,
    version="1",
    text=(
        "Create a conversation, send a message, poll its task until the state is `SUCCESS` or `FAILURE`, then read the "
        "conversation: its last message is the answer.\n\n"
        'Errors are `{"detail": "…"}`, or sentences by field: `{"question_message": ["This field is required."]}`. '
        "Every POST takes an `Idempotency-Key` and reads JSON, URL-encoded and multipart bodies alike. "
        "Every path may end with a slash."
    ),
    security={
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Token <key>`",
        },
        "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`X-API-Key: <key>`"},
    },
)

_ID: Mapping[str, object] = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
_CONVERSATION = Parameter(name="conversation_id", where="path", description="The conversation.", schema=_ID)
_TASK = Parameter(
    name="task_id",
    where="path",
    description="The `task_id` that came with the message.",
    schema={"type": "string", "format": "uuid"},
)
_KEY = IDEMPOTENCY_KEY
_WAIT = Parameter(
    name="Prefer", where="header", description="`wait=N`: answer when the task has ended, or after N ≤ 60 seconds."
)
_REPLAYED = {"Idempotency-Replayed": "`true` on the repeated answer to an Idempotency-Key."}

_MOMENT = "2026-03-20T10:00:00.123456Z"
_QUESTION = "Does FiberUP Business Duplex include an SLA?"
_AGENT_EXAMPLE: Mapping[str, object] = {
    "id": 1,
    "name": "FiberUP Support",
    "description": "",
    "dataset": 1,
    "agent_type": "enthusiast-agent-user-manual-search",
    "created_at": _MOMENT,
    "updated_at": _MOMENT,
    "deleted_at": None,
    "corrupted": False,
}
_NEW_EXAMPLE: Mapping[str, object] = {
    "id": 1,
    "started_at": _MOMENT,
    "summary": None,
    "history": [],
    "agent": _AGENT_EXAMPLE,
    "is_execution_conversation": False,
}
_TASK_ID = "01a2001c-9eaa-7b1f-890d-1398339a9b59"
_UPLOAD_EXAMPLE: Mapping[str, object] = {
    "task_id": _TASK_ID,
    "status": "SUCCESS",
    "result": {
        "status": "SUCCESS",
        "conversation_id": 7,
        "uploaded_file": {
            "id": 3,
            "filename": "note.txt",
            "file_url": "/api/conversations/7/files/3",
            "content_type": "text/plain",
        },
        "file_id": 3,
    },
}
_ITEM = {"file_type": None, "file_name": None}
_DETAIL_EXAMPLE: Mapping[str, object] = {
    **_NEW_EXAMPLE,
    "summary": _QUESTION,
    "history": [
        {"id": 1, "text": _QUESTION, "type": "human", "role": "user", **_ITEM},
        {"id": 2, "text": "Yes, it includes an SLA. [1]", "type": "ai", "role": "agent", **_ITEM},
    ],
}
_PAGE_EXAMPLE: Mapping[str, object] = {
    "count": 26,
    "next": "http://127.0.0.1:8000/api/conversations?page=2",
    "previous": None,
    "results": [{"id": 1, "started_at": _MOMENT, "summary": _QUESTION, "agent": _AGENT_EXAMPLE}],
}


def _refused(status: int, description: str, sentence: str) -> Reply:
    return Reply(status=status, description=description, shape=Detail, example={"detail": sentence})


_SIGN_IN = Reply(
    status=401,
    description="No key came with the request, or it is unknown, expired or revoked.",
    shape=Detail,
    example={"detail": "Authentication credentials were not provided."},
    headers={"WWW-Authenticate": "`Token`"},
)
_NO_CONVERSATION = _refused(404, "You have no such conversation.", "No Conversation matches the given query.")
_BODY_REFUSED = (
    _refused(413, "The body has more than 4,000,000 bytes.", "The body is too large; the most is 4,000,000 bytes."),
    _refused(415, "The content type is not understood.", 'Unsupported media type "text/plain" in request.'),
    _refused(
        422,
        "The Idempotency-Key came with another body before.",
        "The Idempotency-Key 'a' was used with another body before; take a new key.",
    ),
)
_BUSY = Reply(
    status=503,
    description="The database does not answer.",
    shape=Detail,
    example={"detail": "The database does not answer; try again soon."},
    headers={"Retry-After": "Seconds after which to try again."},
)
_NO_ACCESS = _refused(403, "The data set is not open to you, or the key lacks the scope.", "No dataset access.")
_THROTTLED = Reply(
    status=429,
    description="The key has made all the requests that it may make for now, or too many wrong keys came from your address.",
    shape=Detail,
    example={"detail": "Request was throttled. Expected available in 1 seconds."},
    headers={
        "Retry-After": "Seconds after which to try again.",
        "RateLimit": "What is left.",
        "RateLimit-Policy": "Of what.",
    },
)


def document() -> dict[str, object]:
    """The OpenAPI document of the door."""
    return openapi_document(_ABOUT, [_whole(each) for each in (*_conversations(), *_messages(), *_files())])


def _conversations() -> Sequence[Operation]:
    return (
        Operation(
            method="post",
            path="/api/conversations",
            name="createConversation",
            scope="converse",
            summary="Begin a conversation",
            description="With an agent by `agent_id`, or with the oldest agent of a data set by `data_set_id`.",
            tag="Conversations",
            parameters=(_KEY,),
            request=ConversationForm,
            request_example={"data_set_id": 1},
            replies=(
                Reply(
                    status=201,
                    description="The conversation, without messages.",
                    shape=ConversationDetail,
                    example=_NEW_EXAMPLE,
                    headers=_REPLAYED,
                ),
                _wrong({"agent_id": ["This field is required."]}),
                _SIGN_IN,
                _NO_ACCESS,
                _refused(404, "There is no such agent or data set.", "Agent not found."),
                *_BODY_REFUSED,
                _BUSY,
            ),
        ),
        Operation(
            method="get",
            path="/api/conversations",
            name="listConversations",
            scope="read",
            summary="Your conversations, newest first",
            description="Admins too see only their own.",
            tag="Conversations",
            parameters=(
                Parameter(name="page", where="query", description="The page from 1, or `last`; 1 if left out."),
                Parameter(
                    name="page_size",
                    where="query",
                    description="How many on a page: 25 if left out or less than 1, 100 at most.",
                    schema={"type": "integer"},
                ),
                Parameter(name="data_set_id", where="query", description="Only those about this data set.", schema=_ID),
                Parameter(name="agent_id", where="query", description="Only those with this agent.", schema=_ID),
            ),
            replies=(
                Reply(status=200, description="One page.", shape=ConversationPage, example=_PAGE_EXAMPLE),
                _wrong({"agent_id": ["Enter a number."]}),
                _SIGN_IN,
                _refused(404, "There is no such page.", "Invalid page."),
                _BUSY,
            ),
        ),
        Operation(
            method="get",
            path="/api/conversations/{conversation_id}",
            name="readConversation",
            scope="read",
            summary="A conversation with its messages",
            description="Only your own. Of a very long conversation, the newest 2,000 messages.",
            tag="Conversations",
            parameters=(_CONVERSATION,),
            replies=(
                Reply(status=200, description="The conversation.", shape=ConversationDetail, example=_DETAIL_EXAMPLE),
                _SIGN_IN,
                _NO_CONVERSATION,
                _BUSY,
            ),
        ),
    )


def _messages() -> Sequence[Operation]:
    return (
        Operation(
            method="post",
            path="/api/conversations/{conversation_id}",
            name="sendMessage",
            scope="converse",
            summary="Send a message",
            description="It will be answered after those before it, also when the server is restarted meanwhile.",
            tag="Messages",
            parameters=(_CONVERSATION, _KEY),
            request=MessageForm,
            request_example={"question_message": _QUESTION, "data_set_id": 1},
            replies=(
                Reply(
                    status=202,
                    description="The message was kept and will be answered.",
                    shape=Sent,
                    example={"task_id": "01a2001c-9eaa-7b1f-890d-1398339a9b59", "streaming": False},
                    headers=_REPLAYED,
                ),
                _wrong({"question_message": ["Query message cannot be blank."]}),
                _SIGN_IN,
                _NO_ACCESS,
                _NO_CONVERSATION,
                *_BODY_REFUSED,
                _BUSY,
            ),
        ),
        Operation(
            method="get",
            path="/api/task_status/{task_id}",
            name="taskStatus",
            scope="read",
            summary="How far the answer to a message is",
            description="Poll it every 2 seconds, or let it wait for you with `Prefer: wait=N`.",
            tag="Messages",
            parameters=(_TASK, _WAIT),
            replies=(
                Reply(
                    status=200,
                    description="The state of the task.",
                    shape=TaskStatus,
                    example={"state": "SUCCESS"},
                    headers={"Preference-Applied": "`wait=N`, when it was asked for."},
                ),
                _SIGN_IN,
                _refused(404, "You have no such task.", "No Task matches the given query."),
                _BUSY,
            ),
        ),
    )


def _files() -> Sequence[Operation]:
    return (
        Operation(
            method="post",
            path="/api/conversations/{conversation_id}/upload",
            name="uploadFile",
            scope="converse",
            summary="Upload a file",
            description="For the `file_ids` of a message of this conversation; forgotten after a day if none has it.",
            tag="Files",
            parameters=(_CONVERSATION, _KEY),
            request=FileForm,
            request_example={"file": "the bytes of note.txt"},
            request_media="multipart/form-data",
            replies=(
                Reply(
                    status=202,
                    description="The file is kept.",
                    shape=UploadAccepted,
                    example={"task_id": _TASK_ID},
                    headers=_REPLAYED,
                ),
                Reply(
                    status=400,
                    description="There is no file, or one that cannot be used; `detail` too where the form cannot be read.",
                    shape=FileProblem,
                    example={"error": "No file provided"},
                ),
                _SIGN_IN,
                _NO_CONVERSATION,
                _refused(413, "The file is too large.", "The file is too large; the most is 25,000,000 bytes."),
                *_BODY_REFUSED[1:],
                _BUSY,
            ),
        ),
        Operation(
            method="get",
            path="/api/file-upload-status/{task_id}",
            name="fileUploadStatus",
            scope="read",
            summary="What became of an upload",
            description="An upload that was accepted has succeeded.",
            tag="Files",
            parameters=(_TASK,),
            replies=(
                Reply(status=200, description="The upload.", shape=UploadStatus, example=_UPLOAD_EXAMPLE),
                _SIGN_IN,
                _refused(404, "You have no such upload.", "No Task matches the given query."),
                _BUSY,
            ),
        ),
        Operation(
            method="get",
            path="/api/supported-file-types",
            name="supportedFileTypes",
            scope="read",
            summary="What may be uploaded",
            description="The usual suffixes. The bytes of a file decide, not its name.",
            tag="Files",
            replies=(
                Reply(
                    status=200,
                    description="The suffixes.",
                    shape=SupportedTypes,
                    example={"supported_extensions": list(SUPPORTED_SUFFIXES)},
                ),
                _SIGN_IN,
                _BUSY,
            ),
        ),
        Operation(
            method="get",
            path="/api/conversations/{conversation_id}/files/{file_id}",
            name="downloadFile",
            scope="read",
            summary="Download a file",
            description="One that was uploaded, or one that the agent wrote.",
            tag="Files",
            parameters=(_CONVERSATION, Parameter(name="file_id", where="path", description="The file.", schema=_ID)),
            replies=(
                Reply(
                    status=200,
                    description="The bytes, with the content type that they have.",
                    shape=Bytes,
                    example="the bytes of note.txt",
                    headers={"Content-Disposition": "`attachment` with the file's name."},
                    media="application/octet-stream",
                    text_media={"*/*": "the bytes of note.txt"},
                ),
                _SIGN_IN,
                _refused(404, "You have no such file.", "No ConversationFile matches the given query."),
                _BUSY,
            ),
        ),
    )


def _wrong(example: Mapping[str, object]) -> Reply:
    description = "Fields are wrong; or the body cannot be read or the conversation is locked (`detail`)."
    return Reply(status=400, description=description, shape=WrongFields, example=example)


def _whole(operation: Operation) -> Operation:
    """The operation with what a key may lack: its scope, and requests that it may still make."""
    described = {reply.status for reply in operation.replies}
    lacks = _refused(
        403, "The key lacks the scope.", f"This key may not do that: it lacks the scope `{operation.scope}`."
    )
    replies = [*operation.replies, *((lacks,) if lacks.status not in described else ()), _THROTTLED]
    return replace(operation, replies=sorted(replies, key=lambda reply: reply.status))
