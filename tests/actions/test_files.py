"""Files as callers see them: what they are, whose they are, how often they are stored, and when they are forgotten."""

import asyncio
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.fakes.people import Crew, People, people
from tests.fakes.s3_server import S3Server
from tests.fakes.standing import until_somebody_waits_for_a_lock
from tests.patience import PATIENCE
from tests.retrieval.samples import builders
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.file_reading import FileReader
from turnkeeper.actions.files import MOST_WRITTEN_FILES, FileActions, FileLimits
from turnkeeper.app import opened
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError, RefusedError, TransientError
from turnkeeper.core.files import File, UnknownFilesError, safe_name
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.settings import Settings
from turnkeeper.store import file_purge
from turnkeeper.store.blobs import FolderBlobs
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices

KEY = IdempotencyKey(route="POST /upload", key="k", fingerprint=b"")


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """The actions over a fresh database and an empty folder."""

    people: People
    database: Database
    blobs: FolderBlobs
    folder: Path
    files: FileActions
    talks: ConversationActions

    async def upload(
        self,
        content: bytes,
        name: str | None = "note.txt",
        *,
        by: Caller | None = None,
        key: IdempotencyKey | None = None,
    ) -> File:
        async with self.files.receiving() as received:
            for start in range(0, len(content), 100_000):
                await received.write(content[start : start + 100_000])
            return (await self.files.upload(by or self.people.member, received, name=name, key=key)).value

    async def content(self, file: File, *, by: Caller | None = None) -> bytes:
        opened = await self.files.open(by or self.people.member, file=file.id)
        return b"".join([piece async for piece in opened.content])

    async def attach(self, *files: File, by: Caller | None = None) -> int:
        """Send a message with files in a new conversation; its id."""
        started = await self.talks.start(
            by or self.people.member,
            agent=self.people.agent,
            text="Read.",
            mode="execute",
            origin="api",
            attached=[file.id for file in files],
        )
        return started.value.message_id

    async def count(self, table: str) -> int:
        async with self.database.connection() as connection:
            row = await (await connection.execute(f"SELECT count(*) FROM {table}".encode())).fetchone()
        assert row is not None
        return int(row[0])

    async def set_status(self, message: int, status: str) -> None:
        async with self.database.connection() as connection:
            await connection.execute("UPDATE messages SET status = %s WHERE id = %s", (status, message))

    async def purge(self, *, older_than_hours: float = 0) -> int:
        return await file_purge.purge(self.database, self.blobs, older_than_hours=older_than_hours)

    def stored(self) -> int:
        """How many files lie in the folder."""
        return len([path for path in self.folder.rglob("*") if path.is_file()])


@pytest.fixture
def archive(database: Database, crew: Crew, tmp_path: Path) -> Generator[Archive]:
    blobs, reader = FolderBlobs(tmp_path / "files"), FileReader()
    yield Archive(
        people=crew.people,
        database=database,
        blobs=blobs,
        folder=tmp_path / "files",
        files=FileActions(database, blobs, reader, FileLimits(upload_bytes=1_000_000, organization_bytes=1_500_000)),
        talks=ConversationActions(database, Changes(Notices(database))),
    )
    reader.close()


async def refusal(archive: Archive, content: bytes, name: str) -> tuple[str, str]:
    with pytest.raises(InvalidError) as refused:
        await archive.upload(content, name)
    assert refused.value.field == "file"
    return refused.value.code, refused.value.why


