"""Nouns of ours inside a body: every member that is not known is told by its pointer, and then what does not fit."""

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TypeGuard, TypeVar, get_args, get_type_hints

import msgspec

from turnkeeper.dialects.native.faults import MOST_FAULTS, Fault, pointer_to, shown

T = TypeVar("T")
_MESSAGE = re.compile(r"(?P<why>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def noun_of(value: object, kind: type[T], pointer: str, faults: list[Fault]) -> T | None:
    """The value as a dataclass of ours; None when it is none, and `faults` then say why."""
    found: list[Fault] = []
    _unknown(value, kind, pointer, found)
    faults += found
    if found:
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        read = _MESSAGE.fullmatch(str(error))
        why, path = (read["why"], read["path"] or "") if read else (str(error), "")
        place = pointer + "".join(f"/{name or number}" for name, number in _STEP.findall(path))
        faults.append(Fault(where="body", place=place, why=f"{why}, at {place!r}.", code="wrong_type"))
        return None


def merged(value: object, patch: object) -> object:
    """What a JSON Merge Patch (RFC 7396) makes of a JSON value."""
    if not _is_object(patch):
        return patch
    kept = dict(value) if _is_object(value) else {}
    for name, change in patch.items():
        if change is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), change)
    return kept


def _unknown(value: object, kind: object, pointer: str, found: list[Fault]) -> None:
    """Add a fault for each member in `value` that the dataclass `kind`, or one inside it, does not have."""
    if len(found) >= MOST_FAULTS:
        return
    if isinstance(kind, type) and is_dataclass(kind):
        if not _is_object(value):
            return
        hints = get_type_hints(kind)
        for name, item in value.items():
            place = pointer + pointer_to(name)
            if name in hints:
                _unknown(item, hints[name], place, found)
            else:
                why = f"The field {shown(name)} is not known here; there are {', '.join(hints)}."
                found.append(Fault(where="body", place=place, why=why, code="unknown_field"))
        return
    nouns = [each for each in get_args(kind) if is_dataclass(each)]
    if nouns and _is_list(value):
        for number, item in enumerate(value):
            _unknown(item, nouns[0], f"{pointer}/{number}", found)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
