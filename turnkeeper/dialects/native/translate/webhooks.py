"""Webhooks and deliveries in the dialect's words."""

from datetime import datetime

import msgspec
from msgspec import UNSET

from turnkeeper.core.ids import prefixed
from turnkeeper.core.webhooks import Attempt, Delivery, MadeWebhook, Webhook
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.webhooks import AttemptShape, DeliveryShape, MadeWebhookShape, WebhookShape


def webhook_shape(webhook: Webhook) -> WebhookShape:
    """A webhook in the dialect's words."""
    return WebhookShape(
        id=prefixed("whk", webhook.public_id),
        url=webhook.url,
        description=webhook.description,
        types=list(webhook.types),
        agents=None if webhook.agents is None else [prefixed("agt", agent) for agent in webhook.agents],
        enabled=webhook.is_enabled,
        disabled_reason=webhook.disabled_reason,
        failing_since=_moment(webhook.failing_since),
        waiting=webhook.waiting,
        old_secret_until=_moment(webhook.old_secret_until),
        created_at=moment(webhook.created_at),
        updated_at=moment(webhook.updated_at),
    )


def made_webhook_shape(made: MadeWebhook) -> MadeWebhookShape:
    """A webhook with its secret."""
    return MadeWebhookShape(**msgspec.structs.asdict(webhook_shape(made.webhook)), secret=made.secret)


def delivery_shape(delivery: Delivery, *, with_log: bool) -> DeliveryShape:
    """A delivery in the dialect's words; `with_log` shows its attempts."""
    return DeliveryShape(
        id=prefixed("dlv", delivery.public_id),
        webhook_id=prefixed("whk", delivery.webhook),
        type=delivery.type,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=_moment(delivery.next_at),
        body=msgspec.Raw(b"null" if delivery.body is None else delivery.body.encode()),
        created_at=moment(delivery.created_at),
        ended_at=_moment(delivery.ended_at),
        log=[_attempt_shape(attempt) for attempt in delivery.log] if with_log else UNSET,
    )


def _attempt_shape(attempt: Attempt) -> AttemptShape:
    return AttemptShape(
        number=attempt.number,
        started_at=moment(attempt.started_at),
        milliseconds=attempt.milliseconds,
        status=attempt.status,
        error=attempt.error,
        answer=attempt.answer,
    )


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
