"""The TypeScript client, compiled for tests."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.left_out import not_installed

TYPESCRIPT = Path(__file__).parents[2] / "clients" / "typescript"
_COMPILER = TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc"
_DIST = TYPESCRIPT / "dist"
_COMPILE_SECONDS = 240
"""The compiler takes seconds of a processor, of which there may be little."""


def has_node() -> bool:
    """Whether it can be compiled and run."""
    return shutil.which("node") is not None and _COMPILER.exists()


NEEDS_NODE = pytest.mark.skipif(
    not has_node(),
    reason=not_installed("Node, or clients/typescript/node_modules (`make check` runs `npm ci` where npm is)"),
)
"""The mark of every test that cannot do without."""


def compile_typescript(dist: Path) -> None:
    """Put the modules into this folder, which is made."""
    if _is_compiled():
        shutil.copytree(_DIST, dist)
        return
    command = ["node", _COMPILER, "--project", TYPESCRIPT, "--outDir", dist]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=False)
    assert done.returncode == 0, done.stdout


def _is_compiled() -> bool:
    """Whether `make check` compiled what stands there now."""
    made = _DIST / "index.js"
    newest = max(path.stat().st_mtime for path in (TYPESCRIPT / "src").glob("*.ts"))
    return made.exists() and made.stat().st_mtime >= newest
