"""One import from the command line, with its progress. Slow to import: `commands.data_sets` loads it when it is wanted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from turnkeeper.commands import opening, progress
from turnkeeper.commands.opening import Desk
from turnkeeper.commands.printing import Row, hint, say, show
from turnkeeper.core.agents import Agent
from turnkeeper.core.data_sets import DataSet
from turnkeeper.core.errors import InvalidError, NotFoundError, UpstreamError
from turnkeeper.core.imports import Failure, ImportReport
from turnkeeper.retrieval.syncing import Found
from turnkeeper.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be imported. `vectors` is whether to wait for them, `agent` whether a data set without one gets one."""

    name: str
    paths: Sequence[Path]
    vectors: bool
    agent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of it."""

    data_set: DataSet
    agent: Agent | None
    report: ImportReport
    unreadable: Sequence[Failure]
    skipped: int
    unembedded: int
    was_cut: bool
    trouble: str


def run(settings: Settings, organization: str | None, wish: Wish) -> None:
    """Import, and tell.

    Raises:
        InvalidError: a path does not exist, or there is nothing to read below the paths.
    """

    async def work(desk: Desk) -> Outcome:
        return await _import(desk, wish)

    _tell(opening.run(settings, organization, work))


async def _import(desk: Desk, wish: Wish) -> Outcome:
    found = await asyncio.to_thread(desk.files, wish.paths)
    unreadable = [Failure(address=each.address, why=each.why) for each in found.unreadable]
    if not found.files:
        raise InvalidError("paths", "There is no file worth reading below these paths; the data set is as it was.")
    wanted = Found(sources=found.files, failures=unreadable, skipped=found.skipped)
    data_set, is_new = await _data_set(desk, wish.name)
    was_cut, trouble = False, ""
    with progress.bars() as shown:
        try:
            report = await desk.actions.data_sets.import_found(
                desk.caller, data_set.id, wanted, report=progress.reporter(shown, "Reading files")
            )
        except BaseException:  # Stopped, or failed: a data set that was made for it goes too.
            if is_new:
                await desk.actions.data_sets.delete(desk.caller, data_set.id)
            raise
        agent = await _agent(desk, data_set) if wish.agent else None
        if wish.vectors and report.unembedded > 0:
            was_cut, trouble = await _embed(desk, data_set, shown)
    totals = await desk.actions.data_sets.totals(desk.caller, data_set.id)
    return Outcome(
        data_set=data_set,
        agent=agent,
        report=report,
        unreadable=report.failures,
        skipped=found.skipped,
        unembedded=totals.unembedded,
        was_cut=was_cut,
        trouble=trouble,
    )


async def _data_set(desk: Desk, name: str) -> tuple[DataSet, bool]:
    try:
        return await desk.actions.data_sets.named(desk.caller, name.strip()), False
    except NotFoundError:
        return await desk.actions.data_sets.create(desk.caller, name=name), True


async def _agent(desk: Desk, data_set: DataSet) -> Agent | None:
    """A new agent that answers from the data set; None when it has one."""
    if any(agent.data_set_id == data_set.id for agent in await desk.actions.agents.list(desk.caller)):
        return None
    return await desk.create_agent(name=data_set.name, data_set_id=data_set.id)


async def _embed(desk: Desk, data_set: DataSet, shown: Progress) -> tuple[bool, str]:
    """Fill in vectors, beside the workers; whether the operator stopped it, and what kept it from being done.

    What is imported stays imported either way.
    """
    report = progress.reporter(shown, "Making vectors")
    try:
        await desk.actions.data_sets.embed(desk.caller, data_set.id, report=report)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        return True, ""
    except (UpstreamError, InvalidError) as error:
        return False, error.message
    progress.fill(shown)
    return False, ""


def _tell(outcome: Outcome) -> None:
    report = outcome.report
    say(
        f"The data set {outcome.data_set.name!r} (number {outcome.data_set.id}): {report.added:,} sources added, "
        f"{report.changed:,} changed, {report.removed:,} removed, {report.unchanged:,} unchanged."
    )
    say(f"Read: {report.documents:,} documents and {report.products:,} products, {report.passages:,} passages.")
    if outcome.skipped:
        say(f"{outcome.skipped:,} files were skipped that are never worth reading, such as pictures and style sheets.")
    if outcome.unembedded:
        if outcome.trouble:
            hint(outcome.trouble)
        why = "You stopped it; the other vectors follow" if outcome.was_cut else "The vectors follow"
        hint(f"All of it can be searched by its words. {why} while `turnkeeper serve` or `turnkeeper work` runs.")
    if outcome.agent is not None:
        say(f"The agent {outcome.agent.slug!r} answers from it; talk to it as with any other.")
    if outcome.unreadable:
        say(f"\n{len(outcome.unreadable):,} could not be read:")
        rows: list[Row] = [{"file": each.address, "why": each.why} for each in outcome.unreadable]
        show(rows, as_json=False, nothing="")
