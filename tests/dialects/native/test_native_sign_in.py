"""What is remembered of a key is never what it was before it changed."""

import asyncio

import psycopg
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.doors.keys import admin_of
from tests.patience import PATIENCE
from turnkeeper.core.errors import NotSignedInError
from turnkeeper.core.keys import digest_of


@pytest.mark.requirement("native.keys.life")
async def test_a_look_up_that_was_under_way_while_its_key_changed_is_not_remembered(stage: Stage) -> None:
    actions = stage.turnkeeper.actions
    _, secret = await actions.accounts.create_key(await admin_of(stage), name="changing")
    async with await psycopg.AsyncConnection.connect(stage.database_url) as other:
        await other.execute("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        looking = asyncio.create_task(actions.signin.caller_of(secret))
        await waiting_for_the_table(stage)
        actions.signin.forget([digest_of(secret)])
        await other.rollback()
        assert (await asyncio.wait_for(looking, PATIENCE)).role == "admin"
    # Nobody is told of this; only whoever asks the database knows.
    stage.execute("UPDATE api_keys SET revoked_at = now() WHERE name = 'changing'")
    with pytest.raises(NotSignedInError) as refused:
        await actions.signin.caller_of(secret)
    assert refused.value.code == "revoked"


async def waiting_for_the_table(stage: Stage) -> None:
    """Wait until somebody waits for a lock of the table of keys."""
    async with (
        asyncio.timeout(PATIENCE),
        await psycopg.AsyncConnection.connect(stage.database_url, autocommit=True) as watcher,
    ):
        while True:
            cursor = await watcher.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'api_keys'::regclass)"
            )
            if (await cursor.fetchone()) == (True,):
                return
