"""Requests to a server's native dialect: each with its key, repeated safely while the server is away.

Everything that changes something carries an idempotency key, so that a request whose answer was lost is sent again and done
once. Streams go on where they were cut.
"""

import asyncio
import random
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import aiohttp
import msgspec
from yarl import URL

from turnkeeper.core.errors import CallerError, NotSignedInError, RefusedError, StartError, TransientError
from turnkeeper.terminal.frames import Frame, FrameReader
from turnkeeper.terminal.shapes import End, Event, File, Problem, event_in

T = TypeVar("T")

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
_SILENT_SECONDS = 45.0
"""A stream shows that it lives every 15 seconds."""
_LONGEST_PAUSE = 5.0
_PREFIX = "/v1"
_AGAIN = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_AWAY = (aiohttp.ClientError, ConnectionError, TimeoutError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """The server to talk to. `patience_seconds` is how long it may be away before this gives up."""

    url: str
    key: str = field(repr=False)
    patience_seconds: float = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """An event, and the JSON that it came as."""

    event: Event
    json: bytes


class _AwayError(Exception):
    """The server gave no answer, or said to come again."""

    def __init__(self, why: str, *, after_seconds: float | None = None) -> None:
        super().__init__(why)
        self.after_seconds = after_seconds


class Server:
    """A server and a key for it. To be opened in the event loop that uses it."""

    def __init__(self, where: Where, *, away: Callable[[], None], back: Callable[[], None]) -> None:
        """`away` is told when the server is first found to be away, `back` when it answers again."""
        self._where = where
        self._root = _root_of(where.url)
        self._away = away
        self._back = back
        self._is_away = False
        self._session: aiohttp.ClientSession | None = None

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return str(self._root)

    async def open(self) -> None:
        """Find out whether the server is there and takes the key.

        Raises:
            StartError: nobody answers there.
            NotSignedInError: it does not take the key.
        """
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._where.key}", "User-Agent": "turnkeeper-terminal"},
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS, sock_read=_ANSWER_SECONDS),
        )
        try:
            await self._once("GET", "/me", None, None)
        except _AwayError as error:
            raise StartError(nobody_at(self.address)) from error

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str, kind: type[T]) -> T:
        """Read something."""
        return _read(await self._patiently("GET", path, None), kind)

    async def text(self, path: str) -> bytes:
        """Read something as it is."""
        return await self._patiently("GET", path, None)

    async def post(self, path: str, body: object, kind: type[T]) -> T:
        """Ask for something, once.

        Raises:
            CallerError: it was refused; the sentence is the server's.
            TransientError: the server is away for too long.
        """
        return _read(await self._patiently("POST", path, msgspec.json.encode(body)), kind)

    async def upload(self, path: Path) -> File:
        """Upload a file. Raises: CallerError."""
        return _read(await self._patiently("POST", "/files", path), File)

    async def follow(self, path: str, *, after: int, is_endless: bool = True) -> AsyncGenerator[Happened, None]:
        """The events of a log after a number, as they come; cut connections are not seen.

        Raises:
            CallerError: the log is not there, or no longer the caller's to see.
            TransientError: the server is away for too long.
        """
        waiting = _Waiting(self._where.patience_seconds)
        query = "" if is_endless else "?follow=false"
        while True:
            try:
                async with self._stream(path + query, after) as frames:
                    async for frame in frames:
                        waiting.heard(frame.retry_seconds)
                        if not frame.data:
                            continue
                        event = _event(frame.data)
                        if isinstance(event, End):
                            if _is_over(event):
                                return
                            break
                        if event.number > after:
                            after = event.number
                            yield Happened(event=event, json=frame.data)
            except _AwayError as error:
                self._lost()
                await waiting.pause(error.after_seconds)
            else:
                await waiting.pause(None)

    @asynccontextmanager
    async def _stream(self, path: str, after: int) -> AsyncGenerator[AsyncGenerator[Frame, None], None]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS, sock_read=_SILENT_SECONDS)
        try:
            async with self._opened().get(self._at(path), headers=headers, timeout=timeout) as response:
                if response.status != HTTPStatus.OK:
                    raise _failure(response, await response.read())
                self._found()
                yield _frames(response)
        except _AWAY as error:
            raise _AwayError(str(error)) from error

    async def _patiently(self, method: str, path: str, body: bytes | Path | None) -> bytes:
        key = None if method == "GET" else f"terminal-{uuid4()}"
        waiting = _Waiting(self._where.patience_seconds)
        while True:
            try:
                answer = await self._once(method, path, body, key)
            except _AwayError as error:
                self._lost()
                await waiting.pause(error.after_seconds)
            else:
                self._found()
                return answer

    async def _once(self, method: str, path: str, body: bytes | Path | None, key: str | None) -> bytes:
        headers = {} if key is None else {"Idempotency-Key": key}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        try:
            with _sent(body) as data:
                async with self._opened().request(method, self._at(path), data=data, headers=headers) as response:
                    answer = await response.read()
                    if response.status >= HTTPStatus.BAD_REQUEST:
                        raise _failure(response, answer)
                    return answer
        except aiohttp.ClientSSLError as error:
            raise StartError(f"{self.address} cannot be trusted: {error}.") from error
        except _AWAY as error:
            raise _AwayError(str(error)) from error

    def _opened(self) -> aiohttp.ClientSession:
        assert self._session is not None
        return self._session

    def _at(self, path: str) -> URL:
        return URL(f"{self._root}{_PREFIX}{path}", encoded=True)

    def _lost(self) -> None:
        if not self._is_away:
            self._is_away = True
            self._away()

    def _found(self) -> None:
        if self._is_away:
            self._is_away = False
            self._back()


