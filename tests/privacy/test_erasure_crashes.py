"""Workers die in the middle of an erasure, as processes really do: it goes on, and its receipt is complete."""

from pathlib import Path

import msgspec
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop
from tests.fakes.doomed import Doomed
from tests.fakes.forked_workers import ForkedWorkers
from tests.privacy.canary import files_with, rows_with
from tests.privacy.planting import Talk, imported, person, planted, receipt_in, uploaded
from turnkeeper.core.erasures import receipt_hash
from turnkeeper.core.ids import from_prefixed
from turnkeeper.store import erasures

MOMENTS = (
    # When one conversation is gone, and the second is not.
    "SELECT FROM conversations ORDER BY id OFFSET 1 LIMIT 1 FOR UPDATE",
    # In the middle of what a person has outside of conversations.
    "LOCK TABLE data_set_members IN EXCLUSIVE MODE",
    # In the run that removes documents from a data set.
    "LOCK TABLE passages IN ACCESS EXCLUSIVE MODE",
    # When the bytes of a file are gone, and what is known of them is not.
    "SELECT FROM erasure_blobs ORDER BY blob_id LIMIT 1 FOR UPDATE",
    # When everything is gone, and no receipt is written.
    "LOCK TABLE audit_entries IN EXCLUSIVE MODE",
)


async def test_killed_at_any_moment_an_erasure_goes_on_and_counts_everything_once(
    stage: Stage, shop: Shop, admin: Native, tmp_path: Path, forks: ForkedWorkers
) -> None:
    account, own, key = await person(stage, admin)
    await planted(stage, shop, own, key)
    for number in range(2):
        made = await own.post("/conversations", {"agent": shop.agent.slug})
        talk = msgspec.json.decode(made.body, type=Talk).id
        await uploaded(stage, talk, key, b"%d: what the xylophoneczar plays" % number)
    await imported(stage, own)
    workers = Doomed(
        url=stage.database_url,
        forks=forks,
        settings={"TURNKEEPER_DATA_DIR": str(tmp_path / "data"), "TURNKEEPER_VAULT_KEY": "A" * 43 + "="},
    )

    asked = await admin.post("/erasures", {"account_id": account})
    for moment in MOMENTS:
        await workers.killed_at(moment)
    await workers.start()
    path = asked.headers["Location"].removeprefix("/v1")
    receipt = receipt_in(await admin.get(path, Prefer="wait=30"))

    assert receipt.state == "completed"
    assert receipt.removed == snapshot(
        {
            "keys": 1,
            "runs": 1,
            "bytes": 141,
            "files": 3,
            "events": 11,
            "effects": 1,
            "messages": 2,
            "approvals": 1,
            "documents": 1,
            "conversations": 3,
            "stored_results": 7,
        }
    )
    assert rows_with(stage.database_url) == {}
    assert files_with(tmp_path) == []
    assert (await stage.turnkeeper.actions.audit.verify(stage.people.admin)).broken_at is None
    async with stage.turnkeeper.rooms.database.connection() as connection:
        found = await erasures.find(connection, erasure=from_prefixed(("ers",), receipt.id) or 0)
    assert found is not None
    assert found.ended_at is not None
    assert receipt.hash == receipt_hash(found, ended_at=found.ended_at, audit_number=receipt.audit_number or 0).hex()
