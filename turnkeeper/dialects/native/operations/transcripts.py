"""The operations that write conversations down whole, and make them of what was written down."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.conversations import CONVERSATION, CONVERSATION_EXAMPLE, NO_CONVERSATION
from turnkeeper.dialects.native.operations.parameters import ETAG, KEY, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import problem, wrong
from turnkeeper.dialects.native.shapes.conversations import ConversationShape
from turnkeeper.dialects.native.shapes.transcripts import TranscriptShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_AT = "2026-04-12T18:45:12.120000Z"
_NONE: list[object] = []
_MESSAGE: Mapping[str, object] = {
    "role": "user",
    "status": "completed",
    "text": "How long does a refund take?",
    "answers": None,
    "model": None,
    "usage": None,
    "citations": _NONE,
    "rounds": _NONE,
    "overlap": None,
    "answered_with": None,
    "joined_call": None,
    "left_out": None,
    "feedback": _NONE,
    "created_at": _AT,
    "updated_at": _AT,
    "files": _NONE,
}
_NOTHING_SAID: Mapping[str, object] = {}
_TRANSCRIPT: Mapping[str, object] = {
    "format": "turnkeeper.conversation",
    "version": 1,
    "conversation": {
        "agent": "refunds",
        "data_set": "Handbook",
        "mode": "execute",
        "origin": "api",
        "status": "active",
        "title": None,
        "tags": ["billing"],
        "metadata": {"ticket": "4711"},
        "usage": None,
        "memory": None,
        "created_at": _AT,
        "updated_at": _AT,
        "archived_at": None,
    },
    "messages": [
        _MESSAGE,
        {
            **_MESSAGE,
            "role": "assistant",
            "text": "Two weeks.",
            "answers": 1,
            "model": "extractive",
            "citations": [
                {
                    "address": "refunds.md",
                    "title": "Refunds",
                    "document_version": 1,
                    "start": 120,
                    "end": 150,
                    "quote": "A refund takes two weeks.",
                    "verified": True,
                }
            ],
        },
    ],
    "events": [
        {"message": 1, "at": _AT, "kind": "message.queued", "body": _NOTHING_SAID},
        {"message": 1, "at": _AT, "kind": "turn.started", "body": {"attempt": 1, "resumes_at": 1}},
        {"message": 1, "at": _AT, "kind": "text", "body": {"text": "Two weeks.", "model_call": 1}},
        {
            "message": 1,
            "at": _AT,
            "kind": "message.completed",
            "body": {
                "model": "extractive",
                "usage": {
                    "input_tokens": 0,
                    "output_tokens": 0,
                    "cache_read_tokens": 0,
                    "cache_write_tokens": 0,
                    "cost_usd": None,
                    "unpriced_calls": 0,
                },
            },
        },
    ],
}
_MARKDOWN = "# Conversation\n\n- Agent: refunds\n\n## User, 2026-04-12T18:45:12.120Z\n\nHow long does a refund take?\n"

EXPORT = Operation(
    method="get",
    path="/conversations/{conversation_id}/export",
    name="exportConversation",
    tag="Conversations",
    scope="read",
    summary="Export a conversation",
    description="All finished messages with their replies, calls of tools, citations, files and events, as JSON that can be "
    "imported, or as Markdown for people. Nothing in the JSON is an id of this server; the same conversation always gives "
    "the same bytes.",
    parameters=(
        CONVERSATION,
        Parameter(
            name="format",
            where="query",
            description="Without it, the `Accept` header chooses; JSON if that does not ask for Markdown.",
            schema={"type": "string", "enum": ["json", "markdown"]},
        ),
        Parameter(
            name="files",
            where="query",
            description="`hash`: files are named by the SHA-256 of their bytes. `inline`: with the bytes, in the JSON.",
            schema={"type": "string", "enum": ["hash", "inline"], "default": "hash"},
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="The conversation, streamed.",
            shape=TranscriptShape,
            example=_TRANSCRIPT,
            headers={"Content-Disposition": "A name for the file."},
            text_media={"text/markdown": _MARKDOWN},
        ),
        wrong("The parameter 'format' must be one of json, markdown.", "invalid", parameter="format"),
        NO_CONVERSATION,
    ),
)

IMPORT = Operation(
    method="post",
    path="/conversations/import",
    name="importConversation",
    tag="Conversations",
    scope="converse",
    summary="Import a conversation",
    description="A new conversation of your own that says what an export says: exported again, it is the same byte by byte. "
    "Nothing is answered, done or asked again. The agent and the data set are those with the same names. At most 64 MB.",
    parameters=(KEY,),
    request=TranscriptShape,
    request_example=_TRANSCRIPT,
    replies=(
        Reply(
            status=201,
            description="The new conversation.",
            shape=ConversationShape,
            example={**CONVERSATION_EXAMPLE, "title": "How long does a refund take?"},
            headers={**LOCATION, **ETAG, **REPLAYED},
        ),
        wrong("A reply answers a message of a user that stands before it.", "invalid", pointer="/messages/1/answers"),
        problem(
            413,
            "too_large",
            "The body is too large; the most is 64,000,000 bytes.",
            description="The body is too large.",
        ),
    ),
)
