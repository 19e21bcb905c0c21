"""What of a change to an OpenAPI document would break clients that were written for the one before.

Unknown fields and parameters are refused, so what a request may hold must not shrink; what an answer holds must not shrink
either. New optional members, new operations, and new words of an enumeration in answers are no break.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeGuard

Direction = Literal["request", "answer"]
_METHODS = ("get", "post", "put", "patch", "delete")


def breaking_changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """A sentence for each change that breaks a client; none when all is well."""
    return list(_Comparison(before, after).changes())


class _Comparison:
    """Two documents; `$ref`s are followed in the document that they stand in, each pair of shapes once."""

    def __init__(self, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        self._before = before
        self._after = after
        self._seen: set[tuple[str, str, Direction]] = set()

    def changes(self) -> Iterator[str]:
        """All of them, in the order of the older document."""
        paths = _object(self._after.get("paths"))
        for path, methods in _object(self._before.get("paths")).items():
            for method in _METHODS:
                old = _object(methods).get(method)
                if old is None:
                    continue
                new, where = _object(paths.get(path)).get(method), f"{method.upper()} {path}"
                if new is None:
                    yield f"{where} is gone."
                else:
                    yield from self._operation(where, _object(old), _object(new))

    def _operation(self, where: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where} is called {new.get('operationId')!r} and no longer {old.get('operationId')!r}."
        # Another way to sign in breaks nobody; each of the ways that there were must still be enough.
        ways = new.get("security")
        if any(way not in _list(ways) for way in _list(old.get("security"))) and ways != []:
            yield f"{where} needs another key than before."
        yield from self._parameters(where, old, new)
        asked, asks = _followed(self._before, old.get("requestBody")), _followed(self._after, new.get("requestBody"))
        yield from self._request(where, asked, asks)
        answers = _object(new.get("responses"))
        for status, reply in _object(old.get("responses")).items():
            if status not in answers and status.startswith("2"):
                yield f"{where} no longer answers {status}."
            elif status in answers:
                was, now = _followed(self._before, reply), _followed(self._after, answers[status])
                yield from self._contents(f"{where} → {status}", was, now, "answer")

    def _parameters(self, where: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
        known = _by_name(self._before, old.get("parameters"))
        wanted = _by_name(self._after, new.get("parameters"))
        for name, parameter in known.items():
            if name not in wanted:
                yield f"{where} no longer takes {name}."
            else:
                yield from self._shape(
                    f"{where}, {name}", parameter.get("schema"), wanted[name].get("schema"), "request"
                )
        for name, parameter in wanted.items():
            was_required = bool(known.get(name, {}).get("required"))
            if parameter.get("required") and not was_required and not name.startswith("path "):
                yield f"{where} cannot do without {name} any more."

    def _request(self, where: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
        if new.get("required") and not old:
            yield f"{where} cannot do without a body any more."
        yield from self._contents(f"{where}, body", old, new, "request")

    def _contents(
        self, where: str, old: Mapping[str, object], new: Mapping[str, object], direction: Direction
    ) -> Iterator[str]:
        kinds = _object(new.get("content"))
        for media_type, content in _object(old.get("content")).items():
            if media_type not in kinds:
                yield f"{where} is no longer {media_type}."
            else:
                yield from self._shape(
                    where, _object(content).get("schema"), _object(kinds[media_type]).get("schema"), direction
                )

    def _shape(self, where: str, old: object, new: object, direction: Direction) -> Iterator[str]:
        references = (str(_object(old).get("$ref", "")), str(_object(new).get("$ref", "")))
        if all(references):
            if (*references, direction) in self._seen:
                return
            self._seen.add((*references, direction))
        old, new = _followed(self._before, old), _followed(self._after, new)
        lost = _kinds(self._before, old) - _kinds(self._after, new)
        come = _kinds(self._after, new) - _kinds(self._before, old)
        if direction == "request" and lost and "any" not in _kinds(self._after, new):
            yield f"{where} may no longer be {' or '.join(sorted(lost))}."
        if direction == "answer" and come and "any" not in _kinds(self._before, old):
            yield f"{where} may now be {' or '.join(sorted(come))}."
        yield from _bounds(where, old, new, direction)
        yield from self._members(where, old, new, direction)
        if _is_object(old.get("items")) and _is_object(new.get("items")):
            yield from self._shape(f"{where}[]", old["items"], new["items"], direction)
        for was, now in zip(_parts(old), _parts(new), strict=False):
            yield from self._shape(where, was, now, direction)

    def _members(
        self, where: str, old: Mapping[str, object], new: Mapping[str, object], direction: Direction
    ) -> Iterator[str]:
        had, has = _object(old.get("properties")), _object(new.get("properties"))
        if had and not has and new.get("additionalProperties") not in {None, False}:
            return
        needed_before, needed_now = set(_list(old.get("required"))), set(_list(new.get("required")))
        for name, shape in had.items():
            if name not in has:
                yield f"{where}: the member {name!r} is gone."
                continue
            if direction == "answer" and name in needed_before - needed_now:
                yield f"{where}: the member {name!r} may now be absent."
            yield from self._shape(f"{where}/{name}", shape, has[name], direction)
        if direction == "request":
            for name in sorted(map(str, needed_now - needed_before)):
                yield f"{where}: the member {name!r} must now be there."


def _bounds(where: str, old: Mapping[str, object], new: Mapping[str, object], direction: Direction) -> Iterator[str]:
    """What a request may say must not shrink."""
    if direction != "request":
        return
    words, left = _list(old.get("enum")), _list(new.get("enum"))
    if left and (gone := [word for word in words if word not in left]):
        yield f"{where} no longer takes {', '.join(map(repr, gone))}."
    for name, is_narrower in (("maximum", -1), ("maxLength", -1), ("maxItems", -1), ("minimum", 1), ("minLength", 1)):
        was, now = old.get(name), new.get(name)
        if isinstance(now, int | float) and (not isinstance(was, int | float) or (now - was) * is_narrower > 0):
            yield f"{where} is held to {name} {now}, which was {'free' if was is None else was}."


def _kinds(document: Mapping[str, object], shape: Mapping[str, object]) -> set[str]:
    """The JSON types that a shape may be; `any` when it does not say."""
    parts = _parts(shape)
    if parts:
        return {kind for part in parts for kind in _kinds(document, _followed(document, part))}
    kind = shape.get("type")
    if isinstance(kind, str):
        return {kind}
    if _is_list(kind):
        return {str(each) for each in kind}
    words = _list(shape.get("enum"))
    return {_KINDS.get(type(word), "object") for word in words} or {"any"}


_KINDS: Mapping[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def _parts(shape: Mapping[str, object]) -> Sequence[object]:
    return _list(shape.get("anyOf")) or _list(shape.get("oneOf"))


def _followed(document: Mapping[str, object], shape: object) -> Mapping[str, object]:
    found = _object(shape)
    reference = found.get("$ref")
    if not isinstance(reference, str):
        return found
    there: object = document
    for step in reference.removeprefix("#/").split("/"):
        there = _object(there).get(step)
    return _object(there)


def _by_name(document: Mapping[str, object], parameters: object) -> dict[str, Mapping[str, object]]:
    found = [_followed(document, parameter) for parameter in _list(parameters)]
    return {f"{parameter.get('in')} {parameter.get('name')}": parameter for parameter in found}


def _object(value: object) -> Mapping[str, object]:
    return value if _is_object(value) else {}


def _list(value: object) -> list[object]:
    return value if _is_list(value) else []


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
