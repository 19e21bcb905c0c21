"""Words: names made of several words are found by their parts and in one piece, with or without accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnkeeper.retrieval.words import take_apart


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("os.path", "os path ospath"),
        ("shared_buffers", "shared buffers sharedbuffers"),
        ("wi-fi", "wi fi wifi"),
        ("ThreadPool", "ThreadPool Thread Pool"),
        ("FiberUP-500", "FiberUP Fiber UP 500 fiberup500"),
        ("99.9 %", "99.9 %"),
        ("the plan's price", "the plan price"),
        ("can't", "can't"),
        ("Größe", "Große"),
        ("plain words", "plain words"),
    ],
)
def test_compounds_come_in_parts_and_in_one_piece(text: str, words: str) -> None:
    assert take_apart(text) == words


@given(st.text())
def test_no_letter_or_digit_of_plain_text_is_lost(text: str) -> None:
    assert {letter for letter in text if letter.isascii() and letter.isalnum()} <= set(take_apart(text)) | {"s"}
