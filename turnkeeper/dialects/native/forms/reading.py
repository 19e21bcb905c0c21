"""The members of a JSON body, checked: every fault is told at once, and a member that is not known is refused by name."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeGuard, TypeVar

import msgspec

from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.faults import Fault, FaultsError, pointer_to, shown

T = TypeVar("T")
_OBJECT = msgspec.json.Decoder(dict[str, object])
_MOST_MEMBERS = 1_000


class MediaTypeError(Exception):
    """The body is of a kind that is not read here; the message is for the caller."""


class Fields:
    """The members of a JSON object. `null` means absent; `has` tells the two apart.

    Each reader returns a value to go on with and remembers what was wrong; `check`, at the end, raises all of it.
    """

    def __init__(
        self, members: Mapping[str, object], *, known: Sequence[str], place: str = "", faults: list[Fault] | None = None
    ) -> None:
        """`place` is the pointer to the object inside the body; an object inside another shares its `faults`."""
        self._members = members
        self._place = place
        self._faults: list[Fault] = [] if faults is None else faults
        takes = f"it takes {_listed(known)}" if known else "it takes none"
        for name in list(members)[:_MOST_MEMBERS]:
            if name not in known:
                self.wrong(name, f"The field {shown(name)} is not known here; {takes}.", "unknown_field")

    def has(self, name: str) -> bool:
        """Whether the member is there, also as `null`."""
        return name in self._members

    def word(self, name: str, words: Sequence[str]) -> str:
        """One of these words; it must be there."""
        value = self._members.get(name)
        if value is None:
            self.wrong(name, f"The field {name!r} is missing; it is {_choice(words)}.", "missing")
            return ""
        return self.word_or_none(name, words) or ""

    def word_or_none(self, name: str, words: Sequence[str]) -> str | None:
        """One of these words, or none."""
        value = self._members.get(name)
        if value is None or (isinstance(value, str) and value in words):
            return value
        self.wrong(name, f"The field {name!r} must be {_choice(words)}.", "invalid")
        return None

    def text(self, name: str, *, most: int | None = None) -> str | None:
        """A text of at most so many characters, that may be left out. NUL is refused: no database holds it."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, f"The field {name!r} must be a string.", "wrong_type")
            return None
        if "\x00" in value:
            self.wrong(name, f"The field {name!r} contains a NUL character, which cannot be stored.", "nul")
            return None
        if most is not None and len(value) > most:
            why = f"The field {name!r} has {len(value):,} characters; the most is {most:,}."
            self.wrong(name, why, "too_long")
            return None
        return value

    def needed_text(self, name: str, *, most: int | None = None) -> str:
        """A text that must be there and say something."""
        value = self.text(name, most=most)
        if self._members.get(name) is None:
            self.wrong(name, f"The field {name!r} is missing; it is a string.", "missing")
        elif value is not None and not value.strip():
            self.wrong(name, f"The field {name!r} is blank; say something.", "blank")
        return value or ""

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number within these bounds, that may be left out."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            why = f"The field {name!r} must be a whole number from {least:,} to {most:,}."
            self.wrong(name, why, "wrong_type" if isinstance(value, bool | str) else "invalid")
            return None
        return value

    def number(self, name: str, *, least: float, most: float) -> float | None:
        """A number within these bounds, that may be left out."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.wrong(name, f"The field {name!r} must be a number from {least:,} to {most:,}.", "invalid")
            return None
        return float(value)

    def flag(self, name: str) -> bool | None:
        """`true` or `false`, or left out."""
        value = self._members.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(name, f"The field {name!r} must be true or false.", "wrong_type")
        return None

    def moment(self, name: str) -> datetime | None:
        """A time, RFC 3339 with its zone, that may be left out."""
        text = self.text(name, most=60)
        if text is None:
            return None
        found = moment_in(text)
        if found is None:
            self.wrong(
                name, f"The field {name!r} must be a time as RFC 3339 writes it: `2026-04-12T18:45:12Z`.", "invalid"
            )
        return found

    def texts(self, name: str, *, most: int, longest: int) -> tuple[str, ...] | None:
        """A list of at most `most` texts of at most `longest` characters, none of them blank; it may be left out."""
        value = self._members.get(name)
        if value is None:
            return None
        if not _is_list(value) or not all(isinstance(each, str) for each in value):
            self.wrong(name, f"The field {name!r} must be a list of strings.", "wrong_type")
            return None
        if len(value) > most:
            self.wrong(name, f"The field {name!r} has {len(value):,} items; the most is {most}.", "too_many")
            return None
        found = tuple(str(each) for each in value)
        for place, text in enumerate(found):
            if not text.strip() or len(text) > longest or "\x00" in text:
                why = f"Each item of {name!r} has 1 to {longest} characters, not all blank, and no NUL."
                self.wrong(f"{name}/{place}", why, "invalid", is_pointer=True)
        return found

    def inner(self, name: str, *, known: Sequence[str]) -> "Fields | None":
        """An object inside this one, to be read alike; its faults are told with those of this one."""
        value = self._members.get(name)
        if value is None:
            return None
        if not _is_object(value):
            self.wrong(name, f"The field {name!r} must be an object.", "wrong_type")
            return None
        return Fields(value, known=known, place=self._place + pointer_to(name), faults=self._faults)

    def items(self, name: str, *, known: Sequence[str], most: int) -> "Sequence[Fields] | None":
        """A list of objects inside this one, each to be read alike."""
        value = self._members.get(name)
        if value is None:
            return None
        if not _is_list(value) or not all(_is_object(each) for each in value):
            self.wrong(name, f"The field {name!r} must be a list of objects.", "wrong_type")
            return None
        if len(value) > most:
            self.wrong(name, f"The field {name!r} has {len(value):,} items; the most is {most}.", "too_many")
            return None
        place = self._place + pointer_to(name)
        return [
            Fields(each, known=known, place=f"{place}/{number}", faults=self._faults)
            for number, each in enumerate(value)
            if _is_object(each)
        ]

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """What a text means, that may be left out. `reader` raises InvalidError."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return reader(text)
        except InvalidError as error:
            self.wrong(name, error.why, error.code)
            return None

    def members_of(self, name: str, *, most: int) -> Mapping[str, object] | None:
        """The members of an object inside this one whose names are the client's own; it may be left out."""
        value = self._members.get(name)
        if value is None:
            return None
        if not _is_object(value):
            self.wrong(name, f"The field {name!r} must be an object.", "wrong_type")
            return None
        if len(value) > most:
            self.wrong(name, f"The field {name!r} has {len(value):,} members; the most is {most}.", "too_many")
            return None
        return value

    def raw(self, name: str) -> object:
        """The member as JSON has it; what it may be is for whoever takes it to check."""
        return self._members.get(name)

    def wrong(self, name: str, why: str, code: str, *, is_pointer: bool = False) -> None:
        """Remember a fault of a member."""
        place = self._place + (f"/{name}" if is_pointer else pointer_to(name))
        self._faults.append(Fault(where="body", place=place, why=why, code=code))

    def check(self) -> None:
        """Raise all that was wrong.

        Raises:
            FaultsError: something was.
        """
        if self._faults:
            raise FaultsError(self._faults)


