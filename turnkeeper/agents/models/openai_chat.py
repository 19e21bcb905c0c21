"""Models behind any OpenAI-compatible endpoint: our own lean streaming client of `POST /chat/completions`."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
import msgspec
from yarl import URL

from turnkeeper.agents.model import LanguageModel, ModelDelta, ModelRequest
from turnkeeper.agents.models.chat_errors import failure_of_response
from turnkeeper.agents.models.chat_reply import ReplyReader
from turnkeeper.agents.models.chat_wire import body_of
from turnkeeper.core.errors import InvalidError, StartError, TransientError

_LONGEST_ERROR = 64 * 1024
_ATTEMPTS_TO_SEND = 2
_HOST_WITH_NEW_LIMIT_FIELD = "api.openai.com"
"""OpenAI's newer models refuse `max_tokens`; most compatible servers know nothing else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadlines:
    """Seconds that a provider may be silent."""

    connect: float = 10.0
    first_byte: float = 120.0
    """From the request to the first byte of the reply's body: a long prompt on a small machine takes its time."""
    between_bytes: float = 60.0
    after_end: float = 5.0
    """From the model's last word to the end of the stream, which brings the usage; missing it is no failure."""


class OpenAIChat:
    """One endpoint and its connections. What `open` opens, `close` closes."""

    def __init__(self, *, base_url: str, api_key: str | None, deadlines: Deadlines | None = None) -> None:
        """`base_url` is what stands before `/chat/completions`, such as `https://api.openai.com/v1`.

        Raises:
            StartError: the address is not an absolute http or https URL.
        """
        url = URL(base_url.strip())
        if url.scheme not in {"http", "https"} or not url.host:
            raise StartError(
                f"The model provider's address {base_url!r} is not an http or https URL; write it like http://host:8080/v1."
            )
        self._url = url / "chat/completions"
        self._limit_field = "max_completion_tokens" if url.host == _HOST_WITH_NEW_LIMIT_FIELD else "max_tokens"
        self._deadlines = deadlines or Deadlines()
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
        }
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make ready; no connection is opened before it is needed."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._deadlines.connect)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30.0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout,
        )

    async def close(self) -> None:
        """Close all connections; calls under way break off."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def model(self, name: str) -> LanguageModel:
        """The endpoint's model of this name; it is not asked whether it has one.

        Raises:
            InvalidError: the name is blank.
        """
        if not name.strip():
            raise InvalidError("model", "Name the model behind the colon, like openai:gpt-4o-mini.")
        return _ChatModel(self, name.strip())

    async def stream(self, model: str, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Call one model; see `LanguageModel.stream`."""
        who = f"openai:{model}"
        body = msgspec.json.encode(body_of(request, model=model, limit_field=self._limit_field))
        reader = ReplyReader(who)
        try:
            async with await self._send(body, who) as response, _Patience(response, self._deadlines) as patience:
                while not reader.is_done:
                    try:
                        chunk = await patience.read(is_finished=reader.is_finished)
                    except (aiohttp.ClientError, TimeoutError):
                        if reader.is_finished:
                            break
                        raise
                    if not chunk:
                        break
                    if (text := reader.feed(chunk)) is not None:
                        yield text
                for delta in reader.end():
                    yield delta
        except TimeoutError as error:
            raise TransientError(who, "The model provider did not answer in time.") from error
        except aiohttp.ClientConnectorError as error:
            raise TransientError(who, "The model provider cannot be reached.") from error
        except aiohttp.ClientError as error:
            raise TransientError(who, "The connection to the model provider broke off.") from error

    async def _send(self, body: bytes, who: str) -> aiohttp.ClientResponse:
        """The response to the request, once its status is known to be 200."""
        assert self._session is not None, "open() comes first"
        for attempt in range(1, _ATTEMPTS_TO_SEND + 1):
            try:
                async with asyncio.timeout(self._deadlines.connect + self._deadlines.first_byte):
                    response = await self._session.post(
                        self._url, data=body, headers=self._headers, allow_redirects=False
                    )
                break
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                # A kept connection may have been closed by the server just now; a fresh one tells.
                if attempt == _ATTEMPTS_TO_SEND:
                    raise
        else:
            raise AssertionError
        if response.status == 200:
            return response
        async with response, asyncio.timeout(self._deadlines.connect):
            told = b""
            async for chunk in response.content.iter_any():
                told += chunk
                if len(told) > _LONGEST_ERROR:
                    break
        raise failure_of_response(response.status, response.headers, told, who=who)


@dataclass(frozen=True, slots=True)
class _ChatModel:
    """One model of an endpoint."""

    endpoint: OpenAIChat
    name: str
    sees_images: bool = True

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        return self.endpoint.stream(self.name, request)


class _Patience:
    """Reads a response's body and gives up after a silence.

    One timer serves the whole reply and looks, when it fires, how long the read under way has waited: a timer for each
    read would cost more than parsing what is read.
    """

    def __init__(self, response: aiohttp.ClientResponse, deadlines: Deadlines) -> None:
        self._content = response.content
        self._deadlines = deadlines
        self._allowed = 0.0
        self._any_came = False
        self._loop = asyncio.get_running_loop()
        self._waiting_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "_Patience":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def read(self, *, is_finished: bool) -> bytes:
        """The next bytes of the body; none at its end.

        Raises:
            TimeoutError: none came in time.
        """
        deadlines = self._deadlines
        silence = deadlines.between_bytes if self._any_came else deadlines.first_byte
        allowed = deadlines.after_end if is_finished else silence
        if allowed != self._allowed:
            self._allowed = allowed
            self._watch(allowed)
        self._waiting_since = self._loop.time()
        chunk = await self._content.readany()
        self._waiting_since = None
        self._any_came = True
        return chunk

    def _watch(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        waited = 0.0 if self._waiting_since is None else self._loop.time() - self._waiting_since
        # The loop's clock is coarse: a timer may fire a hair before its moment.
        if self._waiting_since is not None and waited >= self._allowed - 0.01:
            self._content.set_exception(TimeoutError())
        else:
            self._watch(max(self._allowed - waited, 0.01))
