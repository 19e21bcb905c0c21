"""`data-sets syncs`: the runs that brought data sets up to date, by command or over the API."""

from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, say, show
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.ids import from_prefixed, prefixed
from turnkeeper.core.syncs import Sync
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

Which = Annotated[str, typer.Argument(metavar="DATA_SET", help="Its name or its number.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="As `syncs list` shows it: sync_…")]
Limit = Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, max=1000, help="How many, the newest first.")]
MostErrors = Annotated[
    int, typer.Option("--errors", metavar="NUMBER", min=0, max=10_000, help="How many of them to show.")
]


def group() -> typer.Typer:
    """The commands."""
    made = typer.Typer(help="The runs that brought a data set up to date.", no_args_is_help=True)
    made.command("list")(list_)
    made.command("show")(show_)
    made.command("cancel")(cancel)
    return made


@with_settings("database")
def list_(
    settings: Settings,
    data_set: Which,
    limit: Limit = 20,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List the runs of a data set, newest first; those of `data-sets import` too.

    Example:

        turnkeeper data-sets syncs list handbook
    """

    async def work(desk: "Desk") -> list[Row]:
        found = await desk.data_set(data_set)
        return [_row(sync) for sync in await desk.actions.syncs.list(desk.caller, found.id, limit=limit)]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="Nothing was imported into it yet.")


@with_settings("database")
def show_(
    settings: Settings,
    data_set: Which,
    run: Run,
    errors: MostErrors = 100,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """Show what came of a run: how it ended, and what it could not read.

    Example:

        turnkeeper data-sets syncs show handbook sync_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """

    async def work(desk: "Desk") -> tuple[Sync, list[Row]]:
        found = await desk.data_set(data_set)
        sync = await _found(desk, found.id, run)
        unread = await desk.actions.syncs.errors(desk.caller, found.id, sync.id, limit=errors)
        return sync, [{"file": error.address, "why": error.why} for error in unread]

    sync, unread = at_desk(settings, organization, work)
    if as_json:
        show([{**_row(sync), "errors": unread}], as_json=True, nothing="")
        return
    say(
        f"{prefixed('sync', sync.public_id)}: {sync.state}, by {sync.origin}, begun {sync.created_at:%Y-%m-%d %H:%M:%S %Z}."
    )
    if sync.error is not None:
        say(sync.error)
    say(
        f"{sync.added:,} sources added, {sync.changed:,} changed, {sync.removed:,} removed, {sync.unchanged:,} unchanged; "
        f"{sync.documents:,} documents, {sync.products:,} products and {sync.passages:,} passages were read."
    )
    if unread:
        say(f"\n{sync.unreadable:,} could not be read:")
        show(unread, as_json=False, nothing="")


@with_settings("database")
def cancel(settings: Settings, data_set: Which, run: Run, organization: OfOrganization = None) -> None:
    """Cancel a run that has not ended; nothing of it is kept.

    Example:

        turnkeeper data-sets syncs cancel handbook sync_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """

    async def work(desk: "Desk") -> Sync:
        found = await desk.data_set(data_set)
        sync = await _found(desk, found.id, run)
        return (await desk.actions.syncs.cancel(desk.caller, found.id, sync.id)).value

    say(f"The run is {at_desk(settings, organization, work).state}.")


async def _found(desk: "Desk", data_set_id: int, run: str) -> Sync:
    public_id = from_prefixed(("sync",), run)
    if public_id is None:
        raise NotFoundError("run", run)
    return await desk.actions.syncs.get(desk.caller, data_set_id, public_id)


def _row(sync: Sync) -> Row:
    return {
        "id": prefixed("sync", sync.public_id),
        "state": sync.state,
        "origin": sync.origin,
        "mode": sync.mode,
        "found": sync.found,
        "added": sync.added,
        "changed": sync.changed,
        "unchanged": sync.unchanged,
        "removed": sync.removed,
        "unreadable": sync.unreadable,
        "vectors_waiting": sync.vectors_waiting,
        "error": sync.error,
        "created_at": sync.created_at,
        "ended_at": sync.ended_at,
    }
