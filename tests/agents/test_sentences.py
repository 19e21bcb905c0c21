"""Texts taken apart into what they say, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from turnkeeper.agents.models.event_stream import EventStream
from turnkeeper.agents.sentences import sentences_of

PIECES = st.sampled_from(
    [
        "# Head",
        "Say it. Again!",
        "- item",
        "1. step",
        "| a | b |",
        "|---|---|",
        "key: value",
        "",
        " ",
        "```",
        "e.g. so",
        "ß… Ünï 😀?",
    ]
)


def says(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in sentences_of(text)]


@given(st.lists(PIECES | st.text(max_size=20), max_size=12).map("\n".join))
def test_sentences_follow_each_other_and_leave_no_word_out(text: str) -> None:
    end = 0
    for each in sentences_of(text):
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == text[each.start : each.end].strip()
        assert not any(map(str.isalpha, text[end : each.start].replace("`", ""))) or "```" in text or "~~~" in text
        end = each.end


def test_a_sentence_ends_at_its_full_stop_and_not_at_an_abbreviation() -> None:
    assert says("Use e.g. Firefox. It costs 2.50 euros! Dr. Who agrees.") == [
        ("text", "Use e.g. Firefox."),
        ("text", "It costs 2.50 euros!"),
        ("text", "Dr. Who agrees."),
    ]


def test_wrapped_lines_are_one_sentence_and_short_lines_are_not() -> None:
    wrapped = "This line of a plain text file is long enough to have been wrapped by an\neditor, as people used to do."
    assert says(wrapped) == [("text", wrapped)]
    assert says("Public holidays\nWe are closed.") == [("heading", "Public holidays"), ("text", "We are closed.")]


def test_rows_and_items_know_what_stands_above_them() -> None:
    text = "## Tides\n\n| Harbour | Time |\n|---|---|\n| Dover | 11:14 |\n\nBring these:\n\n- a map\n- a lamp\n"
    found = {text[each.start : each.end]: each for each in sentences_of(text)}
    row, item = found["| Dover | 11:14 |"], found["- a lamp"]
    assert row.heading is not None
    assert row.lead is not None
    assert text[row.lead.start : row.lead.end].strip() == "| Harbour | Time |"
    assert item.lead is not None
    assert text[item.lead.start : item.lead.end].strip() == "Bring these:"


def test_fields_of_a_record_stay_together() -> None:
    assert says("Price: 89\nSKU: FU-1\nrouter: R5\n\nA sentence.") == [
        ("record", "Price: 89\nSKU: FU-1\nrouter: R5"),
        ("text", "A sentence."),
    ]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=10), max_size=6),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(1, 7), min_size=1),
)
def test_events_are_the_same_wherever_the_stream_is_cut(datas: list[str], line_end: bytes, sizes: list[int]) -> None:
    whole = b"".join(b"data: " + data.encode() + line_end + line_end for data in datas)
    stream, found, at, turn = EventStream(10_000), list[bytes](), 0, 0
    while at < len(whole):
        size = sizes[turn % len(sizes)]
        found += stream.feed(whole[at : at + size])
        at, turn = at + size, turn + 1
    assert [*found, *stream.end()] == [data.encode() for data in datas]
