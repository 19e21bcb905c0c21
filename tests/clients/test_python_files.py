"""Files through the Python client: up with a message, and down whatever the connection does."""

import asyncio
from pathlib import Path

from turnkeeper_client import AsyncTurnkeeper, File, Turnkeeper

from tests.clients.conftest import QUICK, Scene
from tests.fakes.cutting_proxy import cutting_proxy
from tests.patience import PATIENCE

WRITES = 'tool write_file {"name": "note.txt", "content": "Hello from the agent."}'


def test_files_go_up_with_a_message_and_what_an_agent_wrote_comes_down(client: Turnkeeper, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("From the disk.")
    there = client.upload_file(file=File(name="before.txt", content=b"From before."))

    turn = client.converse(
        agent="writer",
        text="Read these.",
        files=[File(name="memory.txt", content=b"From memory."), there["id"], path],
        timeout=PATIENCE,
    )
    wrote = client.converse(agent="writer", text=WRITES, on_approval=lambda approval: "approve", timeout=PATIENCE)

    files = [
        file
        for conversation in (turn.conversation_id, wrote.conversation_id)
        for file in client.iterate_conversation_files(conversation, limit=2)
    ]
    contents = {file["name"]: client.download(file["id"], tmp_path / "down").read_bytes() for file in files}
    assert contents == {
        "memory.txt": b"From memory.",
        "before.txt": b"From before.",
        "notes.txt": b"From the disk.",
        "note.txt": b"Hello from the agent.",
    }
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []


async def test_the_same_key_uploads_and_asks_once_for_asyncio(async_client: AsyncTurnkeeper) -> None:
    turns = [
        await async_client.converse(
            agent="helper",
            text="say read",
            files=[File(name="a.txt", content=b"abc")],
            idempotency_key="with-a-file",
            timeout=PATIENCE,
        )
        for _ in range(2)
    ]

    assert turns[0].message_id == turns[1].message_id


async def test_a_download_that_is_cut_begins_again(scene: Scene, tmp_path: Path) -> None:
    content = bytes(range(256)) * 64
    async with AsyncTurnkeeper(scene.address, scene.key, retries=QUICK) as straight:
        file = await straight.upload_file(file=File(name="a.bin", content=b"GIF89a" + content))
    async with cutting_proxy(scene.address, 0, 100, 5_000, 0, 9_000) as proxy:
        async with AsyncTurnkeeper(proxy.address, scene.key, retries=QUICK) as client:
            awaited = await client.download(file["id"], tmp_path / "a")
        threaded = await asyncio.to_thread(_downloaded, proxy.address, scene.key, file["id"], tmp_path / "b")

    assert awaited.read_bytes() == threaded.read_bytes() == b"GIF89a" + content
    assert proxy.connections >= 5


def _downloaded(address: str, key: str, file: str, to: Path) -> Path:
    with Turnkeeper(address, key, retries=QUICK) as client:
        return client.download(file, to)
