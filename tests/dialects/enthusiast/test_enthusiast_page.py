"""The page about the dialect and its manifest say the same."""

import re
from pathlib import Path

import msgspec
import pytest
from inline_snapshot import external_file

from tests.dialects.enthusiast.requirements import REQUIREMENTS
from turnkeeper.dialects.enthusiast.operations import document

PAGE = Path(__file__).parents[3] / "docs" / "dialects" / "enthusiast.md"


@pytest.mark.requirement("enthusiast.docs")
def test_the_page_lists_exactly_the_divergences_of_the_manifest() -> None:
    listed = re.findall(r"^\| `(enthusiast\.[^`]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert listed == [name for name, requirement in REQUIREMENTS.items() if requirement.divergence]


@pytest.mark.requirement("enthusiast.docs")
def test_the_page_lists_exactly_the_operations_of_the_description() -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/api/[^`]+)` \|", PAGE.read_text(), re.MULTILINE)
    described = msgspec.convert(document(), Described).paths
    operations = [(method.upper(), path) for path, methods in described.items() for method in methods]
    assert sorted((method, path.replace("{id}", "{conversation_id}")) for method, path in listed) == sorted(operations)


@pytest.mark.requirement("enthusiast.docs")
def test_the_committed_description_is_the_one_that_is_served() -> None:
    # After a change that is meant: pytest --inline-snapshot=fix
    assert document() == external_file("../../../docs/dialects/enthusiast.openapi.json")


class Described(msgspec.Struct):
    """What we look at of an OpenAPI document."""

    paths: dict[str, dict[str, object]]
