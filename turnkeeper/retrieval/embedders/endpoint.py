"""Asking an endpoint for vectors over HTTP: deadlines, another try where it may help, and trouble in sentences."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import msgspec
from yarl import URL

from turnkeeper.core.errors import InvalidError, RefusedError, TransientError, UpstreamError
from turnkeeper.core.providers import fit_to_tell, retry_after_of

_MOST_BYTES = 64 * 1024 * 1024
_FIRST_WAIT_SECONDS = 0.5
_CONNECT_SECONDS = 5.0
_AGAIN = frozenset({408, 409, 425, 429})
_KEY_STATUSES = frozenset({401, 403})

KEY_REFUSED = "embedding_key_refused"
NO_MODEL = "embedding_model_unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long an answer may take, in seconds, with all attempts at it."""

    seconds: float
    attempts: int


class _Told(msgspec.Struct):
    message: str | None = None
    code: str | int | None = None


class _Trouble(msgspec.Struct):
    """An error as OpenAI's wire has it, or as Ollama has it."""

    error: _Told | str | None = None


class Endpoints:
    """The connections of one process to all endpoints; opened when the first is asked, closed by the one that builds it."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections; what is under way breaks off."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: URL, body: bytes, *, key: str | None, who: str, patience: Patience) -> bytes:
        """The answer to a request that may be made twice; it is tried again where that may help.

        Raises:
            TransientError: it does not answer, or says that it cannot now.
            RefusedError: it says that it will not; code `embedding_key_refused` or `embedding_model_unknown` where known.
        """
        ends_at = asyncio.get_running_loop().time() + patience.seconds
        wait = _FIRST_WAIT_SECONDS
        for attempt in range(1, patience.attempts + 1):
            left = ends_at - asyncio.get_running_loop().time()
            try:
                return await self._post_once(url, body, key=key, who=who, seconds=left)
            except TransientError as error:
                pause = max(error.retry_after or 0.0, wait)
                if attempt == patience.attempts or asyncio.get_running_loop().time() + pause >= ends_at:
                    raise
            await asyncio.sleep(pause)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")

    async def _post_once(self, url: URL, body: bytes, *, key: str | None, who: str, seconds: float) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        timeout = aiohttp.ClientTimeout(total=max(seconds, 0.05), sock_connect=_CONNECT_SECONDS)
        try:
            async with self._opened().post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                answer = await _read(response, who)
                if response.status != 200:
                    raise _failure(response.status, response.headers, answer, who)
                return answer
        except TimeoutError as error:
            raise TransientError(who, f"The embedding model {who} did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise TransientError(who, f"The endpoint of the embedding model {who} cannot be reached.") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=32, keepalive_timeout=30.0), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def address(text: str, setting: str) -> URL:
    """An endpoint's address as a URL.

    Raises:
        InvalidError: the field `model`, because it is no absolute http or https URL; `setting` says which one.
    """
    try:
        url = URL(text.strip())
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        why = f"{setting} is {text!r}, which is not an http or https URL; write it like http://host:8080/v1."
        raise InvalidError("model", why)
    return url


async def _read(response: aiohttp.ClientResponse, who: str) -> bytes:
    pieces: list[bytes] = []
    length = 0
    async for piece in response.content.iter_any():
        pieces.append(piece)
        length += len(piece)
        if length > _MOST_BYTES:
            raise RefusedError(who, f"The embedding model {who} answered with more than {_MOST_BYTES:,} bytes.")
    return b"".join(pieces)


def _failure(status: int, headers: Mapping[str, str], answer: bytes, who: str) -> UpstreamError:
    told = _told(answer)
    detail = f": “{fit_to_tell(told.message)}”" if told.message else ""
    if status in _KEY_STATUSES:
        # The provider's own words are left out: some repeat the key.
        sentence = f"The endpoint of the embedding model {who} refused the key ({status}); check it."
        return RefusedError(who, sentence, code=KEY_REFUSED)
    if status == 404:
        sentence = f"The endpoint has no embedding model {who}, or its address is wrong (404){detail}."
        return RefusedError(who, sentence, code=NO_MODEL)
    if status == 402 or str(told.code) == "insufficient_quota":
        return RefusedError(who, f"The quota for the embedding model {who} is used up; see to the account.")
    if status >= 500 or status in _AGAIN:
        limited = "limits how fast it may be called" if status == 429 else f"failed ({status})"
        sentence = f"The endpoint of the embedding model {who} {limited}."
        return TransientError(who, sentence, retry_after=retry_after_of(headers))
    if status < 400:
        return RefusedError(who, f"The endpoint of {who} answered with a redirection ({status}); mend its address.")
    return RefusedError(who, f"The embedding model {who} refused the texts ({status}){detail}.")


def _told(answer: bytes) -> _Told:
    try:
        trouble = msgspec.json.decode(answer, type=_Trouble).error
    except (msgspec.DecodeError, UnicodeError):
        return _Told()
    return _Told(message=trouble) if isinstance(trouble, str) else trouble or _Told()
