"""`approvals`: what agents ask people, seen and decided."""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.approvals import Approval, ApprovalFilter, ApprovalState, Verdict
from turnkeeper.core.errors import InvalidError, NotFoundError
from turnkeeper.core.ids import from_prefixed, from_uuid, prefixed
from turnkeeper.settings import Settings
from turnkeeper.terminal.plain_text import spelled_out

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk


class State(StrEnum):
    """Which approvals to list."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ALL = "all"


Wanted = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it (apr_…), or as a UUID.")]
InState = Annotated[State, typer.Option("--state", help="Only those in this state.")]
OfConversation = Annotated[
    str | None, typer.Option("--conversation", metavar="ID", help="Only those of this conversation (conv_…).")
]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Why; it is kept with the decision.")]
NoteForModel = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Why; the model reads it.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Approvals: what agents ask people; see and decide.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("show")(show_)
    group.command("approve")(approve)
    group.command("deny")(deny)
    app.add_typer(group, name="approvals")


@with_settings("database")
def list_(
    settings: Settings,
    state: InState = State.WAITING,
    conversation: OfConversation = None,
    limit: AtMost = 100,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List what agents ask people, newest first; what waits for a decision, unless told otherwise.

    Examples:

        turnkeeper approvals list

        turnkeeper approvals list --state all --json
    """
    wanted = ApprovalFilter(
        state=_state(state),
        conversation=None if conversation is None else _conversation_in(conversation),
        limit=limit + 1,
    )

    async def work(desk: "Desk") -> list[Approval]:
        return list(await desk.actions.approvals.list(desk.caller, wanted))

    found = at_desk(settings, organization, work)
    row = _whole_row if as_json else _short_row
    nothing = "Nothing waits for a decision." if state is State.WAITING else "There are no such approvals."
    show([row(approval) for approval in found[:limit]], as_json=as_json, nothing=nothing)
    if len(found) > limit:
        hint(f"There are more than these {limit:,}; raise --limit to see them.")


@with_settings("database")
def show_(settings: Settings, approval: Wanted, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """Show one approval: what is asked, why, with which arguments, and what became of it.

    Example:

        turnkeeper approvals show apr_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C
    """
    wanted = _approval_in(approval)

    async def work(desk: "Desk") -> Approval:
        return await desk.actions.approvals.get(desk.caller, approval=wanted)

    row = _whole_row(_at_desk(settings, organization, work))
    if as_json:
        show([row], as_json=True, nothing="")
        return
    show([{"field": name, "value": _spelled(value)} for name, value in row.items()], as_json=False, nothing="")


@with_settings("database")
def approve(settings: Settings, approval: Wanted, note: Note = None, organization: OfOrganization = None) -> None:
    """Approve: the call is made, and the turn goes on. Approving twice is as good as once.

    Of a call whose outcome is unknown this means: make it again. Find out first whether it happened.

    Example:

        turnkeeper approvals approve apr_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --note "Checked with billing."
    """
    _decide(settings, organization, _approval_in(approval), verdict="approved", note=note)


@with_settings("database")
def deny(settings: Settings, approval: Wanted, note: NoteForModel = None, organization: OfOrganization = None) -> None:
    """Deny: the call is not made, the model is told so, with the note, and the turn goes on.

    Example:

        turnkeeper approvals deny apr_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C --note "The charge did go through."
    """
    _decide(settings, organization, _approval_in(approval), verdict="denied", note=note)


def _decide(
    settings: Settings, organization: str | None, approval: UUID, *, verdict: Verdict, note: str | None
) -> None:
    async def work(desk: "Desk") -> Approval:
        told = await desk.actions.approvals.decide(desk.caller, approval=approval, verdict=verdict, note=note or None)
        return told.value

    decided = _at_desk(settings, organization, work)
    say(f"{prefixed('apr', decided.id)} is {decided.state}.")
    if (note or None) != decided.note:
        hint("It was decided before; the first decision and its note stand.")


def _at_desk(
    settings: Settings, organization: str | None, work: "Callable[[Desk], Coroutine[None, None, Approval]]"
) -> Approval:
    try:
        return at_desk(settings, organization, work)
    except NotFoundError as error:
        if error.kind == "approval":
            shown = prefixed("apr", UUID(str(error.identifier)))
            error.message = f"There is no approval {shown!r}; `turnkeeper approvals list --state all` shows them."
        raise


def _approval_in(text: str) -> UUID:
    found = from_prefixed(("apr",), text.strip()) or from_uuid(text.strip())
    if found is None:
        raise InvalidError("approval", f"{text!r} is no id of an approval; `turnkeeper approvals list` shows them.")
    return found


def _conversation_in(text: str) -> UUID:
    found = from_prefixed(("conv", "job", "j"), text.strip()) or from_uuid(text.strip())
    if found is None:
        raise InvalidError("conversation", f"{text!r} is no id of a conversation; they begin with conv_ or job_.")
    return found


def _state(state: State) -> ApprovalState | None:
    return None if state is State.ALL else state.value


def _short_row(approval: Approval) -> Row:
    return {
        "id": prefixed("apr", approval.id),
        "state": approval.state,
        "question": approval.question,
        "agent": approval.agent,
        "tool": spelled_out(approval.tool),
        "arguments": _cut(spelled_out(approval.arguments.replace("\n", " "))),
        "asked_at": approval.created_at,
        "expires_at": approval.expires_at,
    }


def _whole_row(approval: Approval) -> Row:
    return {
        "id": prefixed("apr", approval.id),
        "state": approval.state,
        "question": approval.question,
        "agent": approval.agent,
        "tool": approval.tool,
        "arguments": approval.arguments,
        "reason": approval.reason,
        "note": approval.note,
        "decided_by": None if approval.decided_by is None else prefixed("acc", approval.decided_by),
        "conversation_id": prefixed("conv", approval.conversation_id),
        "message_id": prefixed("msg", approval.message_id),
        "asked_at": approval.created_at,
        "expires_at": approval.expires_at,
        "decided_at": approval.decided_at,
    }


def _spelled(value: object) -> object:
    return spelled_out(value) if isinstance(value, str) else value


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
