"""The operations on conversations."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.messages import QUEUED_EXAMPLE
from turnkeeper.dialects.native.operations.parameters import (
    CURSOR,
    ETAG,
    IF_MATCH,
    KEY,
    LIMIT,
    LOCATION,
    REPLAYED,
    WAIT,
    WAITED,
)
from turnkeeper.dialects.native.operations.problems import ID, OUTDATED, conflict, missing, wrong
from turnkeeper.dialects.native.queries.conversations import ARCHIVED, LONGEST_SEARCH, SORTS
from turnkeeper.dialects.native.shapes.conversations import (
    BegunShape,
    ChangeBody,
    ConversationShape,
    ConversationsShape,
    CreateBody,
    ForkBody,
    RemovedShape,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

CONVERSATION = Parameter(
    name="conversation_id", where="path", description="The conversation: `conv_…`; `job_…` is understood too."
)

CONVERSATION_EXAMPLE: Mapping[str, object] = {
    "id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "agent": {"id": "agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E", "slug": "refunds", "name": "Refunds"},
    "data_set": {"id": "ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D", "name": "Handbook"},
    "account_id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "status": "active",
    "mode": "execute",
    "origin": "api",
    "title": "Refund the failed charge for customer cus_123.",
    "tags": ["billing"],
    "metadata": {"ticket": "4711"},
    "archived_at": None,
    "message_count": 2,
    "usage": {
        "input_tokens": 812,
        "output_tokens": 64,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "cost_usd": 0.000514,
        "unpriced_calls": 0,
    },
    "last_event": 7,
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:13.120Z",
    "match": None,
}
_NEW: Mapping[str, object] = {
    **CONVERSATION_EXAMPLE,
    "title": "Billing",
    "message_count": 0,
    "usage": {
        "input_tokens": 0,
        "output_tokens": 0,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "cost_usd": None,
        "unpriced_calls": 0,
    },
    "last_event": 0,
    "updated_at": "2026-04-12T18:45:12.000Z",
}
NO_CONVERSATION = missing("conversation", f"conv_{ID}")
_MADE: Mapping[str, str] = {**LOCATION, **ETAG, **REPLAYED}


def _moment(name: str, text: str) -> Parameter:
    schema: Mapping[str, object] = {"type": "string", "format": "date-time"}
    return Parameter(name=name, where="query", description=text, schema=schema)


def _word(name: str, words: Mapping[str, object], default: str, text: str) -> Parameter:
    schema: Mapping[str, object] = {"type": "string", "enum": list(words), "default": default}
    return Parameter(name=name, where="query", description=text, schema=schema)


_FILTERS = (
    Parameter(name="agent", where="query", description="Its id, `agt_…`, or its slug."),
    Parameter(
        name="status",
        where="query",
        description="How it stands.",
        schema={"type": "string", "enum": ["active", "completed", "error", "abandoned"]},
    ),
    Parameter(
        name="origin",
        where="query",
        description="The kind of door at which it was born.",
        schema={"type": "string", "enum": ["api", "slack", "discord", "web"]},
    ),
    Parameter(name="account", where="query", description="Whose it is: `acc_…`."),
    _moment("created_after", "Created at this time or later."),
    _moment("created_before", "Created before this time."),
    _moment("updated_after", "Last changed at this time or later."),
    _moment("updated_before", "Last changed before this time."),
    Parameter(
        name="metadata",
        where="query",
        description="`metadata[ticket]=4711`: that has this value for this key; up to 10 keys, all of which must match.",
        schema={"type": "object", "additionalProperties": {"type": "string"}},
        style="deepObject",
    ),
    Parameter(
        name="tag",
        where="query",
        description="That has this tag; sent several times, that has all of them.",
        schema={"type": "array", "items": {"type": "string"}},
    ),
    _word("archived", ARCHIVED, "false", "Only those that are not archived, only those that are, or both."),
    Parameter(
        name="search",
        where="query",
        description='Words of one message: `refund -cancelled "two weeks" or month`. The first 50,000 characters of each '
        "message are searched, in any language, word by word, without regard to capitals.",
        schema={"type": "string", "minLength": 1, "maxLength": LONGEST_SEARCH},
    ),
    _word("sort", SORTS, "-updated_at", "The order; `-` for the newest first."),
)

LIST = Operation(
    method="get",
    path="/conversations",
    name="listConversations",
    tag="Conversations",
    scope="read",
    summary="List and search conversations",
    description="Members see their own, admins all of the organization. With `search`, each comes with where it was found.",
    parameters=(*_FILTERS, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=ConversationsShape,
            example={
                "items": [
                    {
                        **CONVERSATION_EXAMPLE,
                        "match": {"message_id": f"msg_{ID}", "snippet": "the **refund** takes two weeks"},
                    }
                ],
                "has_more": False,
                "next_cursor": None,
                "has_all_words": True,
            },
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
    ),
)

CREATE = Operation(
    method="post",
    path="/conversations",
    name="createConversation",
    tag="Conversations",
    scope="converse",
    summary="Begin a conversation",
    description="With a `message` it is answered at once: the answer is 202 and names the message, or 200 when the message "
    "was finished within the time of `Prefer: wait=N`.",
    parameters=(KEY, WAIT),
    request=CreateBody,
    request_example={
        "agent": "refunds",
        "title": "Billing",
        "tags": ["billing"],
        "metadata": {"ticket": "4711"},
    },
    replies=(
        Reply(
            status=200,
            description="The conversation, and its first message, which is finished.",
            shape=BegunShape,
            example={
                "conversation": CONVERSATION_EXAMPLE,
                "message": {**QUEUED_EXAMPLE, "status": "completed", "queue": None},
            },
            headers={**_MADE, **WAITED},
        ),
        Reply(
            status=201,
            description="The conversation, which has no message yet.",
            shape=ConversationShape,
            example=_NEW,
            headers=_MADE,
        ),
        Reply(
            status=202,
            description="The conversation, and its first message, which is being answered.",
            shape=BegunShape,
            example={
                "conversation": {**CONVERSATION_EXAMPLE, "message_count": 1, "last_event": 1, "usage": _NEW["usage"]},
                "message": QUEUED_EXAMPLE,
            },
            headers={**_MADE, **WAITED, "Location": "Where the message is found."},
        ),
        wrong("The field 'agent' is missing; it is a string.", "missing", pointer="/agent"),
    ),
)

GET = Operation(
    method="get",
    path="/conversations/{conversation_id}",
    name="getConversation",
    tag="Conversations",
    scope="read",
    summary="Get a conversation",
    description="Without its messages. The `ETag` counts the changes of title, tags, metadata and archive, not those by "
    "messages.",
    parameters=(CONVERSATION,),
    replies=(
        Reply(
            status=200,
            description="The conversation.",
            shape=ConversationShape,
            example=CONVERSATION_EXAMPLE,
            headers=ETAG,
        ),
        NO_CONVERSATION,
    ),
)

CHANGE = Operation(
    method="patch",
    path="/conversations/{conversation_id}",
    name="changeConversation",
    tag="Conversations",
    scope="converse",
    summary="Rename, tag, archive",
    description="What is left out stays. `metadata` is merged, key by key. An archived conversation is left out of lists, "
    "and works as before.",
    parameters=(CONVERSATION, KEY, IF_MATCH),
    request=ChangeBody,
    request_example={"title": "Failed charge", "metadata": {"ticket": None, "invoice": "9"}, "archived": True},
    replies=(
        Reply(
            status=200,
            description="The conversation as it is now.",
            shape=ConversationShape,
            example={
                **CONVERSATION_EXAMPLE,
                "title": "Failed charge",
                "metadata": {"invoice": "9"},
                "archived_at": "2026-04-12T19:00:00.000Z",
            },
            headers={**ETAG, **REPLAYED},
        ),
        wrong("The field 'archived' must be true or false.", "wrong_type", pointer="/archived"),
        NO_CONVERSATION,
        OUTDATED,
    ),
)

DELETE = Operation(
    method="delete",
    path="/conversations/{conversation_id}",
    name="deleteConversation",
    tag="Conversations",
    scope="converse",
    summary="Delete a conversation",
    description="For good, at every door: messages, events, records of tools, approvals, memory, and its links to files. A "
    "message that is being answered is cut off. What its turns cost stays in the sums of the days.",
    parameters=(CONVERSATION, KEY),
    replies=(
        Reply(
            status=200,
            description="What was removed.",
            shape=RemovedShape,
            example={
                "id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
                "messages": 2,
                "events": 7,
                "effects": 1,
                "approvals": 1,
                "files": 0,
            },
            headers=REPLAYED,
        ),
        NO_CONVERSATION,
    ),
)

FORK = Operation(
    method="post",
    path="/conversations/{conversation_id}/fork",
    name="forkConversation",
    tag="Conversations",
    scope="converse",
    summary="Fork a conversation",
    description="A new conversation of your own with everything up to a message and its reply, as the agent remembers it: "
    "calls of tools and their results, citations, files. Nothing is done or asked again. Title, tags and metadata "
    "come along.",
    parameters=(CONVERSATION, KEY),
    request=ForkBody,
    request_example={"message": f"msg_{ID}", "title": "Another way"},
    replies=(
        Reply(
            status=201,
            description="The new conversation.",
            shape=ConversationShape,
            example={**CONVERSATION_EXAMPLE, "id": f"conv_{ID}", "title": "Another way", "usage": _NEW["usage"]},
            headers=_MADE,
        ),
        wrong("The field 'message' is missing; it is a string.", "missing", pointer="/message"),
        missing("message", f"msg_{ID}"),
        conflict(
            "not_finished",
            "A message up to there is not finished; wait for its end, or cancel it.",
            description="Codes `not_finished`, and `locked`: the agent was deleted, or is not open to you.",
        ),
    ),
)