class _Waiting:
    """Pauses between attempts: longer and longer, until the patience is at its end."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience = patience_seconds
        self._clock = asyncio.get_running_loop().time
        self._gives_up_at: float | None = None
        self._pause = 0.1
        self._wanted: float | None = None

    def heard(self, retry_seconds: float | None) -> None:
        """Something came: all begins anew."""
        self._gives_up_at = None
        self._pause = 0.1
        self._wanted = retry_seconds

    async def pause(self, after_seconds: float | None) -> None:
        """Wait before the next attempt. Raises: TransientError when it has been too long."""
        now = self._clock()
        if self._gives_up_at is None:
            self._gives_up_at = now + self._patience
        if now >= self._gives_up_at:
            raise TransientError("server", "The server does not answer; nothing is lost, go on when it does.")
        pause = min(after_seconds or self._wanted or self._pause, _LONGEST_PAUSE)
        self._wanted = None
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret


def check_somebody_listens(url: str) -> None:
    """Find out early whether there is a server at all. Raises: StartError."""
    root = _root_of(url)
    assert root.host is not None
    try:
        socket.create_connection((root.host, root.port or 443), _CONNECT_SECONDS).close()
    except OSError as error:
        raise StartError(nobody_at(str(root))) from error


def nobody_at(address: str) -> str:
    """The sentence for a server that is not there."""
    return f"No server answers at {address}; start one with `turnkeeper serve`, or name another one with --url."


def _root_of(url: str) -> URL:
    try:
        root = URL(url.strip().rstrip("/").removesuffix(_PREFIX))
    except ValueError as error:
        raise StartError(f"{url!r} is no address of a server; it must be like https://host:8000.") from error
    if root.scheme not in {"http", "https"} or not root.host:
        raise StartError(f"{url!r} is no address of a server; it must be like https://host:8000.")
    return root


@contextmanager
def _sent(body: bytes | Path | None) -> Generator[bytes | aiohttp.FormData | None]:
    if not isinstance(body, Path):
        yield body
        return
    try:
        opened = body.open("rb")
    except OSError as error:
        raise CallerError(f"The file {str(body)!r} cannot be read: {error.strerror}.") from error
    with opened:
        form = aiohttp.FormData(quote_fields=False)  # servers take names as they are, not as parts of an address
        form.add_field("file", opened, filename=body.name)
        yield form


async def _frames(response: aiohttp.ClientResponse) -> AsyncGenerator[Frame, None]:
    reader = FrameReader()
    async for chunk in response.content.iter_any():
        for frame in reader.feed(chunk):
            yield frame


def _failure(response: aiohttp.ClientResponse, body: bytes) -> Exception:
    problem = _problem_in(body)
    words = " ".join(dict.fromkeys([problem.detail, *(fault.detail for fault in problem.errors)]))
    status = response.status
    if status in _AGAIN:
        told = response.headers.get("Retry-After", "")
        return _AwayError(words, after_seconds=float(told) if told.isdecimal() else problem.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        return NotSignedInError(words, code=problem.code or None)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return CallerError(words, code=problem.code or None)
    return RefusedError("server", f"The server failed ({status}): {words}")


def _problem_in(body: bytes) -> Problem:
    try:
        return msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        return Problem(detail="It gave no reason; is this a Turnkeeper server?")


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise RefusedError(
            "server", f"The server's answer cannot be read ({error}); is it of another version?"
        ) from error


def _event(data: bytes) -> Event:
    try:
        return event_in(data)
    except msgspec.DecodeError as error:
        raise RefusedError("server", f"An event cannot be read ({error}); is the server of another version?") from error


def _is_over(end: End) -> bool:
    """Whether the stream was ended for good. Raises: CallerError."""
    match end.reason:
        case "closing":
            return False
        case "deleted":
            raise CallerError("The conversation was deleted.", code="not_found")
        case "access_ended":
            raise NotSignedInError("The key was revoked, changed, or has expired.", code="revoked")
        case _:
            return True
