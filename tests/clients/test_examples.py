"""The examples of the clients' pages run."""

import re
import subprocess
import sys
from pathlib import Path

from tests.clients.conftest import Scene
from tests.clients.typescript import NEEDS_NODE
from tests.patience import PROCESS_PATIENCE
from tests.server_process import clean_environment

CLIENTS = Path(__file__).parents[2] / "clients"


def example(page: Path, language: str) -> str:
    """The first block of code in this language."""
    found = re.search(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_python_example_has_ten_lines_and_runs(scene: Scene) -> None:
    code = example(CLIENTS / "python" / "README.md", "python")
    environment = clean_environment(SERVER=scene.address, KEY=scene.key, PYTHONPATH=str(CLIENTS / "python"))

    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )

    assert result.stderr == ""
    assert result.stdout == "You said: What can you do?\nYou said: Go on.\n"
    assert len([line for line in code.splitlines() if line]) <= 10


@NEEDS_NODE
def test_the_typescript_example_has_ten_lines_and_runs(scene: Scene, node: Path) -> None:
    code = example(CLIENTS / "typescript" / "README.md", "js")
    (node / "example.mjs").write_text(code)

    result = subprocess.run(
        ["node", node / "example.mjs"],
        env=clean_environment(SERVER=scene.address, KEY=scene.key),
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )

    assert result.stderr == ""
    assert result.stdout == "You said: What can you do?\nYou said: Go on.\n"
    assert len([line for line in code.splitlines() if line]) <= 10
