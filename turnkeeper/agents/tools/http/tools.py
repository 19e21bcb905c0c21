"""The tools `http_get` and `http_request`, made for one agent from its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

import msgspec
from yarl import URL

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.secrets import Secrets
from turnkeeper.agents.tools.http.answers import printed
from turnkeeper.agents.tools.http.client import Fetched, HttpClient
from turnkeeper.agents.tools.http.rules import READING, described, is_header, read_url, rule_for
from turnkeeper.agents.tools.outcomes import NoAnswerError, cut_off
from turnkeeper.agents.tools.secret_values import hidden, revealed
from turnkeeper.agents.tools.tool import Tool, ToolContext, ToolOutput, read_arguments
from turnkeeper.core.agents import HttpRule
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolFailedError, ToolRetryError, TransientError

HTTP_GET = "http_get"
HTTP_REQUEST = "http_request"
MOST_REDIRECTS = 5
_LONGEST_URL = 8_000
_OUR_NAMES = """
host content-length transfer-encoding connection upgrade te trailer keep-alive expect cookie idempotency-key
proxy-authorization proxy-connection
"""
_OURS = frozenset(_OUR_NAMES.split())
"""Headers that a model may not set."""
_WAY_BROKEN = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""Whoever answers so does not know what happened behind it."""
_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HEADERS = {"type": "object", "additionalProperties": {"type": "string"}, "description": "More headers, rarely needed."}


class HttpTools:
    """The HTTP tools of all agents of a process, over the same connections; an async context manager."""

    def __init__(self, secrets: Secrets, client: HttpClient | None = None) -> None:
        self._secrets = secrets
        self._client = client or HttpClient()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    def tools(self, rules: Sequence[HttpRule]) -> tuple[Tool, ...]:
        """The tools that the rules leave something to do for."""
        tools: list[Tool] = []
        if any(method in READING for rule in rules for method in rule.methods):
            tools.append(HttpGet(rules, self._client, self._secrets))
        if any(method not in READING for rule in rules for method in rule.methods):
            tools.append(HttpRequest(rules, self._client, self._secrets))
        return tuple(tools)


@dataclass(frozen=True, kw_only=True, slots=True)
class GetArguments:
    """What the model wants to read."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    head_only: bool = False
    as_text: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestArguments:
    """What the model wants to send. `json` is sent as JSON, `body` as it is; at most one of them."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    json: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    body: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A checked request: where to, under which rule, with which headers (secrets among them)."""

    method: str
    url: URL
    rule: HttpRule
    headers: Mapping[str, str]
    revealed: Mapping[str, str]
    body: bytes | None = None


class _Desk:
    """What both tools do: check, reveal, fetch, print."""

    def __init__(self, rules: Sequence[HttpRule], client: HttpClient, secrets: Secrets) -> None:
        self._rules = tuple(rules)
        self._client = client
        self._secrets = secrets

    async def ask(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        context: ToolContext,
        *,
        body: bytes | None = None,
    ) -> _Asked:
        """The request that the rules make of this; headers of the rule win over the model's."""
        rule = rule_for(self._rules, url, method)
        known = await revealed(self._secrets, context.organization_id, rule.headers)
        fixed = {name.lower() for name in known}
        chosen = {name: value for name, value in _checked(headers).items() if name.lower() not in fixed}
        ours = {} if any(name.lower() == "user-agent" for name in (*fixed, *chosen)) else {"User-Agent": "Turnkeeper"}
        return _Asked(method=method, url=url, rule=rule, headers={**ours, **chosen, **known}, revealed=known, body=body)

    async def fetch(self, asked: _Asked) -> Fetched:
        """The answer. Raises as `HttpClient.fetch`."""
        return await self._client.fetch(
            asked.method,
            asked.url,
            headers=asked.headers,
            body=asked.body,
            allows_private_addresses=asked.rule.allows_private_addresses,
        )


