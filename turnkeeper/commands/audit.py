"""`audit`: who changed what, and whether the log is whole."""

import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.audit import ACTIONS, AuditEntry, AuditFilter, head_in
from turnkeeper.core.audit_files import header_line, lines_of, rows_of
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import prefixed
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.actions.audit import Verified
    from turnkeeper.commands.opening import Desk

_PAGE = 100


class Form(StrEnum):
    """How the log is written down."""

    NDJSON = "ndjson"
    CSV = "csv"


Action = Annotated[str | None, typer.Option("--action", metavar="ACTION", help="Only this one, such as key.created.")]
Target = Annotated[
    str | None,
    typer.Option("--target", metavar="ID", help="Only what was done to this: agt_…, acc_…, a secret's name."),
]
Since = Annotated[datetime | None, typer.Option("--since", metavar="TIME", help="Not before this time, in UTC.")]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")]
Head = Annotated[
    str | None,
    typer.Option("--head", metavar="NUMBER:HASH", help="A head noted earlier: that entry must still be there."),
]
As = Annotated[Form, typer.Option("--format", help="One JSON object a line, or a table.")]
Into = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to; standard output when left out.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="The audit log: who changed what, and whether it is whole.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("export")(export)
    group.command("verify")(verify)
    app.add_typer(group, name="audit")


@with_settings("database")
def list_(
    settings: Settings,
    action: Action = None,
    target: Target = None,
    since: Since = None,
    limit: AtMost = 50,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List changes of the organization, newest first.

    Examples:

        turnkeeper audit list --limit 20

        turnkeeper audit list --action agent.deployed --since 2026-04-01
    """
    wanted = _filter(action, target, since)

    async def work(desk: "Desk") -> list[Row]:
        found: list[AuditEntry] = []
        while len(found) < limit:
            before = found[-1].number if found else None
            page = replace(wanted, before=before, limit=min(_PAGE, limit - len(found)))
            entries = await desk.actions.audit.list(desk.caller, page)
            found.extend(entries)
            if len(entries) < page.limit:
                break
        return [_row(entry) for entry in found]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="Nothing of that kind was changed.")


@with_settings("database")
def export(
    settings: Settings,
    form: As = Form.NDJSON,
    out: Into = None,
    action: Action = None,
    target: Target = None,
    since: Since = None,
    organization: OfOrganization = None,
) -> None:
    """Write the log down, oldest first, as `GET /v1/audit/export` does.

    Examples:

        turnkeeper audit export --out audit.ndjson

        turnkeeper audit export --format csv --since 2026-04-01 > audit.csv
    """
    wanted = _filter(action, target, since)

    async def work(desk: "Desk") -> int:
        if out is None:
            return await _write(desk, wanted, form, sys.stdout.buffer)
        with out.open("wb") as file:
            return await _write(desk, wanted, form, file)

    count = at_desk(settings, organization, work)
    hint(f"{count:,} entries were written{'' if out is None else f' into {out}'}.")


@with_settings("database")
def verify(settings: Settings, head: Head = None, organization: OfOrganization = None) -> None:
    """Walk the whole log and check that each entry follows on the one before; the exit code is 1 when it breaks.

    Note the head that is printed in another place. Given back later with --head, it shows whether the end of the log was
    cut off meanwhile, or all of it written anew.

    Examples:

        turnkeeper audit verify

        turnkeeper audit verify --head 41:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    """
    noted = None if head is None else head_in(head)

    async def work(desk: "Desk") -> "Verified":
        from turnkeeper.commands.progress import bars  # noqa: PLC0415 - slow import

        with bars() as shown:
            bar = shown.add_task("Entries", total=None)

            def report(done: int, total: int) -> None:
                shown.update(bar, completed=done, total=total)

            return await desk.actions.audit.verify(desk.caller, noted=noted, progress=report)

    found = at_desk(settings, organization, work)
    if found.broken_at is not None:
        say(f"BROKEN at entry {found.broken_at:,}: {found.why} The {found.head.number:,} entries before it hold.")
        raise typer.Exit(1)
    say(f"The log is whole: {found.head.number:,} entries, head {found.head}.")


async def _write(desk: "Desk", wanted: AuditFilter, form: Form, file: BinaryIO) -> int:
    write: Callable[[bytes], object] = file.write
    if form is Form.CSV:
        write(header_line())
    count = 0
    async with aclosing(desk.actions.audit.export(desk.caller, wanted)) as pages:
        async for page in pages:
            write(rows_of(page) if form is Form.CSV else lines_of(page))
            count += len(page)
    file.flush()
    return count


def _filter(action: str | None, target: str | None, since: datetime | None) -> AuditFilter:
    if action is not None and action not in ACTIONS:
        raise InvalidError("action", f"There is no action {action!r}. The actions: {', '.join(ACTIONS)}.")
    at = None if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    return AuditFilter(action=action, target=target, since=at, limit=_PAGE)


def _row(entry: AuditEntry) -> Row:
    who = entry.account_name or (None if entry.account is None else prefixed("acc", entry.account))
    return {
        "number": entry.number,
        "at": entry.at,
        "who": who or f"({entry.origin})",
        "action": entry.action,
        "target": entry.target,
        "details": entry.details,
    }
