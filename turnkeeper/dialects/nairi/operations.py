"""The door's own description: every operation with its parameters, shapes, examples and errors."""

from collections.abc import Sequence
from dataclasses import replace

from turnkeeper.dialects.nairi.errors import Problem
from turnkeeper.dialects.nairi.shapes import (
    AgentBody,
    AgentShape,
    AttachmentShape,
    ContinueBody,
    DeployBody,
    DeploymentShape,
    FileForm,
    JobsShape,
    MessageShape,
    StartBody,
    StartedShape,
    TimelineShape,
    UploadedShape,
)
from turnkeeper.http_kit.openapi import IDEMPOTENCY_KEY, Description, Operation, Parameter, Reply, openapi_document

_ABOUT = Description(
    title="Turnkeeper: Nairi dialect",
    version="1",
    text=(
        "Start a job, poll its message until it is `completed` or `failed`, read the timeline, continue.\n\n"
        'Every error is `{"error": "…"}`. Every POST takes an `Idempotency-Key`; status routes take `Prefer: wait=N`.'
    ),
    security={
        "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`X-API-Key: <key>`"},
    },
)

_AGENT = Parameter(
    name="agent_id",
    where="path",
    description="The agent's slug or `cci_…` id. A slug may contain `/`, sent raw or as `%2F`.",
)
_JOB = Parameter(name="job_id", where="path", description="The job: `job_…`; `j_…` is understood too.")
_KEY = IDEMPOTENCY_KEY
_WAIT = Parameter(
    name="Prefer", where="header", description="`wait=N`: answer when the message is finished, or after N ≤ 60 seconds."
)
_REPLAYED = {"Idempotency-Replayed": "`true` on the repeated answer to an Idempotency-Key."}

_AGENT_EXAMPLE = {
    "id": "cci_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A",
    "name": "My New Agent",
    "agent_id": "my-new-agent",
    "instances_count": 1,
    "description": "",
    "is_self_hosted": False,
    "system_prompt": None,
    "data_set_id": 1,
    "model": None,
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:12.000Z",
}
_STARTED_EXAMPLE = {
    "job_id": "job_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "message_id": "cmsg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
}
_ATTACHMENT_ID = "att_01JZ3M4C2V7Z6R5T4W3X2Y1Z0C"
_MESSAGE_EXAMPLE = {
    "id": "cmsg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "job_id": "job_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "role": "user",
    "content": "Refund the failed charge for customer cus_123.",
    "status": "completed",
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:14.250Z",
}
_JOB_EXAMPLE = {
    "id": "job_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "status": "active",
    "agent_id": "my-new-agent",
    "title": "Refund the failed charge for customer cus_123.",
    "mode": "execute",
    "job_type": "api",
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:14.250Z",
}


def _problem(status: int, description: str, error: str) -> Reply:
    return Reply(status=status, description=description, shape=Problem, example={"error": error})


_401 = _problem(401, "No key, or one that is unknown, expired or revoked.", "invalid API key: check it, or create one")
_403 = _problem(403, "The key's account may not do this.", "Only admins may create agents; ask one.")
_422 = _problem(
    422,
    "The Idempotency-Key was used with another body.",
    "The Idempotency-Key 'k1' was used with another body before; take a new key.",
)
_429 = _problem(
    429,
    "The key has made all its requests, or too many wrong keys came from your address; see `Retry-After`.",
    "rate limit exceeded: try again in 1 seconds",
)
_503 = _problem(503, "Try again after `Retry-After` seconds.", "The database does not answer; try again soon.")
_NO_AGENT = _problem(404, "No such agent in this organization.", "agent not found")
_NO_JOB = _problem(404, "No such job in this organization.", "job not found")


def _bad(error: str) -> Reply:
    return _problem(400, "The request cannot be used; the text says why.", error)


def _page(limit: str, schema: dict[str, object], text: str) -> Parameter:
    return Parameter(name=limit, where="query", description=text, schema=schema)


