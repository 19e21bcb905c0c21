"""Splitting: passages are stretches of the text, in order, and know what stands above them."""

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from turnkeeper.retrieval.chunking import LONGEST_PASSAGE, split

_WORDS = st.sampled_from(
    [
        "plan",
        "Größe",
        "日本語のテキスト",
        "🛰️",
        "e\u0301tude",
        "# Head",
        "## Sub",
        "```",
        "- item",
        "| a | b |",
        "\f",
        "x" * 1200,
    ]
)
_TEXTS = st.lists(st.tuples(_WORDS, st.sampled_from([" ", "\n", "\n\n", ". "])), max_size=120).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


@given(_TEXTS | st.text())
def test_every_passage_is_a_stretch_of_the_text_and_no_word_is_lost(text: str) -> None:
    pieces = split("Title", text)
    reached = 0
    for piece in pieces:
        assert reached <= piece.start < piece.end <= len(text)
        assert not any(letter.isalnum() for letter in text[reached : piece.start])
        assert piece.end - piece.start <= LONGEST_PASSAGE
        reached = piece.end
    assert not any(letter.isalnum() for letter in text[reached:])


def test_a_passage_knows_its_title_and_the_headings_above_it() -> None:
    sentence = "Every word of this sentence is here to fill the section up to its brim. "
    text = "\n\n".join(
        f"{heading}\n\n{sentence * 12}" for heading in ("# Guide", "## Setup", "### Cables", "## Billing")
    )
    assert [piece.context for piece in split("Guide", text)] == snapshot(
        ["Guide", "Guide › Setup", "Guide › Setup › Cables", "Guide › Billing"]
    )


def test_a_hash_inside_of_code_is_no_heading() -> None:
    code = "```sh\n# not a heading\n" + "run --it\n" * 100 + "```\n\n" + "After the code. " * 50
    assert {piece.context for piece in split("Shell", code)} == {"Shell"}


def test_a_text_without_words_has_no_passages() -> None:
    assert split("Empty", " \n\n --- \f *** ") == []


def test_a_very_long_text_is_split_in_whole() -> None:
    text = "All of it counts. " * 40_000
    pieces = split("Long", text)
    assert len(text) - pieces[-1].end < 5
    assert sum(piece.end - piece.start for piece in pieces) > len(text) * 0.99
