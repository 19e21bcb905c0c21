"""The house rules that no other tool holds."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
LONGEST_FILE = 400
BANNED_IN_TESTS = re.compile(r"\b(asyncio|time)\.sleep\(|MagicMock|monkeypatch\.setattr|unittest\.mock")
GENERATED = "by `make clients`: do not edit"
"""Nobody reads these from top to bottom: one finds a name in them, as in the OpenAPI document that they follow from."""
SOURCES = sorted(
    path
    for folder in ("turnkeeper", "tests", "bench", "clients", "examples", "fuzz")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and GENERATED not in path.read_text()[:300]
)


def tree_in_the_page() -> set[str]:
    """The paths in the page's tree, relative to the package."""
    tree = PAGE.split("```")[1].splitlines()[2:]
    found: set[str] = set()
    room = ""
    for line in tree:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        names = re.findall(r"(?:^|\s)([\w/]+(?:/|\.py))(?=\s|$)", line.split("   ")[0] if indent == 2 else line)
        if indent == 2:
            room = names[0] if names[0].endswith("/") else ""
        found.update(names[:1] if indent == 2 else {f"{room}{name}" for name in names})
    return found


def test_every_path_in_the_page_exists() -> None:
    paths = tree_in_the_page()
    assert len(paths) > 20
    assert [path for path in sorted(paths) if not (ROOT / "turnkeeper" / path).exists()] == []


def test_every_folder_of_the_package_is_in_the_page() -> None:
    package = ROOT / "turnkeeper"
    named = tree_in_the_page()
    folders = {f"{path.parent.relative_to(package)}/" for path in package.rglob("*.py")} | {
        f"{path.parent.relative_to(package)}/" for path in package.rglob("*.sql")
    }
    assert folders - named - {"./"} == set()


def test_every_file_that_the_page_mentions_exists() -> None:
    mentioned = set(re.findall(r"`([\w/]+\.py)`", PAGE)) - {"translate.py", "shapes.py", "errors.py"}
    assert [
        path for path in sorted(mentioned) if not ((ROOT / "turnkeeper" / path).exists() or (ROOT / path).exists())
    ] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) <= LONGEST_FILE


def test_tests_use_no_mocks_and_no_sleeps() -> None:
    offenders = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if path != Path(__file__) and BANNED_IN_TESTS.search(path.read_text())
    ]
    assert offenders == []


def test_every_decision_has_a_number_of_its_own_and_a_title() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert numbers == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert [page.name for page in pages if not page.read_text().startswith("# ")] == []


def test_nothing_that_is_kept_names_a_place_to_download_from() -> None:
    kept = subprocess.run(
        ["git", "grep", "-lE", r"files\.pythonhosted|registry\.npmjs|--index-url|--find-links", "--", "requirements"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert kept.stdout == ""
