"""The TypeScript client: it compiles strictly, and its own tests pass against a real server."""

import subprocess
from pathlib import Path

from tests.clients.conftest import Scene
from tests.clients.typescript import NEEDS_NODE
from tests.patience import PROCESS_PATIENCE
from tests.server_process import clean_environment


@NEEDS_NODE
def test_the_tests_of_the_typescript_client_pass(scene: Scene, node: Path) -> None:
    result = subprocess.run(
        ["node", "--test", node / "client.test.mjs"],
        env=clean_environment(SERVER=scene.address, KEY=scene.key),
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )

    assert result.returncode == 0, result.stdout
    assert "# fail 0" in result.stdout
