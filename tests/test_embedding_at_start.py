"""Whether what works on turns has its embedder from the start."""

import asyncio
from pathlib import Path

import pytest

from turnkeeper.app import opened
from turnkeeper.settings import Settings
from turnkeeper.working import answer_turns


@pytest.mark.parametrize(("at_start", "said"), [(True, (False, True)), (False, (None, None))])
async def test_an_embedder_that_is_loaded_at_the_start_is_part_of_health(
    database_url: str, tmp_path: Path, *, at_start: bool, said: tuple[bool | None, bool | None]
) -> None:
    settings = Settings(database_url=database_url, data_dir=tmp_path, embed_at_start=at_start)
    stop = asyncio.Event()
    stop.set()  # at its end it has done what a start does

    async with opened(settings, database_url, works=True, plugins=()) as turnkeeper:
        before = await turnkeeper.actions.health.look()
        await answer_turns(turnkeeper, settings, stop)
        after = await turnkeeper.actions.health.look()
        is_loaded = turnkeeper.rooms.embedder.is_ready

    assert (before.embedder, after.embedder) == said
    assert is_loaded == at_start
