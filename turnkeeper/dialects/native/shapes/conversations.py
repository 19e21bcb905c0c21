"""Conversations on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.conversations import ConversationStatus, Mode, Origin
from turnkeeper.dialects.native.shapes.common import ConversationId, Moment


class AgentShape(msgspec.Struct, kw_only=True):
    """The agent of a conversation."""

    id: Annotated[str, Meta(examples=["agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E"])]
    slug: str
    name: str


class ConversationShape(msgspec.Struct, kw_only=True):
    """A conversation."""

    id: ConversationId
    agent: AgentShape
    status: ConversationStatus
    mode: Annotated[Mode, Meta(description="`ask`: nothing outside is changed.")]
    origin: Annotated[Origin, Meta(description="The kind of door at which it was born.")]
    title: Annotated[str, Meta(description="The first message, on one line; empty while there is none.")]
    last_event: Annotated[int, Meta(description="The number of its newest event; 0 while there is none.")]
    created_at: Moment
    updated_at: Moment