async def text_of(archive: Archive, file: File) -> str:
    async with archive.database.connection() as connection:
        cursor = await connection.execute(
            "SELECT b.text FROM files f JOIN blobs b ON b.id = f.blob_id WHERE f.id = %s", (file.id,)
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def test_the_bytes_decide_what_a_file_is_whatever_its_name_says(archive: Archive) -> None:
    pdf, page = builders.pdf([["Hello there"]]), b"<!doctype html><title>T</title><p>Hello page"
    sheet = builders.workbook({"Prices": [["a", "b"], [1, 2]]})
    uploaded = {
        "page.txt": pdf,
        "table.pdf": sheet,
        "letter.exe": builders.word(),
        "notes.pdf": b"only text",
        "readme.md": b"# Title",
        "rows.CSV": b"a,b\n1,2\n",
        "data.json": b'{"a": 1}',
        "site": page,
        "code.py": b"print(1)",
        "photo.txt": builders.png(),
        "photo.jpg": b"\xff\xd8\xff\xe0 not really",
        "moving": b"GIF89a....",
        "web": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    }
    kinds = {name: (await archive.upload(content, name)).media_type for name, content in uploaded.items()}
    assert kinds == snapshot(
        {
            "page.txt": "application/pdf",
            "table.pdf": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "letter.exe": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "notes.pdf": "text/plain",
            "readme.md": "text/markdown",
            "rows.CSV": "text/csv",
            "data.json": "application/json",
            "site": "text/html",
            "code.py": "text/plain",
            "photo.txt": "image/png",
            "photo.jpg": "image/jpeg",
            "moving": "image/gif",
            "web": "image/webp",
        }
    )


async def test_the_text_of_each_kind_is_read(archive: Archive) -> None:
    shop = builders.workbook({"Shop": [["sku", "name", "price"], ["L1", "Lamp", 9.5]]})
    texts = {
        name: await text_of(archive, await archive.upload(content, name))
        for name, content in {
            "a.pdf": builders.pdf([["First page"], ["Second page"]]),
            "a.xlsx": builders.workbook({"Prices": [["item", "price"], ["Line", 89]]}),
            "shop.xlsx": shop,
            "a.csv": b"a;b\r\n1;2\r\n",
            "a.html": b"<!doctype html><title>T</title><body><p>Hello <b>page</b></p><script>x</script>",
            "latin.txt": "Grüße".encode("cp1252"),
            "nul.txt": b"a\x00b",
        }.items()
    }
    assert "First page" in texts["a.pdf"]
    assert "Second page" in texts["a.pdf"]
    assert "Line" in texts["a.xlsx"]
    assert "name: Lamp" in texts["shop.xlsx"]
    assert texts["a.csv"] == "a;b\n1;2"
    assert "Hello" in texts["a.html"]
    assert "script" not in texts["a.html"]
    assert texts["latin.txt"] == "Grüße"
    assert texts["nul.txt"] == "ab"
    assert "Total" in await text_of(archive, await archive.upload(builders.word(), "a.docx"))


async def test_scanned_pages_are_kept_without_text_and_pages_are_counted(archive: Archive) -> None:
    found: list[tuple[str, int]] = []
    for content in (builders.pdf([[], []]), builders.pdf([["One"], ["Two"], []]), b"just text"):
        file = await archive.upload(content, "a.pdf")
        await archive.attach(file)
        async with archive.database.connection() as connection:
            cursor = await connection.execute(
                "SELECT coalesce(b.text, '-'), coalesce(b.pages, 0)"
                " FROM files f JOIN blobs b ON b.id = f.blob_id WHERE f.id = %s",
                (file.id,),
            )
            row = await cursor.fetchone()
        assert row is not None
        found.append((str(row[0]), int(row[1])))
    assert found == [("", 2), ("One\n\nTwo", 3), ("just text", 0)]


async def test_what_cannot_be_used_is_refused_with_a_reason_and_not_stored(archive: Archive) -> None:
    refused = {
        name: await refusal(archive, content, name)
        for name, content in {
            "empty.txt": b"",
            "blank.txt": b" \n\t ",
            "locked.pdf": builders.pdf([["x"]], encrypted=True),
            "broken.pdf": b"%PDF-1.7 broken",
            "liar.xlsx": builders.bomb(declared_size=1_000),
            "broken.docx": builders.word()[:2_000],
            "program.exe": b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" * 20,
            "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
        }.items()
    }
    assert {name: code for name, (code, _) in refused.items()} == snapshot(
        {
            "empty.txt": "empty",
            "blank.txt": "unreadable",
            "locked.pdf": "unreadable",
            "broken.pdf": "unreadable",
            "liar.xlsx": "unreadable",
            "broken.docx": "unsupported",
            "program.exe": "unsupported",
            "old.doc": "unsupported",
        }
    )
    assert "password" in refused["locked.pdf"][1]
    assert all(why.endswith(".") for _, why in refused.values())
    assert await archive.count("files") == 0
    assert archive.stored() == 0


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.pdf", "report.pdf"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("  spaced   name.md ", "spaced name.md"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "file"),
        (None, "file"),
        ("...", "file"),
        ("/", "file"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("x" * 300, "x" * 255),
        ("Übersicht 日本.txt", "Übersicht 日本.txt"),
    ],
)
def test_a_name_is_made_safe_to_show(given: str | None, shown: str) -> None:
    assert safe_name(given) == shown


