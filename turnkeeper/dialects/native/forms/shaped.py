"""Large bodies of a known shape: read fast when they are right, and gone through member by member when they are not."""

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, TypeGuard, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import UnsetType

from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.faults import MOST_FAULTS, Fault, FaultsError, pointer_to, shown

T = TypeVar("T", bound=msgspec.Struct)


def shaped(body: bytes, kind: type[T]) -> tuple[T, list[Fault]]:
    """The body as a value of this type, and the faults that a type does not tell: texts that cannot be stored.

    Raises:
        FaultsError: it is no such value; every fault is told with its place.
        InvalidError: it is no JSON.
    """
    try:
        value, faults = _decoded(body, kind)
    except RecursionError as error:
        raise InvalidError("body", "The body is nested too deep.", code="malformed") from error
    except ValueError as error:  # msgspec's DecodeError and, for bytes that are no UTF-8, UnicodeDecodeError
        raise InvalidError("body", f"The body is no JSON: {error}.", code="malformed") from error
    if value is None:
        raise FaultsError(faults)
    return value, faults


def _decoded(body: bytes, kind: type[T]) -> tuple[T | None, list[Fault]]:
    try:
        value = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        faults = faults_in(msgspec.json.decode(body), kind, "")
        return None, faults or [_fault("", f"The body cannot be used: {error}.")]
    # Text with NUL cannot be stored; the escape may also be that of a backslash before `u0000`.
    return value, nul_faults(msgspec.json.decode(body), "") if b"\\u0000" in body else []


def faults_in(value: object, kind: object, place: str) -> list[Fault]:
    """What keeps a JSON value from being of a type, with JSON Pointers; no more than are told."""
    kind = _bare(kind, value)
    if _is_struct(kind):
        return _faults_in_object(value, kind, place)
    if get_origin(_plain(kind)) is list and _is_list(value):
        found: list[Fault] = []
        (item,) = get_args(_plain(kind))
        for number, each in enumerate(value):
            if len(found) > MOST_FAULTS:
                break
            found.extend(faults_in(each, item, f"{place}/{number}"))
        return found or _own_fault(value, kind, place)
    return _own_fault(value, kind, place)


def nul_faults(value: object, place: str) -> list[Fault]:
    """The texts that contain a NUL character."""
    if isinstance(value, str):
        return (
            [_fault(place, "The text contains a NUL character, which cannot be stored.", "nul")]
            if "\x00" in value
            else []
        )
    if _is_list(value):
        return [fault for number, each in enumerate(value) for fault in nul_faults(each, f"{place}/{number}")]
    if _is_object(value):
        in_names = [_fault(place, "A name contains a NUL character.", "nul") for name in value if "\x00" in name]
        inside = [fault for name, each in value.items() for fault in nul_faults(each, place + pointer_to(name))]
        return in_names + inside
    return []


def _faults_in_object(value: object, kind: type[msgspec.Struct], place: str) -> list[Fault]:
    if not _is_object(value):
        return [_fault(place, "This must be an object.", "wrong_type")]
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    found = [
        _fault(place + pointer_to(name), f"The field {shown(name)} is not known here.", "unknown_field")
        for name in value
        if name not in fields
    ]
    for name, field in fields.items():
        if name in value:
            found.extend(faults_in(value[name], field.type, place + pointer_to(name)))
        elif field.required:
            found.append(_fault(place + pointer_to(name), f"The field {name!r} is missing.", "missing"))
    return found


def _own_fault(value: object, kind: object, place: str) -> list[Fault]:
    """What msgspec says of a value as a whole."""
    try:
        msgspec.convert(value, kind)  # pyright: ignore[reportArgumentType, reportCallIssue] - a type, taken apart
    except msgspec.ValidationError as error:
        return [_fault(place, f"{error}.")]
    return []


def _fault(place: str, why: str, code: str = "invalid") -> Fault:
    return Fault(where="body", place=place, why=why, code=code)


def _bare(kind: object, value: object) -> object:
    """The type without `None` and `UNSET`, where the value is neither."""
    plain = _plain(kind)
    if get_origin(plain) in {Union, UnionType} and value is not None:
        rest = [each for each in get_args(plain) if each not in {NoneType, UnsetType}]
        if len(rest) == 1:
            return rest[0]
    return plain if _is_struct(plain) else kind


def _plain(kind: object) -> object:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _is_struct(kind: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
