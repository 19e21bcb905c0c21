"""The body of a request as fields: JSON, URL-encoded and multipart are accepted alike, as the original does everywhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.datastructures import State

from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.enthusiast.fields import FormError, Json, type_name
from turnkeeper.http_kit.body import body_of
from turnkeeper.http_kit.form_fields import fields_of

HttpRequest = Request[None, None, State]

MOST_BYTES = 4_000_000
_MOST_DIGITS = 1_000
_MOST_FIELDS = 1_000
_LISTS = frozenset({"file_ids"})
"""The fields of which a form may bring several values; of all others the last one counts."""


class ParseError(Exception):
    """The body is not what its content type says; the message is for the caller."""


class BrokenUploadError(ParseError):
    """An upload's form cannot be read. An `error` was promised for uploads; the original says `detail`."""


class UnsupportedMediaError(Exception):
    """Bodies of this content type are not understood."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f'Unsupported media type "{content_type}" in request.')


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The fields of a request, and the JSON text that is the same for every spelling of them."""

    fields: Mapping[str, Json]
    canonical: bytes


async def read_body(request: HttpRequest) -> Body:
    """The fields that came with a request; an empty body has none.

    Raises:
        ParseError: the body cannot be read.
        UnsupportedMediaError: its content type is none that we read.
        FormError: it is JSON, but no object.
        InvalidError: field `body`: it is too large, too slow or cut.
    """
    content_type = request.headers.get("content-type") or ""
    raw = await body_of(request.receive, most_bytes=MOST_BYTES)
    if not raw:
        return Body(fields={}, canonical=b"{}")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _from_form(_multipart(raw, content_type))
    if kind == "application/json":
        return Body(fields=_object(_json(raw)), canonical=raw)
    if kind == "application/x-www-form-urlencoded":
        return _from_form(_urlencoded(raw))
    raise UnsupportedMediaError(content_type)


def _json(raw: bytes) -> Json:
    try:
        value: Json = msgspec.json.decode(raw)
    except RecursionError as error:
        raise ParseError("JSON parse error - The document is nested too deeply.") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _json_by_the_original(raw)
    return value


def _json_by_the_original(raw: bytes) -> Json:
    """Decode with the parser that the original has: it finds other words, and takes lone surrogates."""
    try:
        value: Json = json.loads(raw.decode(), parse_constant=_refuse_constant, parse_int=_integer)
    except RecursionError as error:
        raise ParseError("JSON parse error - The document is nested too deeply.") from error
    except ValueError as error:
        raise ParseError(f"JSON parse error - {error}") from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"A number has {len(digits)} digits; the most is {_MOST_DIGITS}.")
    return int(digits)


def _object(value: Json) -> Mapping[str, Json]:
    if isinstance(value, dict):
        return value
    if value is None:
        raise FormError({"non_field_errors": ["No data provided"]})
    raise FormError({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type_name(value)}."]})


def _multipart(raw: bytes, content_type: str) -> list[tuple[str, str]]:
    try:
        return fields_of(raw, content_type)
    except InvalidError as error:
        raise ParseError(f"Multipart form parse error - {error.why}") from error


def _urlencoded(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise ParseError(f"Form parse error - {error}") from error


def _from_form(pairs: list[tuple[str, str]]) -> Body:
    fields: dict[str, Json] = {}
    for name, value in pairs:
        if name in _LISTS:
            earlier = fields.get(name)
            fields[name] = [*earlier, value] if isinstance(earlier, list) else [value]
        else:
            fields[name] = value
    return Body(fields=fields, canonical=msgspec.json.encode(fields))