async def test_the_same_bytes_are_stored_once_an_organization(archive: Archive) -> None:
    first = await archive.upload(b"same", "a.txt")
    second = await archive.upload(b"same", "b.md", by=archive.people.admin)
    assert (first.id != second.id, archive.stored()) == (True, 1)
    await archive.upload(b"same", by=archive.people.outsider)
    assert archive.stored() == 2
    assert await archive.content(second, by=archive.people.admin) == b"same"
    assert (first.media_type, second.media_type) == ("text/plain", "text/markdown")


async def test_a_file_is_its_account_s_until_a_message_has_it(archive: Archive) -> None:
    file = await archive.upload(b"mine")
    for caller in (archive.people.admin, archive.people.outsider):
        with pytest.raises(NotFoundError):
            await archive.files.get(caller, file=file.id)
    await archive.attach(file)
    assert await archive.files.get(archive.people.admin, file=file.public_id) == file
    with pytest.raises(NotFoundError):
        await archive.files.get(archive.people.outsider, file=file.public_id)
    with pytest.raises(NotFoundError):
        await archive.files.get(archive.people.admin, file=file.id, only_own=True)


async def test_a_file_that_is_not_the_caller_s_cannot_be_attached_and_nothing_is_written(archive: Archive) -> None:
    mine, theirs = await archive.upload(b"mine"), await archive.upload(b"theirs", by=archive.people.admin)
    with pytest.raises(UnknownFilesError) as refused:
        await archive.attach(mine, theirs)
    assert refused.value.files == (theirs.id,)
    assert [await archive.count(table) for table in ("messages", "message_files", "procrastinate_jobs")] == [0, 0, 0]


async def test_a_message_has_at_most_ten_files_in_their_order_each_once(archive: Archive) -> None:
    made = [await archive.upload(b"%d" % number, f"{number}.txt") for number in range(11)]
    with pytest.raises(InvalidError, match="the most is 10"):
        await archive.attach(*made)
    wanted = [made[3], made[1], made[3], made[2]]
    message = await archive.attach(*wanted)
    listed = await archive.files.list_of_message(archive.people.member, message=message)
    assert [file.name for file in listed] == ["3.txt", "1.txt", "2.txt"]


async def test_unused_uploads_are_forgotten_with_their_bytes_and_used_ones_are_not(archive: Archive) -> None:
    unused, used = await archive.upload(b"unused"), await archive.upload(b"used")
    twin = await archive.upload(b"used", "twin.txt")
    await archive.attach(used)
    assert await archive.purge(older_than_hours=1) == 0
    assert await archive.purge() == 1
    assert [await archive.count(table) for table in ("files", "blobs")] == [1, 1]
    assert await archive.content(used) == b"used"
    for gone in (unused, twin):
        with pytest.raises(NotFoundError):
            await archive.files.get(archive.people.member, file=gone.id)
    again = await archive.upload(b"unused")
    assert await archive.content(again) == b"unused"


async def test_the_files_of_a_conversation_go_with_it(archive: Archive) -> None:
    await archive.attach(await archive.upload(b"one"))
    async with archive.database.connection() as connection:
        await connection.execute("DELETE FROM conversations")
    assert await archive.purge() == 1
    assert ([await archive.count(table) for table in ("files", "blobs")], archive.stored()) == ([0, 0], 0)


async def test_bytes_that_the_storage_lost_are_an_error_of_its_own(archive: Archive) -> None:
    file = await archive.upload(b"lost")
    for path in archive.folder.rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(RefusedError) as refused:
        await archive.files.open(archive.people.member, file=file.id)
    assert refused.value.code == "file_missing"


async def test_sizes_are_bounded_for_a_file_and_for_an_organization(archive: Archive) -> None:
    assert (await refusal(archive, b"x" * 1_000_001, "big.txt"))[0] == "too_large"
    await archive.upload(b"x" * 1_000_000)
    assert (await refusal(archive, b"y" * 900_000, "second.txt"))[0] == "quota"
    await archive.upload(b"x" * 1_000_000, "twin.txt")
    await archive.upload(b"y" * 900_000, by=archive.people.outsider)


