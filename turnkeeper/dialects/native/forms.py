"""What bodies say, checked: every fault is told at once, and a member that is not known is refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from turnkeeper.core.approvals import Verdict
from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.faults import Fault, FaultsError, pointer_to, shown

_OBJECT = msgspec.json.Decoder(dict[str, object])
_VERDICTS: Mapping[str, Verdict] = {"approve": "approved", "deny": "denied"}


class MediaTypeError(Exception):
    """The body is of a kind that is not read here; the message is for the caller."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decide:
    """The body of a decision."""

    verdict: Verdict
    note: str | None


def decide_form(body: bytes, content_type: str | None) -> Decide:
    """Check the body of a decision. A blank note is none.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = _Fields(body, content_type, known=("decision", "note"))
    verdict = _VERDICTS.get(fields.word("decision", tuple(_VERDICTS)))
    note = fields.text("note")
    fields.check()
    if verdict is None:  # pragma: no cover - `check` has raised
        raise InvalidError("decision", "The field 'decision' is missing.")
    return Decide(verdict=verdict, note=note if note and note.strip() else None)


def empty_form(body: bytes, content_type: str | None) -> None:
    """Check the body of a request that has nothing to say: none, or an empty object.

    Raises:
        FaultsError: it says something.
        InvalidError: it is no JSON object.
        MediaTypeError: there is one, and it does not say that it is JSON.
    """
    if body.strip():
        _Fields(body, content_type, known=()).check()


class _Fields:
    """The members of a JSON object. `null` means absent."""

    def __init__(self, body: bytes, content_type: str | None, *, known: tuple[str, ...]) -> None:
        self._members = _object(body, content_type)
        takes = f"it takes {' and '.join(known)}" if known else "it takes none"
        self._faults = [
            _fault(name, f"The field {shown(name)} is not known here; {takes}.", "unknown_field")
            for name in self._members
            if name not in known
        ]

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """One of these words; it must be there."""
        value = self._members.get(name)
        if isinstance(value, str) and value in words:
            return value
        choice = " or ".join(repr(word) for word in words)
        if value is None:
            self._wrong(name, f"The field {name!r} is missing; it is {choice}.", "missing")
        else:
            self._wrong(name, f"The field {name!r} must be {choice}.", "invalid")
        return ""

    def text(self, name: str) -> str | None:
        """A text that may be left out."""
        value = self._members.get(name)
        if value is None or isinstance(value, str):
            return value
        self._wrong(name, f"The field {name!r} must be a string.", "wrong_type")
        return None

    def check(self) -> None:
        """Raise all that was wrong."""
        if self._faults:
            raise FaultsError(self._faults)

    def _wrong(self, name: str, why: str, code: str) -> None:
        self._faults.append(_fault(name, why, code))


def _fault(name: str, why: str, code: str) -> Fault:
    return Fault(where="body", place=pointer_to(name), why=why, code=code)


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