_AGENT_OPERATIONS = (
    Operation(
        method="get",
        path="/agents",
        name="listAgents",
        scope="read",
        tag="Agents",
        summary="List agents",
        description="The agents that the key may use, newest first, as a bare array.",
        replies=(
            Reply(status=200, description="The agents.", shape=list[AgentShape], example=[_AGENT_EXAMPLE]),
            _401,
            _503,
        ),
    ),
    Operation(
        method="post",
        path="/agents",
        name="createAgent",
        scope="manage_agents",
        tag="Agents",
        summary="Create an agent",
        description="It can be talked to at once. A slug that is taken gets `-2`, `-3` …",
        parameters=(_KEY,),
        request=AgentBody,
        request_example={"name": "My New Agent", "instances_count": 1, "data_set_id": 1},
        replies=(
            Reply(status=201, description="The agent.", shape=AgentShape, example=_AGENT_EXAMPLE, headers=_REPLAYED),
            _bad("name is required"),
            _401,
            _403,
            _problem(404, "No such data set for this key.", "data set not found"),
            _422,
            _503,
        ),
    ),
    Operation(
        method="get",
        path="/agents/{agent_id}",
        name="getAgent",
        scope="read",
        tag="Agents",
        summary="Get an agent",
        description="One agent, by slug or id.",
        parameters=(_AGENT,),
        replies=(
            Reply(status=200, description="The agent.", shape=AgentShape, example=_AGENT_EXAMPLE),
            _bad("invalid agent id 'cci_1': expected `cci_` and 26 characters, or a slug"),
            _401,
            _NO_AGENT,
            _503,
        ),
    ),
    Operation(
        method="post",
        path="/agents/{agent_id}/deploy",
        name="deployAgent",
        scope="manage_agents",
        tag="Agents",
        summary="Deploy an agent",
        description="Agents run inside this server and need no deployment; the call is noted and answered.",
        parameters=(_AGENT, _KEY),
        request=DeployBody,
        needs_request=False,
        request_example={"update_config_only": False},
        replies=(
            Reply(
                status=202,
                description="Accepted.",
                shape=DeploymentShape,
                example={"status": "deploying"},
                headers=_REPLAYED,
            ),
            _bad("update_config_only must be true or false"),
            _401,
            _403,
            _NO_AGENT,
            _422,
            _503,
        ),
    ),
    Operation(
        method="get",
        path="/agents/{agent_id}/conversations",
        name="listConversationsOfAgent",
        scope="read",
        tag="Conversations",
        summary="List an agent's conversations",
        description="Admins see all of them, members their own. Page with `cursor`, or with `offset`.",
        parameters=(
            _AGENT,
            _page("status", {"type": "string"}, "Comma-separated: `active`, `completed`, `error`, `abandoned`."),
            _page(
                "updated_after",
                {"type": "string", "format": "date-time"},
                "RFC 3339; strictly after, compared in milliseconds as times are shown.",
            ),
            _page(
                "sort",
                {"enum": ["created_at_asc", "created_at_desc", "updated_at_asc", "updated_at_desc"]},
                "Default `created_at_desc`.",
            ),
            _page("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, "1 to 100, default 50."),
            _page("offset", {"type": "integer", "minimum": 0, "default": 0}, "How many to pass over."),
            _page("cursor", {"type": "string"}, "The `next_cursor` of an earlier page; excludes `offset`."),
        ),
        replies=(
            Reply(
                status=200,
                description="A page.",
                shape=JobsShape,
                example={"conversations": [_JOB_EXAMPLE], "next_cursor": None},
            ),
            _bad("limit must be an integer between 1 and 100"),
            _401,
            _NO_AGENT,
            _503,
        ),
    ),
)

_CONVERSATION_OPERATIONS = (
    Operation(
        method="post",
        path="/conversations/start",
        name="startConversation",
        scope="converse",
        tag="Conversations",
        summary="Start a conversation",
        description="Creates a job with its first message, which will be answered.",
        parameters=(_KEY,),
        request=StartBody,
        request_example={
            "agent_id": "my-new-agent",
            "prompt": "Refund the failed charge for customer cus_123.",
            "ask_mode": False,
        },
        replies=(
            Reply(
                status=201,
                description="Accepted and kept.",
                shape=StartedShape,
                example=_STARTED_EXAMPLE,
                headers=_REPLAYED,
            ),
            _bad("agent_id is required; prompt is required"),
            _401,
            _NO_AGENT,
            _422,
            _503,
        ),
    ),
    Operation(
        method="post",
        path="/conversations/{job_id}/continue",
        name="continueConversation",
        scope="converse",
        tag="Conversations",
        summary="Continue a conversation",
        description="Adds a message; it is answered after those before it. Only jobs that were born here go on here.",
        parameters=(_JOB, _KEY),
        request=ContinueBody,
        request_example={"prompt": "Also send the customer an apology email."},
        replies=(
            Reply(
                status=200,
                description="Accepted and kept.",
                shape=StartedShape,
                example=_STARTED_EXAMPLE,
                headers=_REPLAYED,
            ),
            _bad("job is not an API job"),
            _401,
            _NO_JOB,
            _422,
            _503,
        ),
    ),
    Operation(
        method="get",
        path="/conversations/{job_id}/messages",
        name="listMessages",
        scope="read",
        tag="Conversations",
        summary="List messages",
        description="The timeline, oldest first: each message, the `progress` made on it, and its reply.",
        parameters=(_JOB,),
        replies=(
            Reply(
                status=200,
                description="The timeline.",
                shape=TimelineShape,
                example={"messages": [_MESSAGE_EXAMPLE]},
            ),
            _bad("invalid job id '1': expected `job_` and 26 characters"),
            _401,
            _NO_JOB,
            _503,
        ),
    ),
    Operation(
        method="get",
        path="/messages/{message_id}",
        name="getMessage",
        scope="read",
        tag="Conversations",
        summary="Get a message",
        description="Any row of a timeline. Poll a `user` row until it is `completed` or `failed`.",
        parameters=(Parameter(name="message_id", where="path", description="The message: `cmsg_…`."), _WAIT),
        replies=(
            Reply(
                status=200,
                description="The message.",
                shape=MessageShape,
                example=_MESSAGE_EXAMPLE,
                headers={"Preference-Applied": "`wait=N` when the request preferred to wait."},
            ),
            _bad("invalid message id '1': expected `cmsg_` and 26 characters"),
            _401,
            _problem(404, "No such message in this organization.", "message not found"),
            _503,
        ),
    ),
)

_ATTACHMENT_OPERATIONS = (
    Operation(
        method="post",
        path="/attachments",
        name="uploadAttachment",
        scope="converse",
        tag="Attachments",
        summary="Upload an attachment",
        description="Kept for a day, and as long as a message has it. The bytes decide what it is, not its name.",
        parameters=(_KEY,),
        request=FileForm,
        request_example={"file": "the bytes of report.pdf"},
        request_media="multipart/form-data",
        replies=(
            Reply(
                status=201,
                description="Kept.",
                shape=UploadedShape,
                example={"attachment_id": _ATTACHMENT_ID},
                headers=_REPLAYED,
            ),
            _bad("The file is empty."),
            _401,
            _422,
            _503,
        ),
    ),
    Operation(
        method="get",
        path="/attachments/{attachment_id}",
        name="getAttachment",
        scope="read",
        tag="Attachments",
        summary="Get an attachment",
        description="An upload of yours, or a file of a conversation that you may see, with its bytes in base64.",
        parameters=(Parameter(name="attachment_id", where="path", description="The attachment: `att_…`."),),
        replies=(
            Reply(
                status=200,
                description="The attachment.",
                shape=AttachmentShape,
                example={
                    "id": _ATTACHMENT_ID,
                    "filename": "note.txt",
                    "content_type": "text/plain",
                    "size": 5,
                    "created_at": "2026-04-12T18:45:12.000Z",
                    "data": "SGVsbG8=",
                },
            ),
            _bad("invalid attachment id '1': expected `att_` and 26 characters"),
            _401,
            _problem(404, "No such attachment for this key.", "attachment not found"),
            _503,
        ),
    ),
)


def description(prefix: str) -> dict[str, object]:
    """The OpenAPI document of this door, with whole paths."""
    operations: Sequence[Operation] = (*_AGENT_OPERATIONS, *_CONVERSATION_OPERATIONS, *_ATTACHMENT_OPERATIONS)
    return openapi_document(_ABOUT, [_whole(operation) for operation in operations], prefix=prefix)


def _whole(operation: Operation) -> Operation:
    """The operation with what a key may lack: its scope, and requests that it may still make."""
    lacks = _problem(
        403, "The key lacks the scope.", f"This key may not do that: it lacks the scope `{operation.scope}`."
    )
    described = {reply.status for reply in operation.replies}
    replies = [*operation.replies, *((lacks,) if lacks.status not in described else ()), _429]
    return replace(operation, replies=sorted(replies, key=lambda reply: reply.status))
