"""Citations: what an answer leans on, and whether the stored text says so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from turnkeeper.agents.citations import MOST_TEXTS, checked, citations_for
from turnkeeper.agents.quotes import find_quote, quotes_in
from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import Passage, StoredText

LAMP = "The beacon is lit at dusk. It burns  oil, “pure and\nclear”. Nobody guards it now."
PIE = "Eat more pies. They're best at noon."


class Shelf:
    """Documents in memory that obey the Protocol; counts how many were read as a whole."""

    def __init__(self, texts: Mapping[int, StoredText]) -> None:
        self._texts = texts
        self.read: list[int] = []

    async def places(self, citations: Sequence[Citation]) -> Sequence[StoredText | None]:
        return [self._slice(citation) for citation in citations]

    async def text(self, document_id: int) -> StoredText | None:
        self.read.append(document_id)
        return self._texts.get(document_id)

    def _slice(self, citation: Citation) -> StoredText | None:
        stored = self._texts.get(citation.document_id)
        return None if stored is None else replace(stored, text=stored.text[citation.start : citation.end])


def passage(mark: int, text: str, start: int = 0) -> Passage:
    return Passage(
        id=mark,
        document_id=10 + mark,
        title=f"T{mark}",
        address=f"{mark}.md",
        start=start,
        end=start + len(text),
        text=text,
        score=1.0,
        document_version=1,
    )


async def check(answer: str, documents: Shelf | None = None) -> list[tuple[int, str, bool]]:
    passages = {1: passage(1, LAMP), 2: passage(2, PIE)}
    shelf = documents or Shelf({11: StoredText(version=1, text=LAMP), 12: StoredText(version=1, text=PIE)})
    found = await checked(citations_for(answer, passages), shelf)
    return [(citation.document_id, citation.quote, citation.verified) for citation in found]


@pytest.mark.parametrize(
    ("answer", "cited"),
    [
        ('It says "lit at dusk" [1].', [(11, "lit at dusk", True)]),
        ("It says “lit at dusk”. [1]", [(11, "lit at dusk", True)]),
        ('It "burns oil, "pure and clear"" [1].', [(11, "pure and\nclear", True)]),
        ("It “burns oil, 'pure and clear'” [1].", [(11, "burns oil, 'pure and clear'", False)]),
        ("Es „burns oil“ [1].", [(11, "burns  oil", True)]),
        ('It is "lit at dawn" [1].', [(11, "lit at dawn", False)]),
        ('"Eat more pies," it says [2].', [(12, "Eat more pies", True)]),
        ("“They’re best at noon.” [2]", [(12, "They're best at noon.", True)]),
        ('"lit at dusk. It burns oil" [1].', [(11, "lit at dusk. It burns  oil", True)]),
        ('According to [1], "Nobody guards it".', [(11, "Nobody guards it", True)]),
        (
            '[1] says "Nobody guards it" and [2] "Eat more pies".',
            [(11, "Nobody guards it", True), (12, "Eat more pies", True)],
        ),
        ('"lit at dusk" [1] and "more pies" [2].', [(11, "lit at dusk", True), (12, "more pies", True)]),
        ('It is "best at noon" [1][2].', [(11, LAMP, True), (12, "best at noon", True)]),
        ('It is "best at noon" [7], and "dull" too.', []),
        ("The beacon burns oil [1].", [(11, "It burns  oil, “pure and\nclear”.", True)]),
        (
            "More pies [2], lit at dusk [1], they say [9].",
            [(12, "Eat more pies.", True), (11, "The beacon is lit at dusk.", True)],
        ),
    ],
)
async def test_what_an_answer_marks_and_quotes_is_held_against_the_text(
    answer: str, cited: list[tuple[int, str, bool]]
) -> None:
    assert await check(answer) == cited


async def test_a_quote_that_is_elsewhere_in_the_document_gets_its_true_place() -> None:
    whole = "Preface.\n\n" + LAMP + "\n\nThe keeper's name was Ann."
    shelf = Shelf({11: StoredText(version=4, text=whole)})
    [citation] = await checked(
        citations_for('"The keeper’s name was Ann" [1].', {1: passage(1, LAMP, start=10)}), shelf
    )
    assert citation.verified
    assert whole[citation.start : citation.end] == citation.quote == "The keeper's name was Ann"
    assert citation.document_version == 4
    assert shelf.read == [11]


async def test_a_document_that_changed_in_mid_turn_is_cited_as_it_is_now_or_not_verified() -> None:
    moved = Shelf({11: StoredText(version=2, text="New preface. " + LAMP)})
    found = citations_for("The beacon is lit at dusk [1]. “Nobody guards it” [1].", {1: passage(1, LAMP)})
    assert [(each.quote, each.document_version, each.verified, each.start) for each in await checked(found, moved)] == [
        ("Nobody guards it", 2, True, 13 + LAMP.index("Nobody")),
        ("The beacon is lit at dusk.", 2, True, 13),
    ]
    other = Shelf({11: StoredText(version=3, text="All about pies.")})
    assert [(each.document_version, each.verified) for each in await checked(found, other)] == [(1, False), (1, False)]


async def test_a_document_that_is_gone_leaves_its_citation_unverified() -> None:
    assert await check('"lit at dusk" [1].', Shelf({})) == [(11, "lit at dusk", False)]


async def test_only_so_many_documents_are_searched_as_a_whole_and_each_once() -> None:
    passages = {mark: passage(mark, "Nothing here.") for mark in range(1, 21)}
    answer = " ".join(f'"No such words" and "none such" [{mark}].' for mark in passages)
    shelf = Shelf({10 + mark: StoredText(version=1, text="Nothing here.") for mark in passages})
    found = await checked(citations_for(answer, passages), shelf)
    assert len(shelf.read) == len(set(shelf.read)) == MOST_TEXTS
    assert {citation.verified for citation in found} == {False}


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ('The 5" and 7" models', []),
        ('```json\n{"a": "b"}\n``` and `x = "y"` but "z z"', ["z z"]),
        ('He said "one\ntwo" and left.', ["one\ntwo"]),
        ('An open "quote\n\nand a "closed one".', ["closed one"]),
        ("“one [1]” «deux» 「三」", ["one", "deux", "三"]),
        ('""', []),
    ],
)
def test_quotations_are_told_from_other_signs(text: str, quotes: list[str]) -> None:
    assert [quote.words for quote in quotes_in(text)] == quotes


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("a.c", "abc a.c", "a.c"),
        ("Case", "case", None),
        ("one  two", "one\n\ttwo", "one\n\ttwo"),
        ("it’s", "it's", "it's"),
        ("end…", "the end of it", "end"),
        ("...", "what is this", None),
    ],
)
def test_a_quote_is_found_letter_by_letter_but_for_space_and_quotation_marks(
    words: str, text: str, found: str | None
) -> None:
    place = find_quote(words, text)
    assert (None if place is None else text[place.start : place.end]) == found


async def test_a_citation_names_all_marks_that_stand_for_it() -> None:
    twin = replace(passage(1, LAMP), id=3)
    answer = 'It is "lit at dusk" [1]. And "best at noon" [2]. Again "lit at dusk" [33].'
    shelf = Shelf({11: StoredText(version=1, text=LAMP), 12: StoredText(version=1, text=PIE)})

    found = await checked(citations_for(answer, {1: passage(1, LAMP), 2: passage(2, PIE), 33: twin}), shelf)

    assert [(each.quote, each.marks) for each in found] == [("lit at dusk", (1, 33)), ("best at noon", (2,))]
