"""How turns went, on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.overview import Stretch
from turnkeeper.dialects.native.shapes.common import ConversationId, MessageId, Moment


class SpreadShape(msgspec.Struct, kw_only=True):
    """How long something took, in milliseconds: half, 95 and 99 of a hundred were no slower."""

    p50: float
    p95: float
    p99: float


class TurnSumsShape(msgspec.Struct, kw_only=True):
    """What came of some turns, by when they were accepted."""

    turns: Annotated[int, Meta(description="Those that are not done yet, too.")]
    completed: int
    failed: int
    cancelled: int
    waited: Annotated[SpreadShape | None, Meta(description="From acceptance to the first start.")]
    answered: Annotated[
        SpreadShape | None,
        Meta(description="From acceptance to the answer, of those that waited for nobody's decision."),
    ]
    input_tokens: int
    output_tokens: int
    cost_usd: Annotated[float | None, Meta(description="Null when no price is known.")]


class StretchShape(TurnSumsShape, kw_only=True):
    """The turns of an hour or a day."""

    at: Annotated[Moment, Meta(description="When it begins.")]


class FailureShape(msgspec.Struct, kw_only=True):
    """A turn that failed."""

    message_id: MessageId
    conversation_id: ConversationId
    agent: Annotated[str, Meta(description="The slug.")]
    at: Moment
    reason: Annotated[str, Meta(description="What its people were told.")]


class QueueNowShape(msgspec.Struct, kw_only=True):
    """The organization's turns that are not done."""

    waiting: int
    running: int
    oldest_seconds: Annotated[float, Meta(description="How long the first of those has waited that could begin.")]


class OverviewShape(msgspec.Struct, kw_only=True):
    """How turns went over time."""

    since: Moment = msgspec.field(name="from")
    until: Moment = msgspec.field(name="to")
    by: Stretch
    total: TurnSumsShape
    items: Annotated[list[StretchShape], Meta(description="Every stretch in order, empty ones too.")]
    failures: Annotated[list[FailureShape], Meta(description="The newest, 10 at most.")]
    queue: QueueNowShape
    is_cut: Annotated[bool, Meta(description="Whether there were so many turns that only the newest were looked at.")]