async def test_a_repeated_upload_is_kept_once(archive: Archive) -> None:
    first, second = [await archive.upload(b"once", key=KEY) for _ in range(2)]
    assert first == second
    assert await archive.count("files") == 1
    for content, name in ((b"other", "note.txt"), (b"once", "other.txt")):
        with pytest.raises(ConflictError) as refused:
            await archive.upload(content, name, key=KEY)
        assert refused.value.code == "idempotency_key_reused"
    with pytest.raises(ConflictError):
        await archive.upload(b"once", key=KEY, by=archive.people.admin)


async def written(archive: Archive, message: int, name: str, content: bytes = b"text") -> str:
    return await archive.files.write(
        organization_id=archive.people.member.organization_id,
        message_id=message,
        name=name,
        content=content,
        media_type=None,
    )


async def test_an_agent_writes_while_it_answers_and_neither_before_nor_after(archive: Archive) -> None:
    message = await archive.attach()
    for status in ("queued", "completed"):
        await archive.set_status(message, status)
        with pytest.raises(ConflictError) as refused:
            await written(archive, message, "a.txt")
        assert refused.value.code == "finished"
    await archive.set_status(message, "pending")
    assert await written(archive, message, "../a.txt") == "a.txt"
    assert await archive.count("files") == 1


async def test_parallel_writes_of_one_name_leave_one_file_and_there_are_never_too_many(archive: Archive) -> None:
    message = await archive.attach()
    await archive.set_status(message, "pending")
    await asyncio.gather(*(written(archive, message, "same.txt", b"%d" % number) for number in range(8)))
    assert await archive.count("files") == 1
    for number in range(MOST_WRITTEN_FILES - 1):
        await written(archive, message, f"{number}.txt")
    with pytest.raises(InvalidError) as refused:
        await written(archive, message, "one more.txt")
    assert refused.value.code == "too_many"
    await written(archive, message, "same.txt", b"again")
    assert await archive.count("files") == MOST_WRITTEN_FILES


class PausedFolder(FolderBlobs):
    """A folder in which deleting waits until it may go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.deleting, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def delete(self, key: str) -> None:
        self.deleting.set()
        await self.may_go_on.wait()
        await super().delete(key)


async def test_an_upload_beside_the_purge_of_the_same_bytes_keeps_them(archive: Archive) -> None:
    await archive.upload(b"same")
    paused = PausedFolder(archive.folder)
    async with asyncio.timeout(PATIENCE):
        purging = asyncio.create_task(file_purge.purge(archive.database, paused, older_than_hours=0))
        await paused.deleting.wait()
        uploading = asyncio.create_task(archive.upload(b"same"))
        await until_somebody_waits_for_a_lock(archive.database.url)
        paused.may_go_on.set()
        assert await purging == 1
        assert await archive.content(await uploading) == b"same"


async def test_files_lie_in_the_bucket_that_the_settings_name(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    async with S3Server() as s3:
        settings = Settings(database_url=database_url, files_url="s3://bucket/tk", files_endpoint=s3.address)
        async with opened(settings, database_url, works=False) as turnkeeper:
            files, caller = turnkeeper.actions.files, (await people(turnkeeper.rooms.database)).admin
            async with files.receiving() as received:
                await received.write(b"Hello")
                kept = await files.upload(caller, received, name="a.txt")
            content = (await files.open(caller, file=kept.value.id)).content
            assert b"".join([piece async for piece in content]) == b"Hello"
        assert list(s3.objects.values()) == [b"Hello"]
        assert all(path.startswith("bucket/tk/") for path in s3.objects)


async def test_a_file_that_others_keep_from_being_read_is_not_called_unreadable(tmp_path: Path) -> None:
    slow, quick = tmp_path / "slow.txt", tmp_path / "quick.txt"
    os.mkfifo(slow)
    quick.write_text("Read me.")
    reader = FileReader(seconds=1.0)  # by then two threads have begun

    told = await asyncio.gather(
        *(reader.text(path, path.name, "text/plain") for path in (slow, slow, quick)), return_exceptions=True
    )
    await asyncio.wait_for(asyncio.to_thread(slow.write_text, "At last."), PATIENCE)
    reader.close()

    assert [type(error) for error in told] == [InvalidError, InvalidError, TransientError]
