"""Which files are generated, and what stands in them."""

import subprocess
import sys
from pathlib import Path

from clients.generator.document import read_document
from clients.generator.python_operations import python_operations
from clients.generator.python_shapes import python_shapes
from clients.generator.typescript import typescript_operations, typescript_shapes

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "dialects" / "native.openapi.json"
_PYTHON = ROOT / "clients" / "python" / "turnkeeper_client"
_TYPESCRIPT = ROOT / "clients" / "typescript" / "src"
_FORMAT_SECONDS = 30


def generated() -> dict[Path, str]:
    """The text of every generated file by its path, from the committed document."""
    document = read_document(DOCUMENT.read_bytes())
    return {
        _PYTHON / "shapes.py": _formatted(python_shapes(document)),
        _PYTHON / "sync_operations.py": _formatted(python_operations(document, is_async=False)),
        _PYTHON / "async_operations.py": _formatted(python_operations(document, is_async=True)),
        _TYPESCRIPT / "shapes.ts": typescript_shapes(document),
        _TYPESCRIPT / "operations.ts": typescript_operations(document),
    }


def _formatted(code: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--config", str(ROOT / "pyproject.toml"), "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=True, timeout=_FORMAT_SECONDS)
    return done.stdout
