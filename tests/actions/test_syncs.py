"""Runs of data sets: done once and as a whole whatever happens to the worker, told with their errors, cancelled, tidied."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.fakes.people import Crew, People
from tests.fakes.rooms import rows_of
from tests.patience import PATIENCE
from tests.retrieval.samples.builders import zipped
from tests.retrieval.sources import page
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.actions.file_reading import FileReader
from turnkeeper.actions.files import FileActions, FileLimits
from turnkeeper.actions.syncs import KeptFile, SyncActions
from turnkeeper.core.data_sets import DocumentFilter
from turnkeeper.core.errors import ClaimLostError, ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.syncs import Sync, SyncFileKind, SyncMode, SyncProgress
from turnkeeper.engine.queue import Queue, RetryLaterError
from turnkeeper.retrieval.search import Search
from turnkeeper.retrieval.syncing import Found, bring
from turnkeeper.store import documents, syncs
from turnkeeper.store.blobs import FolderBlobs
from turnkeeper.store.database import Database
from turnkeeper.store.notices import TASKS, Notices
from turnkeeper.store.passages import PassageIndex
from turnkeeper.store.sync_changes import SyncChanges
from turnkeeper.store.syncs import SyncWork
from turnkeeper.store.tasks import Rescue
from turnkeeper.tasks.sync import SyncDataSet
from turnkeeper.tasks.tidy import Tidy


class Office:
    """The actions, the people who use them, and the task."""

    def __init__(self, database: Database, made: People, folder: Path) -> None:
        embedders = NamedEmbedders(minilm=HashingEmbedder())
        self.database = database
        self.people = made
        self.notices = Notices(database)
        self.changes = SyncChanges(self.notices)
        self.blobs = FolderBlobs(folder)
        limits = FileLimits(upload_bytes=100_000, organization_bytes=200_000)
        self.syncs = SyncActions(database, self.blobs, self.changes, limits)
        self.data_sets = DataSetActions(database, Search(PassageIndex(database), embedders), embedders)
        self.task = SyncDataSet(database, self.blobs, self.changes)

    async def kept(
        self, address: str, content: bytes, *, kind: SyncFileKind = "file", title: str | None = None
    ) -> KeptFile:
        async with self.syncs.receiving() as received:
            await received.write(content)
            return await self.syncs.keep(self.people.admin, received, address=address, kind=kind, title=title)

    async def asked(self, files: Mapping[str, bytes], *, mode: SyncMode = "merge") -> Sync:
        kept = [await self.kept(address, content) for address, content in files.items()]
        begun = await self.syncs.begin(self.people.admin, self.people.data_set_id, mode=mode, kept=kept)
        return begun.value

    async def run(self, files: Mapping[str, bytes], *, mode: SyncMode = "merge") -> Sync:
        """Ask for a run, and do it."""
        sync = await self.asked(files, mode=mode)
        await self.task(sync.id)
        return await self.standing(sync)

    async def standing(self, sync: Sync, *, wait_seconds: float = 0) -> Sync:
        return await self.syncs.get(
            self.people.member, self.people.data_set_id, sync.public_id, wait_seconds=wait_seconds
        )

    async def errors(self, sync: Sync) -> list[tuple[str, str]]:
        found = await self.syncs.errors(self.people.member, self.people.data_set_id, sync.id)
        return [(error.address, error.why) for error in found]

    async def addresses(self) -> list[str]:
        async with self.database.connection() as connection:
            wanted = DocumentFilter(limit=1_000)
            found = await documents.page(connection, data_set_id=self.people.data_set_id, wanted=wanted)
        return sorted(each.address for each in found)

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        return await rows_of(self.database, query)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """The real queue, until the end of the block."""
        hint = partial(self.notices.send, TASKS, "")
        queue = Queue(self.database.pool, {"sync": self.task}, rescue=Rescue(self.database), hint=hint)
        self.notices.subscribe(TASKS, lambda _: queue.look(), lambda _: None)
        task = asyncio.create_task(queue.work(concurrency=4, drain_seconds=5.0))
        try:
            yield
        finally:
            queue.stop()
            await asyncio.wait_for(task, PATIENCE)


@pytest.fixture
def office(database: Database, crew: Crew, tmp_path: Path) -> Office:
    return Office(database, crew.people, tmp_path / "files")


async def test_a_folder_comes_as_one_archive(office: Office) -> None:
    folder = {"a.md": b"# Red\n\nA red lamp.", "deep/b.txt": b"Green.", "c.pdf": b"\0\1\2", "logo.png": b"x"}
    sync = await office.asked({"handbook.zip": zipped(folder), "extra.md": b"# Extra"})
    assert (sync.state, sync.files, sync.found) == ("queued", 2, 0)
    async with office.working():
        done = await office.standing(sync, wait_seconds=PATIENCE)
    assert (done.state, done.mode, done.origin) == ("completed", "merge", "upload")
    assert (done.found, done.added, done.skipped, done.unreadable, done.documents) == (4, 4, 1, 1, 3)
    assert (done.to_handle, done.handled, done.passages, done.vectors_waiting) == (4, 4, 3, 3)
    assert [address for address, _ in await office.errors(sync)] == ["c.pdf"]
    assert await office.addresses() == ["a.md", "deep/b.txt", "extra.md"]
    assert done.account_public_id is not None
    assert done.started_at is not None
    assert done.ended_at is not None
    assert done.created_at <= done.started_at <= done.ended_at


async def test_merging_keeps_what_is_not_named_and_replacing_does_not(office: Office) -> None:
    await office.run({"a.md": b"# A", "b.md": b"# B"})
    merged = await office.run({"b.md": b"# B, changed", "c.md": b"# C"})
    assert (merged.added, merged.changed, merged.unchanged, merged.removed) == (1, 1, 0, 0)
    assert await office.addresses() == ["a.md", "b.md", "c.md"]
    replaced = await office.run({"all.zip": zipped({"b.md": b"# B, changed", "d.md": b"# D"})}, mode="replace")
    assert (replaced.added, replaced.changed, replaced.unchanged, replaced.removed) == (1, 0, 1, 2)
    assert await office.addresses() == ["b.md", "d.md"]


async def test_what_an_import_by_command_brought_is_unchanged_when_it_is_uploaded(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_bytes(b"# A")
    await office.data_sets.import_paths(office.people.admin, office.people.data_set_id, [tmp_path / "in"])
    done = await office.run({"a.zip": zipped({"a.md": b"# A"})}, mode="replace")
    assert (done.unchanged, done.added, done.changed) == (1, 0, 0)
    listed = await office.syncs.list(office.people.member, office.people.data_set_id)
    assert [(sync.origin, sync.mode, sync.state, sync.added) for sync in listed] == [
        ("upload", "replace", "completed", 0),
        ("command", "replace", "completed", 1),
    ]


async def test_a_text_comes_with_its_kind_and_title(office: Office) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    for title in ("One", "Two", "Two"):
        kept = await office.kept("note", b"<p>Red <b>lamp</b></p>", kind="html", title=title)
        sync = (await office.syncs.begin(admin, number, mode="merge", kept=[kept])).value
        await office.task(sync.id)
    assert (await office.standing(sync)).unchanged == 1
    assert await office.rows("SELECT address, title, text, version FROM documents") == snapshot(
        [("note", "Two", "Red lamp", 1)]
    )


async def test_a_document_is_removed_and_comes_back_with_its_file(office: Office) -> None:
    two = b'{"entry_id": "1", "name": "One"}\n{"entry_id": "2", "name": "Two"}\n'
    await office.run({"shop.jsonl": two, "a.md": b"# A"})
    for address in ("products/1", "a.md"):
        rows = await office.rows(f"SELECT id FROM documents WHERE address = '{address}'")
        number = int(str(rows[0][0]))
        sync = await office.syncs.remove(office.people.admin, office.people.data_set_id, number)
        await office.task(sync.value.id)
        done = await office.standing(sync.value)
        assert (done.state, done.mode, done.removed) == ("completed", "remove", 1)
    assert await office.addresses() == ["products/2"]
    assert await office.rows("SELECT entry_id FROM products") == [("2",)]
    assert await office.rows("SELECT address FROM sources") == [("shop.jsonl",)]
    assert (await office.run({"shop.jsonl": two})).changed == 1
    assert await office.addresses() == ["products/1", "products/2"]
    with pytest.raises(NotFoundError):
        await office.syncs.remove(office.people.admin, office.people.data_set_id, 10**9)


async def test_what_is_counted_by_changes_is_what_a_count_of_all_gives(office: Office) -> None:
    statistics = (
        "SELECT lexeme, t.passages, d.passage_count, d.passage_length"
        " FROM terms t JOIN data_sets d ON d.id = t.data_set_id ORDER BY 1"
    )
    await office.run({"a.md": b"red green blue", "b.md": b"red green"}, mode="replace")
    await office.run({"b.md": b"red red yellow", "c.md": b"# Red\n\nwhite"})
    await office.run({"b.md": b"red red yellow"})
    (row,) = await office.rows("SELECT id FROM documents WHERE address = 'a.md'")
    gone = await office.syncs.remove(office.people.admin, office.people.data_set_id, int(str(row[0])))
    await office.task(gone.value.id)
    by_changes = await office.rows(statistics)
    await office.run({"x.md": b"other"}, mode="replace")
    await office.run({"b.md": b"red red yellow", "c.md": b"# Red\n\nwhite"}, mode="replace")
    assert await office.rows(statistics) == by_changes
    assert ("red", 2) in [row[:2] for row in by_changes]


async def test_replacing_by_nothing_readable_changes_nothing(office: Office) -> None:
    await office.run({"a.md": b"# A"})
    broken = zipped({"b.md": b"# B"})
    for files in ({"a.zip": zipped({"logo.png": b"x"})}, {"b.zip": broken[:-30] + b"x" * 30, "c.zip": broken}):
        kinds: list[SyncFileKind] = ["archive"] * len(files)
        kept = [
            await office.kept(address, content, kind=kind)
            for (address, content), kind in zip(files.items(), kinds, strict=True)
        ]
        admin, number = office.people.admin, office.people.data_set_id
        sync = (await office.syncs.begin(admin, number, mode="replace", kept=kept)).value
        await office.task(sync.id)
        failed = await office.standing(sync)
        assert (failed.state, failed.error_code) == ("failed", "nothing_read")
    assert await office.errors(sync) == [("b.zip", "It is a damaged ZIP archive; pack it again.")]
    assert await office.addresses() == ["a.md"]


async def test_a_worker_that_dies_leaves_nothing_behind_and_another_one_does_it_all(office: Office) -> None:
    await office.run({"old.md": b"# Old"})
    sync = await office.asked({"new.md": b"# New"}, mode="replace")
    async with office.database.connection() as connection:
        begun = await syncs.begin(connection, sync_id=sync.id)
    assert begun is not None
    late = SyncWork(office.database, begun)
    with pytest.raises(ZeroDivisionError):
        await half_done(late)
    assert await office.addresses() == ["old.md"]
    assert (await office.standing(sync)).state == "running"
    await office.task(sync.id)
    assert await office.addresses() == ["new.md"]
    # Had it only been slow, it would find that the run is somebody else's.
    with pytest.raises(ClaimLostError):
        await bring(late, Found(sources=[page("late.md", "Late", "Late.")]))
    await office.task(sync.id)
    assert await office.addresses() == ["new.md"]
    assert (await office.standing(sync)).added == 1


async def test_a_run_that_is_watched_while_it_completes_is_still_in_its_workers_hands(office: Office) -> None:
    sync = await office.asked({"new.md": b"# New"})
    async with office.database.connection() as connection:
        begun = await syncs.begin(connection, sync_id=sync.id)
    assert begun is not None
    work = SyncWork(office.database, begun)
    assert await work.note(SyncProgress(found=1))
    await bring(work, Found(sources=[page("new.md", "New", "New.")]))
    assert await work.note(SyncProgress(found=1))
    assert (await office.standing(sync)).added == 1
    assert not await SyncWork(office.database, replace(begun, claim=begun.claim + 1)).note(SyncProgress(found=1))


async def half_done(work: SyncWork) -> None:
    """Die in the middle of a run: its transaction is rolled back, as that of a process that was killed."""
    async with work.importing() as transaction:
        await transaction.shelf.begin()
        await transaction.shelf.compare([("new.md", "x")])
        await transaction.shelf.clear()
        raise ZeroDivisionError


async def test_a_cancelled_run_changes_nothing_and_its_files_are_let_go(office: Office) -> None:
    queued = await office.asked({"a.md": b"# A"})
    assert await office.rows("SELECT unused_since IS NULL FROM blobs") == [(True,)]
    admin, number = office.people.admin, office.people.data_set_id
    for _ in range(2):
        done = await office.syncs.cancel(admin, number, queued.public_id)
        assert done.value.state == "cancelled"
    await office.task(queued.id)
    assert await office.addresses() == []
    assert await office.rows("SELECT unused_since IS NULL FROM blobs") == [(False,)]
    completed = await office.run({"b.md": b"# B"})
    assert (await office.syncs.cancel(admin, number, completed.id)).value.state == "completed"


async def test_a_run_that_goes_on_hears_that_it_was_cancelled(office: Office) -> None:
    sync = await office.asked({"a.md": b"# A"})
    admin, number = office.people.admin, office.people.data_set_id
    async with office.database.connection() as connection, office.database.transaction() as other:
        await other.execute("SELECT pg_advisory_xact_lock(29793, hashint8(%s))", (number,))
        running = asyncio.create_task(office.task(sync.id))
        async with asyncio.timeout(PATIENCE):
            while (await syncs.find(connection, admin, data_set_id=number, sync=sync.id) or sync).state == "queued":
                await asyncio.wait({running}, timeout=0.02)
        await office.syncs.cancel(admin, number, sync.id)
        await asyncio.wait_for(running, PATIENCE)  # although nobody lets go of the lock that it waits for
    assert await office.addresses() == []
    assert (await office.standing(sync)).state == "cancelled"


async def test_a_deleted_data_set_takes_its_runs_along(office: Office) -> None:
    sync = await office.asked({"a.md": b"# A"})
    await office.data_sets.delete(office.people.admin, office.people.data_set_id)
    await office.task(sync.id)
    assert await office.rows("SELECT count(*) FROM syncs") == [(0,)]
    assert await office.rows("SELECT unused_since IS NULL FROM blobs") == [(False,)]


async def test_bytes_that_the_storage_lost_fail_the_run(office: Office, tmp_path: Path) -> None:
    sync = await office.asked({"a.md": b"# A"})
    for path in (tmp_path / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    await office.task(sync.id)
    failed = await office.standing(sync)
    assert (failed.state, failed.error_code) == ("failed", "file_missing")


async def test_a_bug_is_tried_three_times_and_then_told(office: Office) -> None:
    sync = await office.asked({"a.md": b"# A"})
    async with office.database.connection() as connection:
        await connection.execute("ALTER TABLE passages ADD CONSTRAINT broken CHECK (length < 0)")
    for _ in range(2):
        with pytest.raises(Exception, match="broken"):
            await office.task(sync.id)
        assert (await office.standing(sync)).state == "running"
    await office.task(sync.id)
    failed = await office.standing(sync)
    assert (failed.state, failed.error_code) == ("failed", "internal")


async def test_only_two_runs_go_on_at_once_in_a_process(office: Office) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    made = [await office.asked({f"{name}.md": b"# A"}) for name in "abc"]
    async with office.database.transaction() as other:
        await other.execute("SELECT pg_advisory_xact_lock(29793, hashint8(%s))", (number,))
        running = [asyncio.create_task(office.task(sync.id)) for sync in made[:2]]
        await asyncio.wait(running, timeout=0.05)
        with pytest.raises(RetryLaterError):
            await office.task(made[2].id)
    await asyncio.wait_for(asyncio.gather(*running), PATIENCE)
    await office.task(made[2].id)
    states = [sync.state for sync in await office.syncs.list(admin, number)]
    assert states == ["completed"] * 3


async def test_a_file_of_a_run_can_be_attached_to_a_message_later(office: Office) -> None:
    await office.run({"a.md": b"# A"})
    reader = FileReader()
    files = FileActions(office.database, office.blobs, reader, office.syncs.limits)
    async with files.receiving() as received:
        await received.write(b"# A")
        await files.upload(office.people.member, received, name="a.md")
    reader.close()
    assert await office.rows("SELECT text, unused_since IS NULL FROM blobs") == [("# A", True)]


async def test_limits_and_names_are_those_of_files(office: Office) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    told: list[tuple[str, str]] = []
    for address, content in (("a", b""), ("a", b"x" * 100_001), (" ", b"x"), ("a\nb", b"x"), ("x" * 1_001, b"x")):
        with pytest.raises(InvalidError) as refused:
            await office.kept(address, content)
        told.append((refused.value.field, refused.value.code))
    assert told == [
        ("file", "empty"),
        ("file", "too_large"),
        ("address", "invalid"),
        ("address", "invalid"),
        ("address", "invalid"),
    ]
    await office.kept("a", b"a" * 99_999)
    await office.kept("b", b"b" * 99_999)
    with pytest.raises(InvalidError) as refused:
        await office.kept("c", b"c" * 99_999)
    assert refused.value.code == "quota"
    same = [await office.kept("a", b"a"), await office.kept("a", b"b")]
    for kept, code in ((same, "several"), ([], "missing")):
        with pytest.raises(InvalidError) as refused:
            await office.syncs.begin(admin, number, mode="merge", kept=kept)
        assert refused.value.code == code


async def test_members_look_and_only_admins_change(office: Office) -> None:
    sync = await office.asked({"a.md": b"# A"})
    number = office.people.data_set_id
    for caller, kind in ((office.people.member, NotAllowedError), (office.people.outsider, NotFoundError)):
        with pytest.raises(kind):
            await office.syncs.check(caller, number)
        with pytest.raises(kind):
            await office.syncs.cancel(caller, number, sync.id)
    with pytest.raises(NotFoundError):
        await office.syncs.get(office.people.outsider, number, sync.id)
    with pytest.raises(NotFoundError):
        await office.syncs.get(office.people.admin, office.people.closed_data_set_id, sync.id)


async def test_an_import_by_command_that_died_is_told_by_tidy(office: Office) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    async with office.database.connection() as connection:
        sync_id = await syncs.register(connection, admin, data_set_id=number, files=1)
        await syncs.begin(connection, sync_id=sync_id)
        await Tidy(office.database, office.blobs)(0)
        assert (await office.syncs.get(admin, number, sync_id)).state == "running"
        await connection.execute("UPDATE syncs SET seen_at = now() - interval '5 minutes'")
    await Tidy(office.database, office.blobs)(0)
    failed = await office.syncs.get(admin, number, sync_id)
    assert (failed.state, failed.error_code) == ("failed", "abandoned")


async def test_a_step_of_tidying_that_fails_keeps_no_other_from_its_work(office: Office) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    async with office.database.connection() as connection:
        sync_id = await syncs.register(connection, admin, data_set_id=number, files=1)
        await syncs.begin(connection, sync_id=sync_id)
        await connection.execute("UPDATE syncs SET seen_at = now() - interval '5 minutes'")
        await connection.execute("ALTER TABLE idempotency_keys RENAME TO test_away")
    with pytest.raises(ExceptionGroup) as failed:
        await Tidy(office.database, office.blobs)(0)
    assert len(failed.value.exceptions) == 1
    assert (await office.syncs.get(admin, number, sync_id)).state == "failed"


async def test_a_command_whose_run_is_cancelled_hears_of_it(office: Office) -> None:
    admin, number = office.people.admin, office.people.data_set_id
    async with office.database.transaction() as other:
        await other.execute("SELECT pg_advisory_xact_lock(29793, hashint8(%s))", (number,))
        importing = asyncio.create_task(office.data_sets.import_sources(admin, number, [page("a.md", "A", "A.")]))
        async with asyncio.timeout(PATIENCE):
            while not (listed := await office.syncs.list(admin, number, state="running")):
                await asyncio.wait({importing}, timeout=0.02)
        await office.syncs.cancel(admin, number, listed[0].id)
        with pytest.raises(ConflictError):
            await asyncio.wait_for(importing, PATIENCE)
    assert await office.addresses() == []
