"""Conversations on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.conversations import ConversationStatus, Mode, Origin, Overlap
from turnkeeper.dialects.native.shapes.common import AccountId, ConversationId, MessageId, Moment
from turnkeeper.dialects.native.shapes.messages import MessageShape, UsageShape

FileId = Annotated[str, Meta(examples=["file_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0F"])]
FileIds = Annotated[list[FileId], Meta(max_length=10)]


class AgentShape(msgspec.Struct, kw_only=True):
    """The agent of a conversation."""

    id: Annotated[str, Meta(examples=["agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E"])]
    slug: str
    name: str


class DataSetNameShape(msgspec.Struct, kw_only=True):
    """The data set that a conversation is about."""

    id: Annotated[str, Meta(examples=["ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D"])]
    name: str


class MatchShape(msgspec.Struct, kw_only=True):
    """Where a search found its words."""

    message_id: Annotated[MessageId, Meta(description="The newest message that has them.")]
    snippet: Annotated[str, Meta(description="What stands around the words, each between `**`.")]


class ConversationShape(msgspec.Struct, kw_only=True):
    """A conversation."""

    id: ConversationId
    agent: AgentShape
    data_set: Annotated[DataSetNameShape | None, Meta(description="What it searches and cites.")]
    account_id: Annotated[AccountId, Meta(description="Whose it is.")]
    status: ConversationStatus
    mode: Annotated[Mode, Meta(description="`ask`: nothing outside is changed.")]
    origin: Annotated[Origin, Meta(description="The kind of door at which it was born.")]
    title: Annotated[
        str, Meta(description="As given, else the first message, on one line; empty while there is neither.")
    ]
    tags: list[str]
    metadata: dict[str, str]
    archived_at: Moment | None
    message_count: Annotated[int, Meta(description="Messages and replies.")]
    usage: Annotated[UsageShape, Meta(description="What all of its turns took that ended.")]
    last_event: Annotated[int, Meta(description="The number of its newest event; 0 while there is none.")]
    created_at: Moment
    updated_at: Moment
    match: Annotated[MatchShape | None, Meta(description="In a search: what was found.")]


class ConversationsShape(msgspec.Struct, kw_only=True):
    """A page of conversations."""

    items: list[ConversationShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="For the next page: `?cursor=…`")]
    has_all_words: Annotated[
        bool,
        Meta(description="false while older messages are still being made searchable: search again in a while."),
    ]


class FirstMessageBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The message that a conversation begins with."""

    text: Annotated[str, Meta(min_length=1, max_length=1_000_000)]
    files: Annotated[FileIds | UnsetType | None, Meta(description="Uploaded before.")] = UNSET
    overlap: Annotated[
        Overlap | UnsetType | None, Meta(description="Of no weight here: there is nothing that it could overlap.")
    ] = UNSET


_Title = Annotated[str, Meta(min_length=1, max_length=300)]
_Tags = Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=20)]
_METADATA_BOUNDS = {"maxProperties": 50, "propertyNames": {"minLength": 1, "maxLength": 40}}
_Metadata = Annotated[dict[str, Annotated[str, Meta(max_length=500)]], Meta(extra_json_schema=_METADATA_BOUNDS)]
_MetadataChange = Annotated[
    dict[str, Annotated[str, Meta(max_length=500)] | None],
    Meta(description="Merged: null removes a key.", extra_json_schema=_METADATA_BOUNDS),
]


class CreateBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a conversation begins with."""

    agent: Annotated[str, Meta(description="Its id, `agt_…`, or its slug.", min_length=1)]
    data_set: Annotated[
        str | UnsetType | None,
        Meta(description="Its id, `ds_…`, or its name: takes the place of the agent's in this conversation."),
    ] = UNSET
    mode: Annotated[Mode | UnsetType | None, Meta(description="`execute` if left out.")] = UNSET
    title: _Title | UnsetType | None = UNSET
    tags: _Tags | UnsetType | None = UNSET
    metadata: _Metadata | UnsetType | None = UNSET
    message: Annotated[FirstMessageBody | UnsetType | None, Meta(description="With one, it is answered at once.")] = (
        UNSET
    )


class ChangeBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is to be said about a conversation; what is left out stays."""

    title: Annotated[_Title | UnsetType | None, Meta(description="null: the first message stands for it.")] = UNSET
    tags: Annotated[_Tags | UnsetType | None, Meta(description="All of them; null for none.")] = UNSET
    metadata: _MetadataChange | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class ForkBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a conversation is to be forked."""

    message: Annotated[MessageId, Meta(description="The last message, or its reply, that the fork has.")]
    title: _Title | UnsetType | None = UNSET


class BegunShape(msgspec.Struct, kw_only=True):
    """A conversation and the message that it began with."""

    conversation: ConversationShape
    message: MessageShape


class RemovedShape(msgspec.Struct, kw_only=True):
    """What was removed with a conversation. Nothing is left of it but what its turns cost, in the sums of the days."""

    id: ConversationId
    messages: Annotated[int, Meta(description="Messages and replies.")]
    events: int
    effects: Annotated[int, Meta(description="Records of calls that touched the world; what they did stays done.")]
    approvals: int
    files: Annotated[int, Meta(description="Links to files. A file that nothing else has goes within days.")]
