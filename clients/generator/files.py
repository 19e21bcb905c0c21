"""Which files are generated, and what stands in them."""

import subprocess
import sys
from pathlib import Path

from clients.generator.document import read_document
from clients.generator.python_operations import python_operations
from clients.generator.python_shapes import python_shapes
from clients.generator.python_sync import sync_of
from clients.generator.typescript import typescript_operations, typescript_shapes

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "dialects" / "native.openapi.json"
_PYTHON = ROOT / "clients" / "python" / "turnkeeper_client"
_TYPESCRIPT = ROOT / "clients" / "typescript" / "src"
_FORMAT_SECONDS = 30


def generated() -> dict[Path, str]:
    """The text of every generated file by its path: from the committed document, and from the client for asyncio."""
    document = read_document(DOCUMENT.read_bytes())
    return {
        _PYTHON / "shapes.py": _formatted(python_shapes(document)),
        _PYTHON / "sync_operations.py": _formatted(python_operations(document, is_async=False)),
        _PYTHON / "async_operations.py": _formatted(python_operations(document, is_async=True)),
        _PYTHON / "client.py": _waiting("async_client.py"),
        _PYTHON / "streams.py": _waiting("async_streams.py"),
        _TYPESCRIPT / "shapes.ts": typescript_shapes(document),
        _TYPESCRIPT / "operations.ts": typescript_operations(document),
    }


def _waiting(source: str) -> str:
    code = sync_of((_PYTHON / source).read_text(), source)
    mending = ("--fix", "--unsafe-fixes", "--quiet", "--select", "F401,I,UP028", "--stdin-filename", _PYTHON / source)
    mended = _ruff("check", *map(str, mending), "-", code=code)
    return _formatted(mended)


def _formatted(code: str) -> str:
    return _ruff("format", "-", code=code)


def _ruff(action: str, *flags: str, code: str) -> str:
    command = [sys.executable, "-m", "ruff", action, "--config", str(ROOT / "pyproject.toml"), *flags]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=True, timeout=_FORMAT_SECONDS)
    return done.stdout
