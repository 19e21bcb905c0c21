"""The manifest and the tests name each other: an entry without a test fails, a dialect test without an entry fails."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.dialects.requirements import REQUIREMENTS

FOLDER = Path(__file__).parent


def marked_tests() -> Iterator[tuple[str, list[str]]]:
    """Each test of a dialect, and the ids that its marks name."""
    for path in sorted(FOLDER.glob("*/test_*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name.startswith("test_"):
                yield f"{path.name}::{function.name}", list(marked(function))


def marked(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The texts inside `@pytest.mark.requirement(…)`."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.requirement":
            for argument in decorator.args:
                assert isinstance(argument, ast.Constant), f"{function.name} names a requirement by other than a text."
                yield str(argument.value)


def test_every_requirement_has_a_test() -> None:
    tested = {identifier for _, identifiers in marked_tests() for identifier in identifiers}
    assert sorted(REQUIREMENTS.keys() - tested) == []


def test_every_test_of_a_dialect_has_a_requirement() -> None:
    assert [name for name, identifiers in marked_tests() if not identifiers] == []


def test_every_mark_names_a_requirement_of_its_own_dialect() -> None:
    wrong = [
        (name, identifier)
        for name, identifiers in marked_tests()
        for identifier in identifiers
        if identifier not in REQUIREMENTS
    ]
    assert wrong == []


def test_every_requirement_says_what_and_who_says_so() -> None:
    incomplete = [
        identifier
        for identifier, requirement in REQUIREMENTS.items()
        if not requirement.behaviour.endswith(".")
        or not requirement.source
        or identifier.split(".")[0] not in {path.name for path in FOLDER.iterdir()}
    ]
    assert incomplete == []
