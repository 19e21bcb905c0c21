"""Secrets are never compared letter by letter: whoever measures time learns nothing of them."""

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "turnkeeper"
SECRET = re.compile(r"secret|signature|password|hmac|fingerprint|api_?key")


def compared_secrets(path: Path) -> list[str]:
    """The comparisons by `==` and `!=` in a file in which something is named like a secret."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        and any(_is_secret(side) for side in (node.left, *node.comparators))
    ]


def _is_secret(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return bool(SECRET.search(name))


def test_secrets_are_compared_in_constant_time_only() -> None:
    found = {
        str(path.relative_to(PACKAGE)): comparisons
        for path in PACKAGE.rglob("*.py")
        if (comparisons := compared_secrets(path))
    }
    assert found == {}


def test_a_comparison_of_secrets_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("def check(secret, wanted):\n    return secret == wanted.signature\n")
    assert compared_secrets(file) == ["secret == wanted.signature"]


def test_keys_are_found_by_their_digest() -> None:
    source = (PACKAGE / "store" / "keys.py").read_text()
    assert "digest" in source
    assert not re.search(r"secret\s*=\s*%", source)
