"""Answers as bytes, and the methods that a path does not have."""

from collections.abc import Sequence

import msgspec
from litestar import HttpMethod, Response, route
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler

from turnkeeper.actions.signin import SignIn
from turnkeeper.dialects.enthusiast.body import HttpRequest
from turnkeeper.dialects.enthusiast.signing_in import signed_in
from turnkeeper.http_kit.lean import JsonResponse

_ENCODER = msgspec.json.Encoder()
_METHODS = (HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE)
READ = (HttpMethod.GET, HttpMethod.HEAD)


def answer(shape: msgspec.Struct, *, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """A JSON answer."""
    return JsonResponse(_ENCODER.encode(shape), status=status, headers=headers)


def replayed(is_replayed: bool) -> dict[str, str]:  # noqa: FBT001 - the only thing it is about
    """The headers of an answer that may be the stored one of an earlier request."""
    return {"Idempotency-Replayed": "true"} if is_replayed else {}


def other_methods(signin: SignIn, path: str, *allowed: HttpMethod) -> HTTPRouteHandler:
    """A handler for all methods but these; as in the original, only those who signed in learn which there are.

    It goes before the path's other handlers: the first one decides how OPTIONS is answered.
    """
    names = ", ".join([*(method.value for method in _ordered(allowed)), "OPTIONS"])

    async def refuse(request: HttpRequest) -> Response[bytes]:
        await signed_in(signin, request, None)
        if request.method == HttpMethod.OPTIONS:
            return Response(b"", status_code=204, headers={"Allow": names})
        raise MethodNotAllowedException(headers={"Allow": names})

    others = [HttpMethod.OPTIONS, *(method for method in _METHODS if method not in allowed)]
    return route(path, http_method=others, status_code=405)(refuse)


def _ordered(allowed: Sequence[HttpMethod]) -> list[HttpMethod]:
    """GET, POST … HEAD: the order in which the original names them."""
    return sorted(allowed, key=lambda method: (method is HttpMethod.HEAD, _METHODS.index(method)))
