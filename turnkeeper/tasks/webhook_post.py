"""One request to an endpoint: signed before, to checked addresses only, and not for long."""

from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self

from yarl import URL

from turnkeeper.agents.tools.http.look_up import LookUp
from turnkeeper.agents.tools.outcomes import NoAnswerError
from turnkeeper.core.errors import ToolFailedError

if TYPE_CHECKING:
    from turnkeeper.agents.tools.http.client import HttpClient

SECONDS = 10.0
"""From the connection to the whole answer."""
_CONNECT_SECONDS = 5.0
_ANSWER_BYTES = 64 * 1024
_SHOWN = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an endpoint said, or why it said nothing."""

    status: int | None
    error: str | None
    """A sentence, unless it took the delivery."""
    text: str | None
    """The beginning of its body."""
    retry_after: float | None
    """Seconds."""

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has the delivery."""
        return self.status is not None and 200 <= self.status < 300


class WebhookPost:
    """Sends; an async context manager. What it needs is imported and opened when it is first wanted."""

    def __init__(
        self, *, allows_private_addresses: bool, look_up: LookUp | None = None, seconds: float = SECONDS
    ) -> None:
        self._allows_private_addresses = allows_private_addresses
        self._look_up = look_up
        self._seconds = seconds
        self._client: HttpClient | None = None

    async def __call__(self, url: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """POST it. No redirect is followed, and names are looked up anew each time."""
        client = await self._opened()
        try:
            fetched = await client.fetch(
                "POST",
                URL(url),
                headers={"Content-Type": "application/json", "User-Agent": "Turnkeeper", **headers},
                body=body,
                allows_private_addresses=self._allows_private_addresses,
            )
        except NoAnswerError as error:
            return Answer(status=None, error=error.why, text=None, retry_after=None)
        except (ToolFailedError, ValueError) as error:  # not a public address; or not one that can be called at all
            return Answer(status=None, error=str(error), text=None, retry_after=None)
        text = fetched.body.decode("utf-8", "replace").replace("\x00", "\ufffd")[:_SHOWN]
        return Answer(
            status=fetched.status,
            error=_why_not(fetched.status),
            text=text or None,
            retry_after=fetched.retry_after if fetched.status in {429, 503} else None,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.__aexit__(None, None, None)
            self._client = None

    async def _opened(self) -> "HttpClient":
        if self._client is None:
            from turnkeeper.agents.tools.http.client import HttpClient, HttpLimits  # noqa: PLC0415 - slow import

            limits = HttpLimits(connect_seconds=_CONNECT_SECONDS, seconds=self._seconds, bytes=_ANSWER_BYTES)
            self._client = await HttpClient(look_up=self._look_up, limits=limits).__aenter__()
        return self._client


def _why_not(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"It answered {status}; redirects are not followed, so give the webhook its final address."
    phrase = next((each.phrase for each in HTTPStatus if each == status), "")
    return f"It answered {status} {phrase}".strip() + "."
