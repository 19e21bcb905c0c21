"""Finding files in folders and reading them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from turnkeeper.core.errors import InvalidError
from turnkeeper.demo import questions_file, telecom_folder
from turnkeeper.retrieval.parsing import ParsedDocument, ParsedProduct, Unreadable
from turnkeeper.retrieval.sources.folder import FoundFile, find_files


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is {name}")


def addresses(paths: Sequence[Path]) -> list[str]:
    return [file.address for file in find_files(paths).files]


def test_addresses_are_paths_within_the_folder_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "a/z.txt", "a/b/c.html")
    assert addresses([tmp_path]) == ["a/b/c.html", "a/z.txt", "b.md"]


def test_a_single_file_is_called_by_its_name_and_taken_whatever_it_is(tmp_path: Path) -> None:
    write(tmp_path, "docs/.hidden.md", "docs/logo.png")
    assert addresses([tmp_path / "docs" / ".hidden.md", tmp_path / "docs" / "logo.png"]) == [".hidden.md", "logo.png"]


def test_what_is_never_worth_reading_is_skipped_and_counted(tmp_path: Path) -> None:
    write(
        tmp_path, "page.html", ".git/config", ".DS_Store", "__MACOSX/page.html", "logo.png", "style.css", "app.js",
        "font.woff2", "_static/a.txt", "_sources/a.txt", "objects.inv", "~$open.docx", "sub/picture.JPG",
    )  # fmt: skip
    found = find_files([tmp_path])
    assert [file.address for file in found.files] == ["page.html"]
    assert found.skipped == 12


def test_the_index_pages_of_a_handbook_are_skipped_but_a_page_called_search_is_not(tmp_path: Path) -> None:
    write(tmp_path, "handbook/intro.html", "handbook/genindex.html", "handbook/genindex-A.html", "handbook/search.html")
    write(tmp_path, "site/search.html")
    assert addresses([tmp_path]) == ["handbook/intro.html", "site/search.html"]


def test_two_folders_with_the_same_names_get_addresses_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, "old/a.md", "new/a.md", "new/b.md", "x/new/a.md")
    roots = [tmp_path / "old", tmp_path / "new", tmp_path / "x" / "new"]
    assert addresses(roots) == ["a.md", "b.md", "new-2/a.md", "new/a.md"]


def test_a_file_that_is_reached_twice_is_found_once(tmp_path: Path) -> None:
    write(tmp_path, "a/one.md", "a/b/two.md")
    assert addresses([tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "one.md"]) == ["b/two.md", "one.md"]


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path, "root/z/real.md", "outside/far.md")
    root = tmp_path / "root"
    (root / "a-link").symlink_to(root / "z", target_is_directory=True)
    (root / "a-file-link.md").symlink_to(root / "z" / "real.md")
    (root / "z" / "loop").symlink_to(root, target_is_directory=True)
    (root / "far").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "nowhere.md").symlink_to(root / "gone.md")
    assert addresses([root]) == ["far/far.md", "z/real.md"]


def test_special_files_are_never_opened(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe.md")
    found = find_files([tmp_path])
    assert ([file.address for file in found.files], found.skipped) == (["a.md"], 1)
    with pytest.raises(InvalidError):
        find_files([tmp_path / "pipe.md"])


def test_a_path_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="missing"):
        find_files([tmp_path / "missing"])


def test_names_are_made_fit_for_storing(tmp_path: Path) -> None:
    (tmp_path / "Gro\u0308\u00dfe.md").write_text("a")
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("b")
    assert addresses([tmp_path]) == ["Gr\u00f6\u00dfe.md", "caf\ufffd.md"]


def test_the_hash_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("same")
    (tmp_path / "b.md").write_text("same")
    first, second = find_files([tmp_path]).files
    before = first.content_hash()
    assert before == second.content_hash()
    os.utime(first.path, (1, 1))
    assert first.content_hash() == before
    first.path.write_text("other")
    assert first.content_hash() != before


def test_a_file_that_goes_away_or_is_too_large_is_reported_when_read(tmp_path: Path) -> None:
    gone = FoundFile(address="gone.md", path=tmp_path / "gone.md", size=1)
    (report,) = gone.read()
    assert isinstance(report, Unreadable)
    assert gone.content_hash()
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate(65 * 2**20)
    (file,) = find_files([tmp_path]).files
    assert file.read() == [
        Unreadable(address="huge.txt", why="The file has 65.0 MiB and the limit is 64 MiB; split it.")
    ]
    assert file.content_hash()


# The demo data set


def test_the_demo_data_set_is_read_without_a_complaint() -> None:
    items = [item for file in find_files([telecom_folder()]).files for item in file.read()]
    assert [item for item in items if isinstance(item, Unreadable)] == []
    assert sum(isinstance(item, ParsedDocument) for item in items) >= 24
    products = [item for item in items if isinstance(item, ParsedProduct)]
    assert len({product.entry_id for product in products}) == len(products) >= 34
    assert all(product.price for product in products)


def test_every_demo_question_is_answered_at_its_addresses() -> None:
    texts: dict[str, str] = {}
    for file in find_files([telecom_folder()]).files:
        for item in file.read():
            if isinstance(item, ParsedDocument):
                texts[item.address] = " ".join(item.text.replace("`", "").split())
            elif isinstance(item, ParsedProduct):
                texts[f"products/{item.entry_id}"] = f"{item.name} {item.description} {item.properties} {item.price}"
    questions = [json.loads(line) for line in questions_file().read_text().splitlines()]
    assert sum(bool(question["addresses"]) for question in questions) >= 60
    assert sum(not question["addresses"] for question in questions) >= 20
    missing = [
        (question["question"], address)
        for question in questions
        for address in question["addresses"]
        if question["fact"].lower() not in texts[address].lower()
    ]
    assert missing == []
