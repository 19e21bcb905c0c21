"""One request as a value: what is sent, and what its answer is read as."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Generic, Literal, TypeVar, cast
from urllib.parse import quote

import httpx

from turnkeeper_client.errors import AnswerError, error_for
from turnkeeper_client.retries import retry_after_of

T = TypeVar("T")
QueryValue = str | int | float | bool | Sequence[str] | Mapping[str, str] | None
READ_SECONDS = 30.0
"""How long an answer may take to begin, beyond what it was asked to wait."""


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that is in memory."""

    name: str
    content: bytes


Upload = File | Path | str
"""A file to upload: in memory, or the path of one."""


@dataclass(frozen=True, kw_only=True)
class Request(Generic[T]):
    """A request whose answer is a `T`."""

    method: str
    path: str
    query: Mapping[str, QueryValue] = field(default_factory=dict[str, QueryValue])
    body: object = None
    files: Sequence[Upload] = ()
    form_field: str = ""
    changes: bool = False
    """Whether it takes an Idempotency-Key."""
    idempotency_key: str | None = None
    if_match: str | None = None
    wait: int | None = None
    gives: Literal["json", "text", "bytes", "nothing"] = "json"

    def headers(self) -> dict[str, str]:
        """Those of this request. The Idempotency-Key is a new one each time: call it once for all attempts."""
        found: dict[str, str] = {}
        if self.changes:
            found["Idempotency-Key"] = self.idempotency_key or str(uuid.uuid4())
        if self.if_match is not None:
            found["If-Match"] = self.if_match
        if self.wait is not None:
            found["Prefer"] = f"wait={self.wait}"
        return found

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The query string; what is None is left out."""
        return tuple(pair for name, value in self.query.items() for pair in _pairs(name, value))


class Received(dict[str, object]):
    """A JSON object from the server, with the head that it came with."""

    def __init__(self, values: Mapping[str, object], headers: Mapping[str, str]) -> None:
        super().__init__(values)
        self.headers = headers


def etag_of(received: Mapping[str, object]) -> str | None:
    """The version of what an operation gave, for `if_match`; nothing when it has none."""
    return received.headers.get("ETag") if isinstance(received, Received) else None


def path_of(template: str, **values: str | int) -> str:
    """The path with the values in it, each encoded.

    Raises:
        ValueError: a value is empty: the path would name something else.
    """
    if any(value in {"", ".", ".."} for value in values.values()):
        raise ValueError(f"A part of the path {template!r} is empty or only dots: {values!r}.")
    return template.format(**{name: quote(str(value), safe="") for name, value in values.items()})


def read_answer(request: Request[T], response: httpx.Response) -> T:
    """What the operation gives, from an answer that was read whole.

    Raises:
        AnswerError: the server refused.
    """
    if not response.is_success:
        raise answer_error(response)
    if request.gives == "nothing":
        return cast("T", None)
    if request.gives == "bytes":
        return cast("T", response.content)
    if request.gives == "text":
        return cast("T", response.text)
    value: object = response.json()
    if isinstance(value, dict):
        return cast("T", Received(cast("dict[str, object]", value), response.headers))
    return cast("T", value)


def answer_error(response: httpx.Response) -> AnswerError:
    """The error that a refusal becomes."""
    try:
        problem: object = response.json()
    except ValueError:
        problem = None
    return error_for(response.status_code, problem, retry_after_of(response.headers))


@contextmanager
def opened(request: Request[T]) -> Generator[list[tuple[str, tuple[str, IO[bytes] | bytes]]] | None]:
    """The parts of a form, for one attempt; nothing for a request that has none."""
    if not request.files:
        yield None
        return
    with ExitStack() as stack:
        parts: list[tuple[str, tuple[str, IO[bytes] | bytes]]] = []
        for each in request.files:
            if isinstance(each, File):
                parts.append((request.form_field, (each.name, each.content)))
            else:
                path = Path(each)
                parts.append((request.form_field, (path.name, stack.enter_context(path.open("rb")))))
        yield parts


def timeout_for(request: Request[T]) -> httpx.Timeout:
    """How long each wait of this request may take."""
    return httpx.Timeout(READ_SECONDS, read=READ_SECONDS + (request.wait or 0))


def _pairs(name: str, value: QueryValue) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    if isinstance(value, (str, int, float)):
        return [(name, str(value))]
    if isinstance(value, Mapping):
        return [(f"{name}[{key}]", each) for key, each in value.items()]
    return [(name, each) for each in value]
