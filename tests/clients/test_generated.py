"""What of the clients is generated is what its sources say now, and every operation is there."""

import re

import pytest
from turnkeeper_client import AsyncTurnkeeper, Turnkeeper

from clients.generator.document import read_document, snake
from clients.generator.files import DOCUMENT, generated


@pytest.fixture(scope="module")
def files() -> dict[str, tuple[str, str]]:
    """Name → what stands there, what should."""
    return {path.name: (path.read_text() if path.exists() else "", text) for path, text in generated().items()}


@pytest.mark.parametrize(
    "name",
    ["shapes.py", "sync_operations.py", "async_operations.py", "client.py", "streams.py", "shapes.ts", "operations.ts"],
)
def test_generated_files_are_as_their_sources_say(files: dict[str, tuple[str, str]], name: str) -> None:
    there, wanted = files[name]

    assert there == wanted, "Run `make clients`."


def test_every_operation_can_be_reached(files: dict[str, tuple[str, str]]) -> None:
    names = {operation.name for operation in read_document(DOCUMENT.read_bytes()).operations}
    typescript = set(re.findall(r"^  (?:async \*)?(\w+)\(", files["operations.ts"][0], re.MULTILINE))

    assert len(names) > 50
    assert {name for name in names if not hasattr(Turnkeeper, snake(name))} == set()
    assert {name for name in names if not hasattr(AsyncTurnkeeper, snake(name))} == set()
    assert names - typescript == set()
