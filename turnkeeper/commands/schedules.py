"""`schedules`: messages that are sent again and again."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.agents import slug_of
from turnkeeper.core.errors import InvalidError, NotFoundError
from turnkeeper.core.ids import from_prefixed, from_uuid, prefixed
from turnkeeper.core.schedules import NewSchedule, Run, Schedule
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

T = TypeVar("T")

Wanted = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it (sch_…), or as a UUID.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as 'Morning report'.")]
OfAgent = Annotated[str, typer.Option("--agent", metavar="NAME", help="The agent's name or slug.")]
Line = Annotated[
    str, typer.Option("--cron", metavar="LINE", help="Five fields, such as '30 8 * * mon-fri', or @daily.")
]
Zone = Annotated[str, typer.Option("--timezone", metavar="ZONE", help="IANA name, such as Europe/Berlin.")]
Text = Annotated[str, typer.Option("--text", metavar="TEXT", help="The message that is sent.")]
One = Annotated[bool, typer.Option("--one-conversation", help="All messages into one conversation.")]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Schedules: messages that are sent again and again.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("create")(create)
    group.command("show")(show_)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("run")(run)
    group.command("runs")(runs)
    group.command("delete")(delete)
    app.add_typer(group, name="schedules")


@with_settings("database")
def list_(
    settings: Settings, limit: AtMost = 100, organization: OfOrganization = None, as_json: AsJson = False
) -> None:
    """List the schedules, newest first, with their next ticks.

    Example:

        turnkeeper schedules list
    """

    async def work(desk: "Desk") -> list[Row]:
        return [_row(schedule) for schedule in await desk.actions.schedules.list(desk.caller, limit=limit)]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no schedules.")


@with_settings("database")
def create(
    settings: Settings,
    name: Name,
    agent: OfAgent,
    cron: Line,
    text: Text,
    timezone: Zone = "UTC",
    one_conversation: One = False,
    organization: OfOrganization = None,
) -> None:
    """Have a message sent to an agent at every tick of a cron line, in the name of the organization's oldest admin.

    Examples:

        turnkeeper schedules create "Morning report" --agent reporter --cron "30 8 * * mon-fri" \\
            --timezone Europe/Berlin --text "What happened since yesterday?"

        turnkeeper schedules create Watch --agent watch --cron @hourly --text "Anything new?" --one-conversation
    """
    new = NewSchedule(
        name=name, agent=slug_of(agent), cron=cron, timezone=timezone, text=text, keeps_conversation=one_conversation
    )

    async def work(desk: "Desk") -> Schedule:
        return (await desk.actions.schedules.create(desk.caller, new)).value

    made = at_desk(settings, organization, work)
    say(f"{prefixed('sch', made.public_id)} fires next at {made.next_at:%Y-%m-%d %H:%M} UTC.")


@with_settings("database")
def show_(settings: Settings, schedule: Wanted, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """Show one schedule with its next five ticks.

    Example:

        turnkeeper schedules show sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _schedule_in(schedule)

    async def work(desk: "Desk") -> Row:
        found = await desk.actions.schedules.get(desk.caller, schedule=wanted)
        ticks = [tick.isoformat(timespec="minutes") for tick in desk.actions.schedules.preview(found)]
        return {**_row(found), "text": found.text, "next_ticks": ticks}

    row = _at_desk(settings, organization, work)
    if as_json:
        show([row], as_json=True, nothing="")
        return
    ticks = row["next_ticks"]
    shown = {**row, "next_ticks": "\n".join(map(str, ticks)) if isinstance(ticks, list) else ticks}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    show([{"field": name, "value": value} for name, value in shown.items()], as_json=False, nothing="")


@with_settings("database")
def pause(settings: Settings, schedule: Wanted, organization: OfOrganization = None) -> None:
    """Fire no tick until it is resumed.

    Example:

        turnkeeper schedules pause sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _schedule_in(schedule)

    async def work(desk: "Desk") -> None:
        await desk.actions.schedules.pause(desk.caller, schedule=wanted)

    _at_desk(settings, organization, work)
    say(f"{prefixed('sch', wanted)} is paused.")


@with_settings("database")
def resume(settings: Settings, schedule: Wanted, organization: OfOrganization = None) -> None:
    """Go on with the next tick from now.

    Example:

        turnkeeper schedules resume sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _schedule_in(schedule)

    async def work(desk: "Desk") -> Schedule:
        return (await desk.actions.schedules.resume(desk.caller, schedule=wanted)).value

    found = _at_desk(settings, organization, work)
    say(f"{prefixed('sch', wanted)} fires next at {found.next_at:%Y-%m-%d %H:%M} UTC.")


@with_settings("database")
def run(settings: Settings, schedule: Wanted, organization: OfOrganization = None) -> None:
    """Send the message now, paused or not; the ticks stay as they are.

    Example:

        turnkeeper schedules run sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _schedule_in(schedule)

    async def work(desk: "Desk") -> Run:
        return (await desk.actions.schedules.run(desk.caller, schedule=wanted)).value

    ran = _at_desk(settings, organization, work)
    if ran.message is not None:
        say(f"{prefixed('msg', ran.message)} will be answered by a running server.")


@with_settings("database")
def runs(
    settings: Settings,
    schedule: Wanted,
    limit: AtMost = 50,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List what came of a schedule in the last 30 days, newest first.

    Example:

        turnkeeper schedules runs sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _schedule_in(schedule)

    async def work(desk: "Desk") -> list[Row]:
        return [_run_row(one) for one in await desk.actions.schedules.runs(desk.caller, schedule=wanted, limit=limit)]

    show(_at_desk(settings, organization, work), as_json=as_json, nothing="It has not fired yet.")


@with_settings("database")
def delete(settings: Settings, schedule: Wanted, organization: OfOrganization = None, yes: Yes = False) -> None:
    """Forget a schedule and the list of its runs; the conversations that it began stay.

    Example:

        turnkeeper schedules delete sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --yes
    """
    wanted = _schedule_in(schedule)
    if not yes:
        typer.confirm(f"Delete the schedule {schedule!r}?", abort=True, err=True)

    async def work(desk: "Desk") -> None:
        await desk.actions.schedules.delete(desk.caller, schedule=wanted)

    _at_desk(settings, organization, work)
    say(f"The schedule {schedule!r} is deleted.")
    hint("The conversations that it began stay.")


def _at_desk(settings: Settings, organization: str | None, work: "Callable[[Desk], Coroutine[None, None, T]]") -> T:
    try:
        return at_desk(settings, organization, work)
    except NotFoundError as error:
        if error.kind == "schedule":
            shown = prefixed("sch", UUID(str(error.identifier)))
            error.message = f"There is no schedule {shown!r}; `turnkeeper schedules list` shows them."
        raise


def _schedule_in(text: str) -> UUID:
    found = from_prefixed(("sch",), text.strip()) or from_uuid(text.strip())
    if found is None:
        raise InvalidError("schedule", f"{text!r} is no id of a schedule; `turnkeeper schedules list` shows them.")
    return found


def _row(schedule: Schedule) -> Row:
    return {
        "id": prefixed("sch", schedule.public_id),
        "name": schedule.name,
        "agent": schedule.agent,
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "next_at": schedule.next_at,
        "paused": schedule.paused_reason,
        "conversation": "one" if schedule.keeps_conversation else "new",
    }


def _run_row(run: Run) -> Row:
    return {
        "tick_at": run.tick_at,
        "fired_at": run.fired_at,
        "outcome": run.outcome,
        "message_id": None if run.message is None else prefixed("msg", run.message),
        "reason": run.reason,
    }
