"""What is wrong with a request, all of it at once: each fault says where it is and what to mend."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MOST_FAULTS = 20
"""Told at once; a body of a million unknown members is not answered by as many sentences."""
_LONGEST_SHOWN = 60
_PATH = re.compile(r"\w+(?:\[\d+\]|\.\w+)*")
_PARTS = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault. `place` is a JSON Pointer into the body, or the name of a query parameter or header."""

    where: Literal["body", "query", "header"]
    place: str
    why: str
    code: str


class FaultsError(Exception):
    """The request cannot be used."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.why for fault in faults[:MOST_FAULTS]))
        self.faults = tuple(faults[:MOST_FAULTS])


def pointer_to(member: str) -> str:
    """The JSON Pointer (RFC 6901) to a member of the body."""
    return "/" + member.replace("~", "~0").replace("/", "~1")


def pointer_to_path(path: str) -> str:
    """The JSON Pointer to what our own nouns call `settings.mcp_servers[0].url`."""
    return "".join(pointer_to(part) for part in _PARTS.findall(path)) if _PATH.fullmatch(path) else pointer_to(path)


def shown(text: str) -> str:
    """A client's text inside a sentence: quoted, and cut when it is long."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")
