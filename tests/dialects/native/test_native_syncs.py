"""Runs of data sets over the wire: asked for, followed, read in pages, cancelled."""

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Native
from tests.dialects.native.data_client import DataClient, run_of
from tests.retrieval.samples.builders import zipped


@pytest.fixture
def data(admin: Native) -> DataClient:
    """The data set `open`, with an admin's key."""
    return DataClient(admin)


@pytest.mark.requirement("native.syncs.run")
async def test_a_folder_is_uploaded_followed_and_its_errors_read(
    stage: Stage, data: DataClient, member: Native
) -> None:
    broken = {f"{number}.pdf": b"\0\1\2" for number in range(3)}
    folder = zipped({"a.md": b"# A\n\nRed.", **broken})
    begun = await data.upload("/syncs?mode=replace", [("folder.zip", folder), ("b.md", b"# B")])
    assert begun.status == 202
    assert begun.headers["Location"] == f"/v1/data-sets/{ids(begun.body, 'ds')}/syncs/{run_of(begun).id}"
    path = f"/syncs/{run_of(begun).id}"
    mine = DataClient(member)
    async with stage.working():
        done = await mine.get(path, Prefer="wait=30")
    assert done.headers["Preference-Applied"] == "wait=30"
    assert "Retry-After" not in done.headers
    told = msgspec.convert(done.steady(), dict[str, object])
    assert told.pop("vectors_waiting") in {0, 1, 2}  # the vectors follow at their own pace
    assert told == snapshot(
        {
            "id": "sync-1",
            "data_set_id": "ds-1",
            "state": "completed",
            "mode": "replace",
            "origin": "upload",
            "files": 2,
            "found": 5,
            "skipped": 0,
            "to_read": 5,
            "read": 5,
            "added": 5,
            "changed": 0,
            "unchanged": 0,
            "removed": 0,
            "unreadable": 3,
            "documents": 2,
            "products": 0,
            "passages": 2,
            "error": None,
            "requested_by": "acc-1",
            "created_at": "time",
            "started_at": "time",
            "ended_at": "time",
        }
    )
    first = await mine.page(f"{path}/errors?limit=2")
    rest = await mine.page(f"{path}/errors?limit=2&cursor={first.next_cursor}")
    assert [item.address for item in (*first.items, *rest.items)] == ["0.pdf", "1.pdf", "2.pdf"]
    assert (first.has_more, rest.has_more) == (True, False)
    assert first.items[0].detail.endswith(".")


@pytest.mark.requirement("native.syncs.run")
async def test_runs_are_listed_newest_first(stage: Stage, data: DataClient) -> None:
    made = [run_of(await data.upload("/syncs", [(f"{number}.md", b"# A")])).id for number in range(3)]
    first = await data.page("/syncs?limit=2")
    rest = await data.page(f"/syncs?limit=2&cursor={first.next_cursor}&state=queued")
    assert [item.id for item in (*first.items, *rest.items)] == made[::-1]
    assert (await data.page("/syncs?state=completed")).items == []
    for unknown in (f"sync_{UNKNOWN}", "nonsense"):
        for path in (f"/syncs/{unknown}", f"/syncs/{unknown}/errors"):
            assert (await data.get(path)).problem.code == "not_found"
    assert (await DataClient(data.native, "closed").get(f"/syncs/{made[0]}")).problem.code == "not_found"


@pytest.mark.requirement("native.syncs.run")
async def test_a_form_that_cannot_be_used_begins_nothing(stage: Stage, data: DataClient) -> None:
    before = stage.rows()
    odd = [
        await data.upload("/syncs", []),
        await data.upload("/syncs?mode=remove", [("a.md", b"# A")]),
        await data.upload("/syncs?colour=red", [("a.md", b"# A")]),
        await data.send("POST", "/syncs", {"file": "x"}),
        await data.native.ask("POST", f"{data.path}/syncs"),
        await data.upload("/syncs", [("a.md", b"# A"), ("a.md", b"# B")]),
        await data.upload("/syncs", [("a.md", b"x" * 1_000_001)]),
        await data.upload("/syncs", [("a.md", b"x")], headers={"Idempotency-Key": "two words"}),
    ]
    assert [
        (answer.status, answer.problem.code, [fault.code for fault in answer.problem.errors]) for answer in odd
    ] == snapshot(
        [
            (400, "invalid", ["missing"]),
            (400, "invalid", ["invalid"]),
            (400, "invalid", ["unknown_parameter"]),
            (415, "not_multipart", []),
            (415, "not_multipart", []),
            (400, "invalid", ["several"]),
            (413, "too_large", []),
            (400, "invalid", ["invalid"]),
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("native.syncs.cancel")
async def test_a_cancelled_run_stays_cancelled(stage: Stage, data: DataClient, member: Native) -> None:
    run = run_of(await data.upload("/syncs", [("a.md", b"# A")]))
    path = f"{data.path}/syncs/{run.id}/cancel"
    assert (await member.post(path)).problem.code == "not_allowed"
    assert (await data.native.post(path, {"force": True})).problem.errors[0].code == "unknown_field"
    for _ in range(2):
        assert run_of(await data.native.post(path, {})).state == "cancelled"
    async with stage.working():
        done = await data.brought(("b.md", b"# B"))
        assert run_of(await data.native.post(f"{data.path}/syncs/{done.id}/cancel")).state == "completed"
    assert [item.address for item in (await data.page("/documents")).items] == ["b.md"]


def ids(body: bytes, prefix: str) -> str:
    start = body.index(f"{prefix}_".encode())
    return body[start : start + len(prefix) + 27].decode()
