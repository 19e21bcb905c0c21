"""An archive of a folder is read like the folder, and nothing in it gets out of hand."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from turnkeeper.retrieval.parsing import ParsedDocument, Unreadable
from turnkeeper.retrieval.parsing.parsed import UnreadableError
from turnkeeper.retrieval.sources.archive import Archive, is_archive
from turnkeeper.retrieval.sources.folder import find_files


def packed(path: Path, members: Mapping[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_its_files_are_those_of_the_folder(tmp_path: Path) -> None:
    members = {
        "a.md": b"# A",
        "deep/b.txt": b"B",
        "deep/.hidden.md": b"x",
        "deep/photo.png": b"x",
        "_static/c.md": b"x",
        "__MACOSX/._a.md": b"x",
    }
    folder = tmp_path / "folder"
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    archive = Archive(packed(tmp_path / "folder.zip", members))
    told = {file.address: file.content_hash() for file in archive.files}
    assert told == {file.address: file.content_hash() for file in find_files([folder]).files}
    assert told["a.md"] == hashlib.sha256(b"# A").hexdigest()
    assert archive.skipped == 4
    (document,) = next(file for file in archive.files if file.address == "a.md").read()
    assert isinstance(document, ParsedDocument)
    archive.close()


def test_paths_that_lead_out_are_left_out(tmp_path: Path) -> None:
    archive = Archive(
        packed(
            tmp_path / "a.zip",
            {"../x.md": b"x", "/abs.md": b"x", "a/../../y.md": b"x", "win\\z.md": b"x", "n" * 1_001 + ".md": b"x"},
        )
    )
    assert [file.address for file in archive.files] == ["abs.md", "win/z.md"]
    assert [(each.address[:12], each.why[:16]) for each in archive.unreadable] == [
        ("../x.md", "Its path leads o"),
        ("a/../../y.md", "Its path leads o"),
        ("n" * 12, "Its path has mor"),
    ]
    archive.close()


def test_a_file_that_is_there_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.md", "first")
        archive.writestr("./a.md", "second")
    opened = Archive(path)
    assert len(opened.files) == 1
    assert [each.why for each in opened.unreadable] == ["The archive holds it twice; the first one is used."]
    opened.close()


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for number in range(3):
            with archive.open(ZipInfo(f"{number}.txt"), "w", force_zip64=True) as member:
                member.write(b"\0" * 1_000)
    content = bytearray(path.read_bytes())
    # Each says of itself, in the directory, that it has 500 MiB.
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 24 : at + 28] = (500 * 2**20).to_bytes(4, "little")
        at += 4
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match="1024 MiB"):
        Archive(path)


def test_a_file_that_lies_about_its_size_is_told_as_damaged(tmp_path: Path) -> None:
    path = packed(tmp_path / "liar.zip", {"a.txt": b"text " * 1_000})
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    archive = Archive(path)
    (file,) = archive.files
    assert file.content_hash() == "not readable"
    (item,) = file.read()
    assert isinstance(item, Unreadable)
    archive.close()


def test_what_is_no_archive_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "text.zip").write_bytes(b"text")
    packed(tmp_path / "word.docx", {"[Content_Types].xml": b"", "word/document.xml": b""})
    packed(tmp_path / "empty.zip", {})
    names = ("broken.zip", "text.zip", "word.docx", "empty.zip")
    assert [is_archive(tmp_path / name) for name in names] == [False, False, False, True]
    with pytest.raises(UnreadableError):
        Archive(tmp_path / "broken.zip")
