"""What several operations of an OpenAPI document say alike is said once, in its components, and referred to."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

_NAME_WORDS = 5
"""Of a description, how many words make a name: enough to tell most answers apart. A name stands in every reference."""
_SMALL_WORDS = frozenset({"a", "an", "and", "has", "is", "it", "of", "s", "the", "to"})


class Shelf:
    """The components of one kind: whatever of `found` is there more than once, under a name made of the text beside it."""

    def __init__(
        self, kind: Literal["headers", "parameters", "responses"], found: Iterable[tuple[str, Mapping[str, object]]]
    ) -> None:
        self.kind = kind
        self.components: dict[str, Mapping[str, object]] = {}
        self._names: dict[bytes, str] = {}
        self._taken: Counter[str] = Counter()
        called = [(text, said, _encoded(said)) for text, said in found]
        times = Counter(code for _, _, code in called)
        for text, said, code in called:
            if times[code] > 1 and code not in self._names:
                name = self._names[code] = self._free_name(text)
                self.components[name] = said

    def take(self, said: Mapping[str, object]) -> Mapping[str, object]:
        """A reference where the same is said elsewhere too, else what is said."""
        name = self._names.get(_encoded(said))
        return said if name is None else {"$ref": f"#/components/{self.kind}/{name}"}

    def _free_name(self, text: str) -> str:
        words = [word for word in re.findall(r"[A-Za-z0-9]+", text) if word.lower() not in _SMALL_WORDS]
        name = "".join(word[0].upper() + word[1:] for word in words[:_NAME_WORDS]) or "Other"
        self._taken[name] += 1
        return name if self._taken[name] == 1 else f"{name}{self._taken[name]}"


def _encoded(said: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(said, order="deterministic")
