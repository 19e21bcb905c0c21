"""Embedding a data set from the command line, with its progress. Slow to import: `commands.data_sets` loads it."""

import asyncio

from turnkeeper.commands import opening, progress
from turnkeeper.commands.opening import Desk
from turnkeeper.commands.printing import hint, say
from turnkeeper.core.data_sets import DataSet
from turnkeeper.settings import Settings


def run(settings: Settings, organization: str | None, data_set: str, *, model: str | None, waits: bool) -> None:
    """Make the vectors that are missing, by another model when one is named, and tell.

    Raises:
        InvalidError: there is no such model or provider, or a key is missing or refused.
        UpstreamError: the model's endpoint does not answer, or refuses.
    """

    async def work(desk: Desk) -> tuple[DataSet, bool]:
        found = await desk.data_set(data_set)
        if model is not None:
            found = await desk.actions.data_sets.set_embedding_model(desk.caller, found.id, model=model)
        was_cut = waits and await _embed(desk, found)
        return await desk.data_set(data_set), was_cut

    found, was_cut = opening.run(settings, organization, work)
    if found.next_embedding_model is not None:
        say(f"The data set {found.name!r} is searched by the vectors of {found.embedding_model}.")
        why = "You stopped it; the rest follows" if was_cut else "They are made"
        hint(
            f"Those of {found.next_embedding_model} take their place once all are there. "
            f"{why} while `turnkeeper serve` or `turnkeeper work` runs."
        )
    else:
        say(f"The data set {found.name!r} is embedded by {found.embedding_model}.")


async def _embed(desk: Desk, data_set: DataSet) -> bool:
    """Whether the operator stopped it."""
    with progress.bars() as shown:
        report = progress.reporter(shown, "Making vectors")
        try:
            await desk.actions.data_sets.embed(desk.caller, data_set.id, report=report)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            return True
        progress.fill(shown)
        return False
