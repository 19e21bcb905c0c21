"""Which files a request shows: within what the model takes, and again with earlier turns as far as memory has room."""

from dataclasses import replace

from turnkeeper.agents.memory import tokens_of_turn
from turnkeeper.agents.model import ONLY_TEXT, Media
from turnkeeper.agents.showing import (
    MOST_BYTES,
    MOST_EARLIER_BYTES,
    MOST_IMAGE_BYTES,
    MOST_PDF_TOKENS,
    PAGE_TOKENS,
    Sight,
    seen_again,
    tokens_of_file,
)
from turnkeeper.core.files import Attachment
from turnkeeper.core.history import HistoryTurn

ALL = Media(images=20, pdf_pages=100, pdf_bytes=MOST_BYTES)
PHOTO = Attachment(id="att_1", name="a.png", media_type="image/png", size=100)
PAPER = Attachment(id="att_2", name="a.pdf", media_type="application/pdf", size=100, pages=2, characters=10)
SCAN = replace(PAPER, id="att_3", characters=0)
NOTE = Attachment(id="att_4", name="a.txt", media_type="text/plain", size=10, characters=10)


def test_only_what_the_model_takes_is_shown() -> None:
    files = (PHOTO, PAPER, SCAN, NOTE)
    assert [Sight(ALL).shows(file) for file in files] == [True, True, True, False]
    assert [Sight(Media(images=1)).shows(file) for file in files] == [True, False, False, False]
    assert not any(Sight(ONLY_TEXT).shows(file) or Sight(ONLY_TEXT).shows_again(file) for file in files)


def test_a_pdf_whose_pages_are_not_known_is_not_shown_as_it_is() -> None:
    assert not Sight(ALL).shows(replace(PAPER, pages=0))


def test_pages_are_those_of_all_pdfs_together() -> None:
    sight = Sight(ALL)
    assert [sight.shows(replace(SCAN, pages=pages)) for pages in (60, 50, 40, 1)] == [True, False, True, False]


def test_bytes_are_those_of_all_files_together() -> None:
    sight = Sight(ALL)
    large = replace(PHOTO, size=MOST_IMAGE_BYTES)
    assert not sight.shows(replace(PHOTO, size=MOST_IMAGE_BYTES + 1))
    assert [sight.shows(large) for _ in range(5)] == [True] * 4 + [False]


def test_a_long_pdf_with_text_is_left_to_its_text_and_a_scanned_one_is_not() -> None:
    pages = MOST_PDF_TOKENS // PAGE_TOKENS + 1
    assert not Sight(ALL).shows(replace(PAPER, pages=pages))
    assert Sight(ALL).shows(replace(SCAN, pages=pages))


def test_a_turn_with_a_low_limit_of_tokens_reads_the_text() -> None:
    assert Sight(ALL, turn_tokens=4 * tokens_of_file(PAPER)).shows(PAPER)
    assert not Sight(ALL, turn_tokens=tokens_of_file(PAPER)).shows(PAPER)


def test_earlier_pictures_come_again_only_within_what_the_provider_is_known_to_take() -> None:
    sight = Sight(Media(images=1))
    assert sight.shows(PHOTO)
    assert sight.shows(PHOTO), "what the person shows now is tried"
    assert not sight.shows_again(PHOTO)


def test_earlier_files_leave_bytes_to_what_comes_while_the_turn_runs() -> None:
    sight = Sight(ALL)
    half = replace(PHOTO, size=MOST_EARLIER_BYTES // 2)
    assert [sight.shows_again(half) for _ in range(3)] == [True, True, False]
    assert sight.shows(half)


def turns(count: int, words: int = 100) -> list[HistoryTurn]:
    """Turns whose messages are numbered 10, 20 …"""
    return [HistoryTurn(question="word " * words, answer="Yes.", message_id=10 * n) for n in range(1, count + 1)]


def photo(message: int) -> Attachment:
    return replace(PHOTO, id=f"att_{message}", message_id=message)


def test_what_fits_is_shown_with_its_turn_and_nothing_is_dropped() -> None:
    talk = turns(3)
    stay, chosen = seen_again(talk, [photo(10), photo(30)], Sight(ALL), tokens=24_000, may_drop=True)
    assert stay == tuple(talk)
    assert {message: [file.id for file in files] for message, files in chosen.items()} == {
        10: ["att_10"],
        30: ["att_30"],
    }


def test_what_was_said_while_a_turn_ran_belongs_to_that_turn() -> None:
    _, chosen = seen_again(turns(2), [photo(15)], Sight(ALL), tokens=24_000, may_drop=True)
    assert list(chosen) == [10]


def test_files_of_turns_beyond_the_window_are_not_shown() -> None:
    assert seen_again(turns(2)[1:], [photo(10)], Sight(ALL), tokens=24_000, may_drop=True)[1] == {}


def test_the_oldest_turns_make_room_whole_and_the_newest_files_come_first() -> None:
    talk = turns(10)
    cost = tokens_of_turn(talk[0])
    tokens = 10 * cost
    picture = replace(PHOTO, message_id=100)
    assert tokens_of_file(picture) > cost
    full, none = seen_again(talk, [picture], Sight(ALL), tokens=tokens, may_drop=False)
    assert (len(full), none) == (10, {})
    wide = turns(10, words=800)
    tokens = 10 * tokens_of_turn(wide[0])
    stay, chosen = seen_again(wide, [photo(10), photo(100)], Sight(ALL), tokens=tokens, may_drop=True)
    assert list(chosen) == [100]
    assert stay == tuple(wide[2:])
    assert sum(map(tokens_of_turn, stay)) + tokens_of_file(picture) <= tokens


def test_files_take_half_of_the_window_at_most() -> None:
    talk = turns(6, words=10)
    tokens = 7 * tokens_of_file(PHOTO)
    stay, chosen = seen_again(talk, [photo(10 * n) for n in range(1, 7)], Sight(ALL), tokens=tokens, may_drop=True)
    assert sorted(chosen) == [40, 50, 60]
    assert stay == tuple(talk)
