"""`webhooks`: addresses that are told what happens."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.errors import InvalidError, NotFoundError
from turnkeeper.core.ids import from_prefixed, from_uuid, prefixed
from turnkeeper.core.webhooks import (
    GRACE_HOURS,
    Delivery,
    DeliveryFilter,
    DeliveryState,
    MadeWebhook,
    NewWebhook,
    Webhook,
)
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

T = TypeVar("T")


class State(StrEnum):
    """Which deliveries to list."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    ALL = "all"


Wanted = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it (whk_…), or as a UUID.")]
Url = Annotated[str, typer.Argument(metavar="URL", help="Where to, such as https://example.com/hooks.")]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type", metavar="TYPE", help="What to tell: message.completed, message.*, *; may come several times."
    ),
]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]
InState = Annotated[State, typer.Option("--state", help="Only those in this state.")]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")]
Which = Annotated[
    str | None, typer.Option("--delivery", metavar="ID", help="Only this one (dlv_…), as `deliveries` shows it.")
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", help="Everything that was given up since this time, in UTC.", metavar="TIME"),
]
Everything = Annotated[bool, typer.Option("--all", help="With --since: also what was delivered.")]
Grace = Annotated[float, typer.Option("--grace-hours", min=0, help="How long the older secrets sign too.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Webhooks: addresses that are told what happens.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("create")(create)
    group.command("enable")(enable)
    group.command("disable")(disable)
    group.command("rotate")(rotate)
    group.command("test")(send_test)
    group.command("deliveries")(deliveries)
    group.command("replay")(replay)
    group.command("delete")(delete)
    app.add_typer(group, name="webhooks")


@with_settings("database")
def list_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """List the webhooks, newest first, without their secrets.

    Example:

        turnkeeper webhooks list
    """

    async def work(desk: "Desk") -> list[Row]:
        return [_row(webhook) for webhook in await desk.actions.webhooks.list(desk.caller)]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no webhooks.")


@with_settings("database")
def create(
    settings: Settings,
    url: Url,
    types: Types = None,
    description: Description = None,
    organization: OfOrganization = None,
) -> None:
    """Register an address. Its secret is shown this once; the receiver checks signatures with it.

    Examples:

        turnkeeper webhooks create https://example.com/hooks

        turnkeeper webhooks create https://example.com/hooks --type 'approval.*' --type message.failed
    """
    new = NewWebhook(url=url, types=tuple(types or ("*",)), description=description)

    async def work(desk: "Desk") -> MadeWebhook:
        return (await desk.actions.webhooks.create(desk.caller, new)).value

    made = at_desk(settings, organization, work)
    say(f"{prefixed('whk', made.webhook.public_id)} is told of {', '.join(made.webhook.types)}.")
    hint("Its secret is shown once:")
    say(made.secret)


@with_settings("database")
def enable(settings: Settings, webhook: Wanted, organization: OfOrganization = None) -> None:
    """Switch a webhook on again: it is sent what waits, but not what it missed.

    Example:

        turnkeeper webhooks enable whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    _switch(settings, organization, _webhook_in(webhook), on=True)


@with_settings("database")
def disable(settings: Settings, webhook: Wanted, organization: OfOrganization = None) -> None:
    """Switch a webhook off: it is told nothing until it is switched on.

    Example:

        turnkeeper webhooks disable whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    _switch(settings, organization, _webhook_in(webhook), on=False)


@with_settings("database")
def rotate(
    settings: Settings, webhook: Wanted, grace_hours: Grace = GRACE_HOURS, organization: OfOrganization = None
) -> None:
    """Replace the secret. Until the grace time is over, deliveries are signed with the older ones too.

    Example:

        turnkeeper webhooks rotate whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --grace-hours 48
    """
    wanted = _webhook_in(webhook)

    async def work(desk: "Desk") -> MadeWebhook:
        return (await desk.actions.webhooks.rotate(desk.caller, webhook=wanted, grace_hours=grace_hours)).value

    made = _at_desk(settings, organization, work)
    hint("The new secret is shown once:")
    say(made.secret)


@with_settings("database")
def send_test(settings: Settings, webhook: Wanted, organization: OfOrganization = None) -> None:
    """Have a running server send a test; `webhooks deliveries` tells what came of it.

    Example:

        turnkeeper webhooks test whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _webhook_in(webhook)

    async def work(desk: "Desk") -> Delivery:
        return (await desk.actions.webhooks.test(desk.caller, webhook=wanted)).value

    say(f"{prefixed('dlv', _at_desk(settings, organization, work).public_id)} waits to be sent.")


@with_settings("database")
def deliveries(
    settings: Settings,
    webhook: Wanted,
    state: InState = State.ALL,
    limit: AtMost = 50,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List what was sent and what waits, newest first, with the outcome of the last attempt.

    Examples:

        turnkeeper webhooks deliveries whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --state failed

        turnkeeper webhooks deliveries whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --json
    """
    wanted = _webhook_in(webhook)
    chosen: DeliveryState | None = None if state is State.ALL else state.value

    async def work(desk: "Desk") -> list[Row]:
        found = await desk.actions.webhooks.deliveries(
            desk.caller, DeliveryFilter(state=chosen, limit=limit), webhook=wanted
        )
        whole = [
            await desk.actions.webhooks.delivery(desk.caller, webhook=wanted, delivery=one.public_id) for one in found
        ]
        return [_delivery_row(delivery, whole=as_json) for delivery in whole]

    rows = _at_desk(settings, organization, work)
    show(rows, as_json=as_json, nothing="There are no such deliveries.")


@with_settings("database")
def replay(
    settings: Settings,
    webhook: Wanted,
    delivery: Which = None,
    since: Since = None,
    everything: Everything = False,
    organization: OfOrganization = None,
) -> None:
    """Send again, with the same ids: one delivery, or what was given up since a time.

    Examples:

        turnkeeper webhooks replay whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --delivery dlv_01JZ3M7A2V7Z6R5T4W3X2Y1Z0C

        turnkeeper webhooks replay whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --since 2026-04-12T00:00:00 --all
    """
    wanted = _webhook_in(webhook)
    if (delivery is None) == (since is None):
        raise InvalidError("since", "Say what to send again: either --delivery ID or --since TIME.")
    one = None if delivery is None else _delivery_in(delivery)

    async def work(desk: "Desk") -> int:
        if one is not None:
            await desk.actions.webhooks.replay(desk.caller, webhook=wanted, delivery=one)
            return 1
        moment = (since or datetime.now(UTC)).replace(tzinfo=UTC)
        done = await desk.actions.webhooks.replay_since(
            desk.caller, webhook=wanted, since=moment, only_failed=not everything
        )
        return done.value

    say(f"{_at_desk(settings, organization, work):,} deliveries are sent again.")


@with_settings("database")
def delete(settings: Settings, webhook: Wanted, organization: OfOrganization = None, yes: Yes = False) -> None:
    """Forget a webhook, its secrets and its deliveries.

    Example:

        turnkeeper webhooks delete whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --yes
    """
    wanted = _webhook_in(webhook)
    if not yes:
        typer.confirm(f"Delete the webhook {webhook!r}?", abort=True, err=True)

    async def work(desk: "Desk") -> None:
        await desk.actions.webhooks.delete(desk.caller, webhook=wanted)

    _at_desk(settings, organization, work)
    say(f"The webhook {webhook!r} is deleted.")


def _switch(settings: Settings, organization: str | None, webhook: UUID, *, on: bool) -> None:
    async def work(desk: "Desk") -> Webhook:
        changed = await desk.actions.webhooks.change(
            desk.caller, webhook=webhook, change=lambda present: replace(present, is_enabled=on)
        )
        return changed.value

    _at_desk(settings, organization, work)
    say(f"{prefixed('whk', webhook)} is switched {'on' if on else 'off'}.")


def _at_desk(settings: Settings, organization: str | None, work: "Callable[[Desk], Coroutine[None, None, T]]") -> T:
    try:
        return at_desk(settings, organization, work)
    except NotFoundError as error:
        if error.kind == "webhook":
            shown = prefixed("whk", UUID(str(error.identifier)))
            error.message = f"There is no webhook {shown!r}; `turnkeeper webhooks list` shows them."
        raise


def _webhook_in(text: str) -> UUID:
    found = from_prefixed(("whk",), text.strip()) or from_uuid(text.strip())
    if found is None:
        raise InvalidError("webhook", f"{text!r} is no id of a webhook; `turnkeeper webhooks list` shows them.")
    return found


def _delivery_in(text: str) -> UUID:
    found = from_prefixed(("dlv",), text.strip()) or from_uuid(text.strip())
    if found is None:
        raise InvalidError("delivery", f"{text!r} is no id of a delivery; they begin with dlv_.")
    return found


def _row(webhook: Webhook) -> Row:
    return {
        "id": prefixed("whk", webhook.public_id),
        "url": webhook.url,
        "types": ", ".join(webhook.types),
        "state": "on" if webhook.is_enabled else f"off: {webhook.disabled_reason}",
        "waiting": webhook.waiting,
        "failing_since": webhook.failing_since,
        "created_at": webhook.created_at,
    }


def _delivery_row(delivery: Delivery, *, whole: bool) -> Row:
    last = delivery.log[-1] if delivery.log else None
    row: dict[str, object] = {
        "id": prefixed("dlv", delivery.public_id),
        "type": delivery.type,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": None if last is None else last.status,
        "error": None if last is None else last.error,
        "next_at": delivery.next_at,
        "created_at": delivery.created_at,
    }
    return {**row, "ended_at": delivery.ended_at, "body": delivery.body} if whole else row
