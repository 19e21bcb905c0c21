"""`/webhooks` and what is below."""

from dataclasses import replace

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.ids import prefixed
from turnkeeper.core.webhooks import Delivery
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.forms.webhooks import new_webhook_form, replay_form, rotate_form, webhook_form
from turnkeeper.dialects.native.operations import deliveries as of_deliveries
from turnkeeper.dialects.native.operations import webhooks as operations
from turnkeeper.dialects.native.queries.numbered import cursor_behind, page_query
from turnkeeper.dialects.native.queries.webhooks import DELIVERIES, WEBHOOKS, delivery_filter
from turnkeeper.dialects.native.shapes.webhooks import DeliveriesShape, ReplayedShape, WebhooksShape
from turnkeeper.dialects.native.translate.ids import delivery_in, webhook_in
from turnkeeper.dialects.native.translate.webhooks import delivery_shape, made_webhook_shape, webhook_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with webhooks."""
    return [*_of_webhooks(actions), *_of_deliveries(actions)]


def _of_webhooks(actions: Actions) -> list[Endpoint]:
    async def list_webhooks(asked: Asked) -> ASGIApp:
        before, limit = page_query(asked.query, WEBHOOKS)
        found = await actions.webhooks.list(asked.caller, before=before, limit=limit + 1)
        shown, has_more = cut(found, limit)
        cursor = cursor_behind(shown[-1].created_at, shown[-1].id, WEBHOOKS) if has_more else None
        items = [webhook_shape(webhook) for webhook in shown]
        return answer(WebhooksShape(items=items, has_more=has_more, next_cursor=cursor))

    async def create(asked: Asked) -> ASGIApp:
        body = await asked.body()
        new = new_webhook_form(body, asked.content_type)
        made = await actions.webhooks.create(asked.caller, new, key=asked.key(body))
        location = f"/v1/webhooks/{prefixed('whk', made.value.webhook.public_id)}"
        return answer(made_webhook_shape(made.value), status=201, replayed=made.replayed, location=location)

    async def get(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        return answer(webhook_shape(await actions.webhooks.get(asked.caller, webhook=webhook)))

    async def change(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        body = await asked.body()
        wanted = webhook_form(body, asked.content_type)
        done = await actions.webhooks.change(asked.caller, webhook=webhook, change=wanted, key=asked.key(body))
        return answer(webhook_shape(done.value), replayed=done.replayed)

    async def delete(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        done = await actions.webhooks.delete(asked.caller, webhook=webhook, key=asked.key(b""))
        return nothing(replayed=done.replayed)

    async def rotate(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        body = await asked.body()
        hours = rotate_form(body, asked.content_type)
        done = await actions.webhooks.rotate(asked.caller, webhook=webhook, grace_hours=hours, key=asked.key(body))
        return answer(made_webhook_shape(done.value), replayed=done.replayed)

    return [
        Endpoint(operation=operations.LIST, handle=list_webhooks),
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CHANGE, handle=change),
        Endpoint(operation=operations.DELETE, handle=delete),
        Endpoint(operation=operations.ROTATE, handle=rotate),
    ]


def _of_deliveries(actions: Actions) -> list[Endpoint]:
    async def test(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        sent = await actions.webhooks.test(asked.caller, webhook=webhook, key=asked.key(body))
        return _on_its_way(sent.value, replayed=sent.replayed)

    async def list_deliveries(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        wanted = delivery_filter(asked.query)
        found = await actions.webhooks.deliveries(
            asked.caller, replace(wanted, limit=wanted.limit + 1), webhook=webhook
        )
        shown, has_more = cut(found, wanted.limit)
        cursor = cursor_behind(shown[-1].created_at, shown[-1].id, DELIVERIES) if has_more else None
        items = [delivery_shape(delivery, with_log=False) for delivery in shown]
        return answer(DeliveriesShape(items=items, has_more=has_more, next_cursor=cursor))

    async def get(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        delivery = asked.named("delivery_id", "delivery", delivery_in)
        found = await actions.webhooks.delivery(asked.caller, webhook=webhook, delivery=delivery)
        return answer(delivery_shape(found, with_log=True))

    async def replay_one(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        delivery = asked.named("delivery_id", "delivery", delivery_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        sent = await actions.webhooks.replay(asked.caller, webhook=webhook, delivery=delivery, key=asked.key(body))
        return _on_its_way(sent.value, replayed=sent.replayed)

    async def replay_since(asked: Asked) -> ASGIApp:
        webhook = asked.named("webhook_id", "webhook", webhook_in)
        body = await asked.body()
        form = replay_form(body, asked.content_type)
        done = await actions.webhooks.replay_since(
            asked.caller, webhook=webhook, since=form.since, only_failed=form.only_failed, key=asked.key(body)
        )
        location = f"/v1/webhooks/{prefixed('whk', webhook)}/deliveries"
        shape = ReplayedShape(deliveries=done.value)
        return answer(shape, status=202, replayed=done.replayed, location=location)

    return [
        Endpoint(operation=operations.TEST, handle=test),
        Endpoint(operation=of_deliveries.LIST, handle=list_deliveries),
        Endpoint(operation=of_deliveries.GET, handle=get),
        Endpoint(operation=of_deliveries.REPLAY, handle=replay_one),
        Endpoint(operation=of_deliveries.REPLAY_SINCE, handle=replay_since),
    ]


def _on_its_way(delivery: Delivery, *, replayed: bool) -> ASGIApp:
    place = f"/v1/webhooks/{prefixed('whk', delivery.webhook)}/deliveries/{prefixed('dlv', delivery.public_id)}"
    return answer(delivery_shape(delivery, with_log=True), status=202, replayed=replayed, location=place)
