"""A search in memory that obeys the tool's Protocol: BM25 over passages of real documents, without a database."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from turnkeeper.agents.wording import content_words
from turnkeeper.core.data_sets import Passage
from turnkeeper.retrieval.chunking import split
from turnkeeper.retrieval.indexing import product_text
from turnkeeper.retrieval.parsing.parse import parse
from turnkeeper.retrieval.parsing.parsed import ParsedDocument, ParsedProduct

_K1, _B = 1.2, 0.75


class KeywordSearch:
    """Finds passages by their words, those of title and headings included."""

    def __init__(self) -> None:
        self._passages: list[Passage] = []
        self._counts: list[Counter[str]] = []
        self._documents = 0
        self.asked: list[str] = []

    @classmethod
    def over_folder(cls, folder: Path) -> "KeywordSearch":
        """Everything in a folder, read and split as an import does it."""
        search = cls()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            for item in parse(path.read_bytes(), path.relative_to(folder).as_posix()):
                match item:
                    case ParsedDocument():
                        search.add(item.address, item.title, item.text)
                    case ParsedProduct():
                        search.add(f"products/{item.entry_id}", item.name, product_text(item))
                    case _:
                        raise AssertionError(item)
        return search

    def add(self, address: str, title: str, text: str) -> None:
        """Take in one document."""
        self._documents += 1
        for piece in split(title, text):
            passage = Passage(
                id=len(self._passages) + 1,
                document_id=self._documents,
                title=title,
                address=address,
                start=piece.start,
                end=piece.end,
                text=text[piece.start : piece.end],
                score=0.0,
            )
            self._passages.append(passage)
            self._counts.append(Counter(content_words(f"{piece.context} {passage.text}")))

    async def search(self, data_set_id: int, question: str, limit: int) -> Sequence[Passage]:
        self.asked.append(question)
        average = sum(counts.total() for counts in self._counts) / len(self._counts)
        scores: defaultdict[int, float] = defaultdict(float)
        for term in set(content_words(question)):
            holders = [place for place, counts in enumerate(self._counts) if term in counts]
            rarity = math.log(1 + (len(self._counts) - len(holders) + 0.5) / (len(holders) + 0.5))
            for place in holders:
                count, length = self._counts[place][term], self._counts[place].total()
                scores[place] += rarity * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / average))
        ranked = sorted(scores, key=lambda place: -scores[place])[:limit]
        return [replace(self._passages[place], score=scores[place]) for place in ranked]