class HttpGet:
    """Reads an address; follows redirects as far as the rules go."""

    kind: ToolKind = "pure"

    def __init__(self, rules: Sequence[HttpRule], client: HttpClient, secrets: Secrets) -> None:
        readable = [rule for rule in rules if any(method in READING for method in rule.methods)]
        self._desk = _Desk(readable, client, secrets)
        self.spec = ToolSpec(
            name=HTTP_GET,
            description=f"Read an address over HTTP; it changes nothing. Allowed: {described(readable)}.",
            parameters={
                "type": "object",
                "properties": {
                    "url": {"type": "string", "description": "An absolute http or https URL."},
                    "as_text": {"type": "boolean", "description": "Of web pages only the words; true when left out."},
                    "head_only": {"type": "boolean", "description": "Ask only whether it is there (HEAD)."},
                    "headers": _HEADERS,
                },
                "required": ["url"],
                "additionalProperties": False,
            },
        )

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Read. Raises: ToolRetryError and ToolFailedError with a sentence for the model."""
        wanted = read_arguments(arguments, GetArguments)
        method, url = "HEAD" if wanted.head_only else "GET", _address(wanted.url)
        for _ in range(MOST_REDIRECTS + 1):
            asked = await self._desk.ask(method, url, wanted.headers, context)
            try:
                fetched = await self._desk.fetch(asked)
            except NoAnswerError as error:
                raise cut_off("pure", HTTP_GET, error) from error
            if not (300 <= fetched.status < 400 and fetched.location):
                text = printed(fetched, as_text=wanted.as_text)
                return ToolOutput(text=hidden(text, asked.rule.headers, asked.revealed))
            url = _address(str(_joined(url, fetched.location)))
        raise ToolFailedError(f"{wanted.url[:200]!r} redirects more than {MOST_REDIRECTS} times.")


class HttpRequest:
    """Sends a request that may change something. Redirects are shown, not followed: a call is one request."""

    kind: ToolKind = "at_most_once"

    def __init__(self, rules: Sequence[HttpRule], client: HttpClient, secrets: Secrets) -> None:
        changing = [rule for rule in rules if any(method not in READING for method in rule.methods)]
        self._rules = tuple(changing)
        self._desk = _Desk(changing, client, secrets)
        methods = sorted({method for rule in changing for method in rule.methods} - set(READING))
        self.spec = ToolSpec(
            name=HTTP_REQUEST,
            description=f"Send an HTTP request that may change something. Allowed: {described(changing)}.",
            parameters={
                "type": "object",
                "properties": {
                    "method": {"type": "string", "enum": methods},
                    "url": {"type": "string", "description": "An absolute http or https URL."},
                    "json": {"description": "The body, sent as JSON."},
                    "body": {"type": "string", "description": "The body as text, when it is not JSON."},
                    "headers": _HEADERS,
                },
                "required": ["method", "url"],
                "additionalProperties": False,
            },
        )

    def kind_of(self, arguments: str) -> ToolKind:
        """What the rule for this address says; `at_most_once` when there is none or the arguments are malformed."""
        try:
            wanted = read_arguments(arguments, RequestArguments)
            return rule_for(self._rules, _address(wanted.url), wanted.method.upper()).kind
        except (ToolRetryError, ToolFailedError):
            return self.kind

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Send; a keyed host gets the effect id as `Idempotency-Key`.

        Raises:
            ToolRetryError, ToolFailedError: with a sentence for the model.
            TransientError: it is to be sent again later, with the same key.
            OutcomeUnknownError: it may have been done, and must not be sent again.
        """
        wanted = read_arguments(arguments, RequestArguments)
        method = wanted.method.upper()
        if method in READING:
            raise ToolRetryError(f"{method} is asked with the tool {HTTP_GET!r}.")
        body, headers = _body(wanted)
        url = _address(wanted.url)
        asked = await self._desk.ask(method, url, headers, context, body=body)
        kind = asked.rule.kind
        if kind == "keyed":
            asked = replace(asked, headers={**asked.headers, "Idempotency-Key": str(context.effect_id)})
        try:
            fetched = await self._desk.fetch(asked)
        except NoAnswerError as error:
            raise cut_off(kind, HTTP_REQUEST, error) from error
        _check_answered(fetched, kind, url)
        return ToolOutput(text=hidden(printed(fetched, as_text=True), asked.rule.headers, asked.revealed))


def _address(text: str) -> URL:
    if len(text) > _LONGEST_URL:
        raise ToolRetryError(f"The URL has more than {_LONGEST_URL:,} characters.")
    return read_url(text)


def _joined(url: URL, location: str) -> URL:
    try:
        return url.join(URL(location))
    except ValueError as error:
        raise ToolFailedError(f"{str(url)!r} redirects to {location[:200]!r}, which is no URL.") from error


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if name.lower() in _OURS or not is_header(name, value):
            raise ToolRetryError(f"The header {name!r} cannot be set. Leave it out.")
    return headers


def _body(wanted: RequestArguments) -> tuple[bytes | None, Mapping[str, str]]:
    """The body, and the headers with its type."""
    if wanted.json is not msgspec.UNSET:
        if wanted.body is not None:
            raise ToolRetryError("Give the body as json or as body, not both.")
        return bytes(wanted.json), {"Content-Type": "application/json", **wanted.headers}
    if wanted.body is None:
        return None, wanted.headers
    if any(name.lower() == "content-type" for name in wanted.headers):
        return wanted.body.encode(), wanted.headers
    return wanted.body.encode(), {"Content-Type": "text/plain; charset=utf-8", **wanted.headers}


def _check_answered(fetched: Fetched, kind: ToolKind, url: URL) -> None:
    """Raise when the status says that nobody knows, or that a repeatable call should be repeated later."""
    why = f"{url.host!r} answered with HTTP {fetched.status}."
    if fetched.status in _WAY_BROKEN:
        raise cut_off(kind, HTTP_REQUEST, NoAnswerError(why, was_sent=True))
    if fetched.status in _LATER and kind in {"idempotent", "keyed"}:
        raise TransientError(HTTP_REQUEST, why, retry_after=fetched.retry_after)
