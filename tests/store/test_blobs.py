"""The storage of bytes: what both kinds promise, and what each does in its own way."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.fakes.s3_server import S3Server
from turnkeeper.core.errors import RefusedError, StartError, TransientError
from turnkeeper.store.blobs import Blobs, FolderBlobs, sweep
from turnkeeper.store.bucket import BucketBlobs
from turnkeeper.store.incoming import incoming

KEY = "7/ab/abcd"


@pytest.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[S3Server]:
    """The fake service, and the credentials where a client of it looks for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    async with S3Server() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server) -> Blobs:
    """Each kind of storage."""
    if request.param == "folder":
        return FolderBlobs(tmp_path / "files")
    return BucketBlobs("s3://bucket/some/prefix", endpoint=s3.address)


async def put(blobs: Blobs, content: bytes) -> None:
    async with incoming(blobs.spool) as received:
        await received.write(content)
        await received.finish()
        await blobs.put(KEY, received.path)
    assert not received.path.exists()


async def read(blobs: Blobs) -> list[bytes]:
    return [piece async for piece in blobs.read(KEY)]


async def test_bytes_come_back_as_they_went_in(blobs: Blobs) -> None:
    content = os.urandom(700_000)
    await put(blobs, content)
    await put(blobs, content)
    pieces = await read(blobs)
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) < len(content)


async def test_what_is_not_there_is_missing_and_may_be_deleted(blobs: Blobs) -> None:
    await put(blobs, b"x")
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    with pytest.raises(RefusedError) as refused:
        await read(blobs)
    assert refused.value.code == "file_missing"


async def test_a_large_file_goes_into_a_bucket_in_parts(s3: S3Server) -> None:
    content = os.urandom(11_000_000)
    await put(BucketBlobs("s3://bucket/files/", endpoint=s3.address), content)
    assert s3.objects == {f"bucket/files/{KEY}": content}
    assert s3.most_body <= 5 * 1024 * 1024


async def test_a_bucket_that_is_away_is_worth_another_try(s3: S3Server) -> None:
    blobs = BucketBlobs("s3://bucket", endpoint=s3.address)
    s3.is_away = True
    with pytest.raises(TransientError):
        await read(blobs)
    with pytest.raises(TransientError):
        await put(blobs, b"x")
    s3.is_away = False
    await put(blobs, b"x")
    assert await read(blobs) == [b"x"]


@pytest.mark.parametrize("url", ["s3://", "http://bucket", "s3://bucket?x=1", "bucket"])
async def test_an_address_that_names_no_bucket_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(StartError, match="it must be like s3://bucket"):
        BucketBlobs(url)


async def test_a_folder_that_cannot_be_written_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(TransientError):
        await put(FolderBlobs(tmp_path / "files"), b"x")


async def test_what_a_dead_process_left_half_received_is_swept(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "files")
    sweep(blobs.spool, older_than_seconds=60)
    async with incoming(blobs.spool) as old, incoming(blobs.spool) as new:
        os.utime(old.path, (0, 0))
        sweep(blobs.spool, older_than_seconds=60)
        assert (old.path.exists(), new.path.exists()) == (False, True)
