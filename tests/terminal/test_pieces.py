"""What the terminal's pieces make of text: Markdown, frames, repeated text, and @path."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from turnkeeper.core.errors import CallerError, InvalidError
from turnkeeper.terminal.attachments import completions, typed
from turnkeeper.terminal.frames import FrameReader
from turnkeeper.terminal.markdown import Markdown
from turnkeeper.terminal.plain_text import harmless, on_one_line, spelled_out
from turnkeeper.terminal.said import Fresh, Said
from turnkeeper.terminal.saving import safe_name, wanted_file
from turnkeeper.terminal.shapes import Event, File, TextAdded, event_in

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_TEXT = """\
# A heading

Some **bold** and `code_with*star*`, 2 * 3 and a ** b.
- one
  * two
> quoted
```python
x = "**not bold**"
```
Over.
"""


def shown(*pieces: str) -> str:
    markdown = Markdown(is_styled=True)
    return "".join(map(markdown.feed, pieces)) + markdown.end()


def test_markdown_is_made_readable() -> None:
    assert shown(_TEXT).replace("\x1b", "~") == snapshot("""\
~[1mA heading~[0m

Some ~[0m~[1mbold~[0m and ~[0m~[36mcode_with*star*~[0m, 2 * 3 and a ** b.
• one
  • two
~[2m│~[0m quoted
~[2m```python~[0m
~[36mx = "**not bold**"~[0m
~[2m```~[0m
Over.
""")


def test_the_spaces_before_a_heading_are_left_out_even_if_they_come_one_by_one() -> None:
    assert shown("## ", " ", "A") == shown("##  A")
    assert shown("## ", " ") == shown("##  ")


@given(st.text(alphabet="a #*`->\n ", max_size=40), st.data())
def test_markdown_looks_the_same_in_whatever_pieces_it_comes(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in itertools.pairwise([0, *cuts, len(text)])]
    assert shown(*pieces) == shown(text)


@given(st.text(alphabet="abc. \n", max_size=60))
def test_text_without_marks_is_shown_as_it_is_and_at_once(text: str) -> None:
    markdown = Markdown(is_styled=True)
    written = [markdown.feed(letter) for letter in text]
    assert "".join(written).replace(" ", "") == text.replace(" ", "")
    assert "".join(written) + markdown.end() == text


def test_all_styles_end_with_the_text() -> None:
    for text in ("**bold", "`code", "# heading", "```\ncode", "a **b `c"):
        assert _STYLE.findall(shown(text))[-1] == "\x1b[0m"


def test_nothing_in_a_text_acts_on_the_terminal() -> None:
    assert harmless("a\x1b[2Jb\x07\x9b\u202ec\r\nd\te") == snapshot("""\
a\\u001b[2Jb\\u0007\\u009b\\u202ec
d	e\
""")
    assert spelled_out("\u200b{}\n") == "\\u200b{}\n"
    assert on_one_line("one\n two \x1b three", 11) == "one two \\u…"


@given(st.lists(st.sampled_from(['{"a": 1}', "{}", '"é"']), max_size=5), st.data())
def test_frames_are_read_from_whatever_pieces_they_come_in(texts: list[str], data: st.DataObject) -> None:
    wire = b"retry: 2000\n\n" + b"".join(f": hm\n\nid: 1\nevent: x\ndata: {text}\n\n".encode() for text in texts)
    wire = wire.replace(b"\n", data.draw(st.sampled_from([b"\n", b"\r\n"])))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    reader = FrameReader()
    frames = [
        frame for start, end in itertools.pairwise([0, *cuts, len(wire)]) for frame in reader.feed(wire[start:end])
    ]
    assert [frame.data.decode() for frame in frames if frame.data] == texts
    assert frames[0].retry_seconds == 2.0


def test_an_event_of_a_kind_that_is_not_known_is_passed_over() -> None:
    assert event_in(b'{"event":"new.kind","number":7,"message_id":"msg_1","created_at":"now","x":{}}') == Event(
        number=7, message_id="msg_1", created_at="now"
    )
    text = event_in(b'{"event":"text","number":8,"message_id":null,"text":"a","model_call":1,"more":2}')
    assert isinstance(text, TextAdded)
    assert (text.number, text.text) == (8, "a")


def test_an_attempt_that_says_the_same_again_is_shown_once() -> None:
    said = Said()
    pieces = [said.add(1, "One "), said.add(1, "two")]
    said.begins_anew(1)
    pieces += [said.add(1, "One"), said.add(1, " two three"), said.add(1, "!")]
    assert "".join(piece.text for piece in pieces) == "One two three!"
    assert not any(piece.is_anew for piece in pieces)
    assert said.settled() == []


def test_an_attempt_that_says_something_else_is_shown_whole() -> None:
    said = Said()
    said.add(1, "One two")
    said.begins_anew(1)
    assert [said.add(1, "One "), said.add(1, "three"), said.add(1, ".")] == [
        Fresh(text=""),
        Fresh(text="One three", is_anew=True),
        Fresh(text="."),
    ]
    assert said.settled() == []


def test_an_attempt_that_says_less_is_shown_when_it_is_over() -> None:
    said = Said()
    said.add(1, "One")
    said.add(2, "two three")
    said.begins_anew(1)
    said.add(1, "One")
    assert said.settled(1) == []
    said.add(2, "two")
    assert said.settled() == [Fresh(text="two", is_anew=True)]


def test_an_attempt_that_is_cut_while_it_repeats_is_shown_once_too() -> None:
    said = Said()
    shown = [said.add(1, "One two three")]
    said.begins_anew(1)
    shown.append(said.add(1, "One"))
    said.begins_anew(1)
    shown.append(said.add(1, "One two three four"))
    assert "".join(piece.text for piece in shown) == "One two three four"


def test_files_are_found_in_what_is_typed(tmp_path: Path) -> None:
    for name in ("a.txt", "my file.txt", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b").touch()
    found = typed(f'See @a.txt, @"my file.txt" @my\\ file.txt, @folder/b? me@a.txt @@a.txt @anna {tmp_path}', tmp_path)
    assert [path.name for path in found.files] == ["a.txt", "my file.txt", "b"]
    assert found.text == f'See a.txt, "my file.txt" "my file.txt", folder/b? me@a.txt @a.txt @anna {tmp_path}'
    assert completions("@", tmp_path) == ["@a.txt", "@folder/", "@my\\ file.txt"]
    assert completions("@folder/", tmp_path) == ["@folder/b"]
    assert completions("@.h", tmp_path) == ["@.hidden"]
    assert completions("@nowhere/", tmp_path) == []


@pytest.mark.parametrize("line", ["@b.txt", "@folder/a", '@"a b"', "@./x", "@~nobody/a.txt"])
def test_a_file_that_is_not_there_is_told_of(line: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="There is no file"):
        typed(line, tmp_path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    for number in range(11):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(InvalidError, match="at most 10"):
        typed(" ".join(f"@{number}.txt" for number in range(11)), tmp_path)


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("report.md", "report.md"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a.txt", "a.txt"),
        ("/etc/", "file"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("a\x1b[2Jb\n.md", "a_[2Jb_.md"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_file_is_saved_under_a_harmless_name(name: str, saved: str) -> None:
    assert safe_name(name) == saved


def test_a_file_is_named_as_it_is_with_quotes_or_with_a_place() -> None:
    files = {name: File(id=name, name=name, size=1) for name in ("a b.md", "c.md")}
    assert wanted_file("a b.md", files) == (files["a b.md"], None)
    assert wanted_file('"a b.md" there', files) == (files["a b.md"], Path("there"))
    assert wanted_file("c.md there/d.md", files) == (files["c.md"], Path("there/d.md"))
    for words in ("", "d.md", "c.md one two", '"c.md'):
        with pytest.raises(CallerError):
            wanted_file(words, files)
