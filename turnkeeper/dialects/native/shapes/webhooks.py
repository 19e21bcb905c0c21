"""Webhooks and their deliveries on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.webhooks import (
    LONGEST_DESCRIPTION,
    LONGEST_GRACE_HOURS,
    LONGEST_URL,
    SUBSCRIPTIONS,
    DeliveryState,
    DisabledReason,
)
from turnkeeper.dialects.native.shapes.common import Moment

WebhookId = Annotated[str, Meta(examples=["whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"])]
DeliveryId = Annotated[str, Meta(examples=["dlv_01JZ3M7A2V7Z6R5T4W3X2Y1Z0C"])]
Subscription = Annotated[
    str,
    Meta(
        description="`*`, a family such as `message.*`, or a type.", extra_json_schema={"enum": sorted(SUBSCRIPTIONS)}
    ),
]
Url = Annotated[
    str,
    Meta(max_length=LONGEST_URL, description="Begins with https://.", examples=["https://example.com/hooks"]),
]
_AGENTS = "Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same."


class WebhookShape(msgspec.Struct, kw_only=True):
    """An address that is told what happens in the organization."""

    id: WebhookId
    url: Url
    description: str | None
    types: Annotated[list[Subscription], Meta(description="What it subscribes to.")]
    agents: Annotated[list[str] | None, Meta(description=_AGENTS)]
    enabled: bool
    disabled_reason: Annotated[
        DisabledReason | None,
        Meta(description="`asked`: by a person; `gone`: it answered 410; `failing`: it failed for five days."),
    ]
    failing_since: Annotated[Moment | None, Meta(description="The first failure after the last success.")]
    waiting: Annotated[int, Meta(description="Deliveries that are not made yet.")]
    old_secret_until: Annotated[Moment | None, Meta(description="Until when an older secret signs too.")]
    created_at: Moment
    updated_at: Moment


class MadeWebhookShape(WebhookShape, kw_only=True):
    """A webhook with its secret, which is shown now and never again."""

    secret: Annotated[
        str, Meta(description="What deliveries are signed with.", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    ]


class WebhooksShape(msgspec.Struct, kw_only=True):
    """A part of the webhooks, newest first."""

    items: list[WebhookShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class AttemptShape(msgspec.Struct, kw_only=True):
    """One try at a delivery."""

    number: int
    started_at: Moment
    milliseconds: int
    status: Annotated[int | None, Meta(description="Of HTTP; null when no answer came.")]
    error: Annotated[str | None, Meta(description="A sentence, unless the delivery was taken.")]
    answer: Annotated[str | None, Meta(description="The beginning of the answer's body.")]


class DeliveryShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One fact for one webhook."""

    id: Annotated[DeliveryId, Meta(description="Its `webhook-id`, the same at every attempt.")]
    webhook_id: WebhookId
    type: str
    state: Annotated[DeliveryState, Meta(description="`failed`: given up after three days, or the endpoint is gone.")]
    attempts: int
    next_attempt_at: Annotated[Moment | None, Meta(description="null when it is due, and when it came to its end.")]
    body: Annotated[
        msgspec.Raw,
        Meta(
            description="What is sent; null before the first attempt.",
            extra_json_schema={"type": ["object", "null"], "additionalProperties": True},
        ),
    ]
    created_at: Moment
    ended_at: Moment | None
    log: Annotated[
        list[AttemptShape] | UnsetType, Meta(description="The attempts, oldest first; only in a single delivery.")
    ] = UNSET


class DeliveriesShape(msgspec.Struct, kw_only=True):
    """A part of a webhook's deliveries, newest first."""

    items: list[DeliveryShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class ReplayedShape(msgspec.Struct, kw_only=True):
    """How much is sent again."""

    deliveries: Annotated[int, Meta(description="At most 10,000: the oldest.")]


class NewWebhookBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A webhook to be."""

    url: Url
    description: Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)] | None = None
    types: Annotated[list[Subscription], Meta(min_length=1, description="`*` if left out.")] | None = None
    agents: Annotated[list[str] | None, Meta(description=_AGENTS)] = None
    enabled: bool | None = None


class WebhookBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is left out stays."""

    url: Url | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)] | UnsetType | None = UNSET
    types: Annotated[list[Subscription], Meta(min_length=1)] | UnsetType = UNSET
    agents: Annotated[list[str] | UnsetType | None, Meta(description=_AGENTS)] = UNSET
    enabled: Annotated[
        bool | UnsetType, Meta(description="Switched on, it is sent what waits, but not what it missed.")
    ] = UNSET


class RotateBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a secret is replaced."""

    grace_hours: Annotated[
        Annotated[float, Meta(ge=0, le=LONGEST_GRACE_HOURS)] | None,
        Meta(description="How long the older secrets sign too: 24 hours if left out."),
    ] = None


class ReplayBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be sent again."""

    since: Moment
    only_failed: Annotated[bool | None, Meta(description="true if left out: only what was given up.")] = None
