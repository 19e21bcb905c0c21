"""Who asks by the cookie of a browser, and whether the page that asks is our own.

A browser sends a cookie whoever wrote the page. So a change needs two things that a page of another origin does not have: a
token that only an answer to the session tells, and the browser's own word for where the request comes from.
"""

from litestar import Request
from litestar.datastructures import State

from turnkeeper.actions.signin import SignIn
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotAllowedError, NotSignedInError
from turnkeeper.core.sessions import is_csrf_token
from turnkeeper.http_kit.addresses import client_of
from turnkeeper.http_kit.browser import CSRF_HEADER, is_from_elsewhere, is_from_here, session_from
from turnkeeper.http_kit.headers import Headers

_READS = frozenset({"GET", "HEAD"})


async def signed_in(signin: SignIn, request: Request[None, None, State]) -> tuple[Caller, str]:
    """The caller behind the session's cookie, and what it holds.

    Raises:
        NotAllowedError: code `other_origin` or `csrf_token`: the request is not known to come from a page of ours.
        NotSignedInError: there is no cookie, or its session is over.
    """
    secret = session_from(request.headers)
    if secret is None:
        raise NotSignedInError("No API key came with the request; send `Authorization: Bearer <key>`.")
    refuse_elsewhere(request.headers)
    caller = await signin.caller_of_session(secret, address=client_of(request.scope))
    if request.method not in _READS:
        if not is_from_here(request.headers):
            raise _other_origin()
        if not is_csrf_token(request.headers.get(CSRF_HEADER) or "", secret):
            raise NotAllowedError(
                "The header X-CSRF-Token is not the session's; GET /v1/sessions/current tells it.", code="csrf_token"
            )
    return caller, secret


def refuse_elsewhere(headers: Headers) -> None:
    """Let no page of another origin ask in somebody's name.

    Raises:
        NotAllowedError: code `other_origin`.
    """
    if is_from_elsewhere(headers):
        raise _other_origin()


def _other_origin() -> NotAllowedError:
    return NotAllowedError(
        "A browser's session is for pages of this server only; elsewhere use an API key.", code="other_origin"
    )
