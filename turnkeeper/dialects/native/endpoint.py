"""One operation and the function that carries it out: what the door is a table of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from litestar import Request
from litestar.datastructures import State
from litestar.types import ASGIApp

from turnkeeper.actions.signin import SignIn
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.dialects.native.browsers import refuse_elsewhere, signed_in
from turnkeeper.dialects.native.queries.reading import no_query
from turnkeeper.http_kit.addresses import client_of
from turnkeeper.http_kit.body import body_of
from turnkeeper.http_kit.headers import idempotency_key_from, key_from, request_id_from, version_wanted_by, wait_from
from turnkeeper.http_kit.openapi import Operation
from turnkeeper.http_kit.rate_fields import telling
from turnkeeper.http_kit.route_table import Route, Serve

_NOBODY = Caller(organization_id=0, account_id=0, key_id=0, role="member", scopes=frozenset())
MOST_BODY_BYTES = 100_000
"""The longest note fits, also when every character is escaped."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request whose sender is known and may do what the operation does."""

    caller: Caller
    request: Request[None, None, State]
    secret: str
    """The key, or what the session's cookie holds."""

    def path(self, name: str) -> str:
        """What stands in the path in the place of this parameter."""
        return str(self.request.path_params[name])

    def named(self, name: str, kind: str, read: Callable[[str], T | None]) -> T:
        """The thing that the path names; `read` makes an id of the text.

        Raises:
            NotFoundError: the text is no such id, so it names nothing.
        """
        text = self.path(name)
        found = read(text)
        if found is None:
            raise NotFoundError(kind, text)
        return found

    @property
    def query(self) -> bytes:
        """The query string as it came."""
        return self.request.scope["query_string"]

    async def body(self, most_bytes: int = MOST_BODY_BYTES) -> bytes:
        """The whole body.

        Raises:
            InvalidError: it is too long, too slow or cut.
        """
        return await body_of(self.request.receive, most_bytes=most_bytes)

    @property
    def content_type(self) -> str | None:
        """What the body is said to be."""
        return self.request.headers.get("content-type")

    def key(self, body: bytes) -> IdempotencyKey | None:
        """The client's name for this request, with a fingerprint of its body."""
        path = self.request.scope["path"].rstrip("/")
        return idempotency_key_from(self.request.headers, method=self.request.method, path=path, body=body or b"{}")

    @property
    def version_wanted(self) -> int | None:
        """The version that `If-Match` asks for; None when any will do."""
        return version_wanted_by(self.request.headers)

    @property
    def wait_seconds(self) -> int:
        """How long the client would wait for an end: `Prefer: wait=N`."""
        return wait_from(self.request.headers)

    @property
    def request_id(self) -> str | None:
        """The request in the server's log."""
        return request_id_from(self.request.headers)


Handler = Callable[[Asked], Awaitable[ASGIApp]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An operation, as it is described, and what carries it out."""

    operation: Operation
    handle: Handler


def mounted(endpoint: Endpoint, prefix: str, signin: SignIn) -> Route:
    """The route of an endpoint: who asks and what for is checked here, so that no operation can forget it.

    An operation that describes no query parameter takes none.
    """
    operation = endpoint.operation
    if operation.is_open:
        return _route(operation, prefix, _open(endpoint))
    takes_query = any(parameter.where == "query" for parameter in operation.parameters)
    scope = operation.scope
    assert scope is not None, f"The operation {operation.name} has no scope."

    async def serve(request: Request[None, None, State]) -> ASGIApp:
        secret = key_from(request.headers)
        if secret is None:
            caller, secret = await signed_in(signin, request)
        else:
            caller = await signin.caller_of(secret, tell=telling(request.scope), address=client_of(request.scope))
        caller.check(scope)
        caller = caller.asking(request_id_from(request.headers))
        if not takes_query:
            no_query(request.scope["query_string"])
        return await endpoint.handle(Asked(caller=caller, request=request, secret=secret))

    return _route(operation, prefix, serve)


def _open(endpoint: Endpoint) -> Serve:
    """An operation for those who are not known yet. A page of another origin may not ask for it in their browsers."""

    async def serve(request: Request[None, None, State]) -> ASGIApp:
        refuse_elsewhere(request.headers)
        no_query(request.scope["query_string"])
        return await endpoint.handle(Asked(caller=_NOBODY, request=request, secret=""))

    return serve


def _route(operation: Operation, prefix: str, serve: Serve) -> Route:
    return Route(method=operation.method.upper(), path=prefix + operation.path, serve=serve)
