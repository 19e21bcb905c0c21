"""The parameters of a query, checked: every fault is told at once, and one that is not known is refused by name."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qsl

from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.faults import Fault, FaultsError, shown
from turnkeeper.dialects.native.forms.reading import moment_in
from turnkeeper.http_kit.paging import position_of

T = TypeVar("T")

DEFAULT_LIMIT = 50
MOST = 100
_MOST_PARAMETERS = 100
_WHOLE = re.compile(r"[0-9]{1,18}")


class Parameters:
    """The parameters of a query string, each at most once unless it is in `many`.

    Those in `maps` are written `name[key]=value`, each key at most once.
    """

    def __init__(
        self, query: bytes, *, known: Sequence[str], many: Sequence[str] = (), maps: Sequence[str] = ()
    ) -> None:
        self._faults: list[Fault] = []
        self._values: dict[str, str] = {}
        self._many: dict[str, list[str]] = {}
        names = [*known, *many, *(f"{name}[…]" for name in maps)]
        takes = f"there are {', '.join(names)}" if names else "there are none"
        for name, value in _pairs(query):
            if name in many:
                self._many.setdefault(name, []).append(value)
            elif name not in known and not _is_in(name, maps):
                self.wrong(name, f"The parameter {shown(name)} is not known here; {takes}.", "unknown_parameter")
            elif name in self._values:
                self.wrong(name, f"The parameter {name!r} came more than once; send it once.", "repeated")
            self._values[name] = value

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """What a parameter means; None when it is not there. `reader` raises InvalidError."""
        text = self._values.get(name)
        return None if text is None else self._read(name, text, reader)

    def every(self, name: str, reader: Callable[[str], T]) -> list[T]:
        """What a parameter means each time that it is there."""
        found = [self._read(name, text, reader) for text in self._many.get(name, ())]
        return [each for each in found if each is not None]

    def keyed(self, name: str) -> dict[str, str]:
        """The values of `name[key]=value` by their keys."""
        start = len(name) + 1
        return {each[start:-1]: value for each, value in self._values.items() if _is_in(each, (name,))}

    def limit(self) -> int:
        """`limit`: how many are wanted."""
        return self.read("limit", whole("limit", least=1, most=MOST)) or DEFAULT_LIMIT

    def position(self, order: str) -> tuple[datetime, int] | None:
        """`cursor`: the sort key of the last one seen, in a list of this order."""
        return self.read("cursor", lambda text: position_of(text, order))

    def wrong(self, name: str, why: str, code: str) -> None:
        """Remember a fault of a parameter."""
        self._faults.append(Fault(where="query", place=name, why=why, code=code))

    def check(self) -> None:
        """Raise all that was wrong.

        Raises:
            FaultsError: something was.
        """
        if self._faults:
            raise FaultsError(self._faults)

    def _read(self, name: str, text: str, reader: Callable[[str], T]) -> T | None:
        try:
            return reader(text)
        except InvalidError as error:
            self.wrong(name, error.why, error.code)
            return None


def _is_in(parameter: str, maps: Sequence[str]) -> bool:
    """Whether a parameter is written `name[key]` with one of these names."""
    name, bracket, rest = parameter.partition("[")
    return bool(bracket) and rest.endswith("]") and name in maps


def no_query(query: bytes) -> None:
    """Check the query of an operation that has none.

    Raises:
        FaultsError: there is one.
    """
    Parameters(query, known=()).check()


def whole(name: str, *, least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers within these bounds."""

    def read(text: str) -> int:
        number = int(text) if _WHOLE.fullmatch(text) else least - 1
        if not least <= number <= most:
            raise InvalidError(name, f"The parameter {name!r} must be a whole number from {least} to {most}.")
        return number

    return read


def word(name: str, words: Sequence[T]) -> Callable[[str], T]:
    """A reader of one of these words."""

    def read(text: str) -> T:
        for each in words:
            if each == text:
                return each
        raise InvalidError(name, f"The parameter {name!r} must be one of {', '.join(map(str, words))}.")

    return read


def flag(name: str) -> Callable[[str], bool]:
    """A reader of `true` and `false`."""
    words = word(name, ("true", "false"))
    return lambda text: words(text) == "true"


def moment(name: str) -> Callable[[str], datetime]:
    """A reader of times, RFC 3339 with their zone."""

    def read(text: str) -> datetime:
        found = moment_in(text)
        if found is None:
            why = f"The parameter {name!r} must be a time as RFC 3339 writes it: `2026-04-12T18:45:12Z`."
            raise InvalidError(name, why)
        return found

    return read


def id_of(read: Callable[[str], T | None], kind: str, prefix: str) -> Callable[[str], T]:
    """A reader of the ids of this kind of thing."""

    def reader(text: str) -> T:
        found = read(text)
        if found is None:
            why = f"{shown(text)} is no id of a {kind}; expected `{prefix}_` and 26 characters."
            raise InvalidError(kind, why, code="malformed_id")
        return found

    return reader


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise InvalidError(
            "query", f"The query has more than {_MOST_PARAMETERS} parameters.", code="too_many"
        ) from error
