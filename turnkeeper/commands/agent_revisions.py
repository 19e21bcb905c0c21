"""`agents revisions`, `diff`, `rollback` and `deploy`: what was changed in an agent, and taking it back."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.agents import Agent, slug_of
from turnkeeper.core.ids import from_prefixed
from turnkeeper.core.revisions import Difference, Revision
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.actions.agents import AgentName
    from turnkeeper.commands.opening import Desk

Wanted = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name, slug or id (agt_…).")]
Number = Annotated[int, typer.Argument(metavar="REVISION", min=1, help="Its number, as `agents revisions` shows it.")]
MaybeNumber = Annotated[
    int | None, typer.Argument(metavar="[REVISION]", min=1, help="Its number; the newest if left out.")
]
Against = Annotated[
    int | None, typer.Option("--against", metavar="REVISION", min=1, help="Else the one that it was made from.")
]
Note = Annotated[str | None, typer.Option("--note", help="Why; kept with the revision.")]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")]


def add_revisions_to(group: typer.Typer) -> None:
    """Offer the commands beside the others on agents."""
    group.command("revisions")(revisions)
    group.command("diff")(diff)
    group.command("rollback")(rollback)
    group.command("deploy")(deploy)


@with_settings("database")
def revisions(
    settings: Settings,
    name: Wanted,
    limit: AtMost = 100,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List what was changed in an agent, newest first, and which revision answers.

    Example:

        turnkeeper agents revisions refunds
    """

    async def work(desk: "Desk") -> list[Row]:
        agent = await _agent(desk, name)
        found = await desk.actions.revisions.list(desk.caller, agent.public_id, before=None, limit=limit)
        return [_row(revision, agent) for revision in found]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no revisions.")


@with_settings("database")
def diff(
    settings: Settings,
    name: Wanted,
    number: MaybeNumber = None,
    against: Against = None,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """Show how a revision differs from another one: by field, and texts line by line.

    Examples:

        turnkeeper agents diff refunds

        turnkeeper agents diff refunds 3 --against 1
    """

    async def work(desk: "Desk") -> tuple[int, int, list[Difference]]:
        agent = await _agent(desk, name)
        new = agent.latest_revision if number is None else number
        old, found = await desk.actions.revisions.compare(desk.caller, agent.public_id, number=new, against=against)
        return old, new, list(found)

    old, new, found = at_desk(settings, organization, work)
    if as_json:
        rows: list[Row] = [{"pointer": each.pointer, "old": each.old, "new": each.new} for each in found]
        show(rows, as_json=True, nothing="")
        return
    hint(f"Revision {new} against {f'revision {old}' if old else 'nothing: it is the first'}:")
    for difference in found:
        say(_told(difference))
    if not found:
        hint("They are the same.")


@with_settings("database")
def rollback(
    settings: Settings, name: Wanted, number: Number, note: Note = None, organization: OfOrganization = None
) -> None:
    """Have an agent answer as it did at an earlier revision: a new revision, made of the same.

    Example:

        turnkeeper agents rollback refunds 2 --note "The new instructions promise too much."
    """

    async def work(desk: "Desk") -> Agent:
        done = await desk.actions.revisions.roll_back(desk.caller, _named(name), number=number, note=note, version=None)
        return done.value

    agent = at_desk(settings, organization, work)
    say(str(agent.revision))
    hint(f"The agent {agent.name!r} answers as at revision {number}; the line above is the new revision's number.")


@with_settings("database")
def deploy(settings: Settings, name: Wanted, number: MaybeNumber = None, organization: OfOrganization = None) -> None:
    """Have an agent answer with a revision, such as a draft; turns under way go on as they began.

    Examples:

        turnkeeper agents deploy refunds

        turnkeeper agents deploy refunds 3
    """

    async def work(desk: "Desk") -> tuple[int, Agent]:
        before = await _agent(desk, name)
        done = await desk.actions.revisions.deploy(desk.caller, before.public_id, number=number)
        return before.revision, done.value

    before, agent = at_desk(settings, organization, work)
    say(str(agent.revision))
    same = before == agent.revision
    hint(f"The agent {agent.name!r} answers with revision {agent.revision}{', as before' if same else ''}.")


async def _agent(desk: "Desk", name: str) -> Agent:
    wanted = _named(name)
    if isinstance(wanted, str):
        return await desk.actions.agents.get(desk.caller, slug=wanted)
    return await desk.actions.agents.get(desk.caller, public_id=wanted)


def _named(name: str) -> "AgentName":
    return from_prefixed(("agt",), name) or slug_of(name)


def _row(revision: Revision, agent: Agent) -> Row:
    return {
        "number": revision.number,
        "answers": revision.number == agent.revision,
        "note": revision.note,
        "based_on": revision.based_on,
        "created_at": revision.created_at,
        "deployed_at": revision.deployed_at,
    }


def _told(difference: Difference) -> str:
    if difference.text:
        return f"{difference.pointer}:\n{difference.text.rstrip()}"
    return f"{difference.pointer}: {_shown(difference.old)} → {_shown(difference.new)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