def fields_of(body: bytes, content_type: str | None, *, known: Sequence[str]) -> Fields:
    """The members of a body that must be a JSON object.

    Raises:
        InvalidError: it is none.
        MediaTypeError: it does not say that it is JSON.
    """
    return Fields(_object(body, content_type), known=known)


def empty_form(body: bytes, content_type: str | None) -> None:
    """Check the body of a request that has nothing to say: none, or an empty object.

    Raises:
        FaultsError: it says something.
        InvalidError: it is no JSON object.
        MediaTypeError: there is one, and it does not say that it is JSON.
    """
    if body.strip():
        fields_of(body, content_type, known=()).check()


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def moment_in(text: str) -> datetime | None:
    """The moment that a text of RFC 3339 names, in UTC; None when it is none."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper().replace(" ", "T")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _choice(words: Sequence[str]) -> str:
    return " or ".join(repr(word) for word in words)


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _object(body: bytes, content_type: str | None) -> Mapping[str, object]:
    if content_type is not None and not _is_json(content_type):
        raise MediaTypeError("The body must be JSON; send `Content-Type: application/json`.")
    try:
        return _OBJECT.decode(body)
    except RecursionError as error:
        raise InvalidError("body", "The body is nested too deep.", code="malformed") from error
    except msgspec.ValidationError as error:
        raise InvalidError("body", f"The body must be a JSON object: {error}.", code="malformed") from error
    except ValueError as error:  # msgspec's DecodeError and, for bytes that are no UTF-8, UnicodeDecodeError
        raise InvalidError("body", f"The body is no JSON: {error}.", code="malformed") from error


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
