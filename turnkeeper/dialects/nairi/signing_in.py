"""Who asks: the key of a request, and whether it is good for what is asked."""

from litestar import Request
from litestar.datastructures import State

from turnkeeper.actions.signin import SignIn
from turnkeeper.core.accounts import Caller, Scope
from turnkeeper.http_kit.addresses import client_of
from turnkeeper.http_kit.headers import request_id_from, secret_from
from turnkeeper.http_kit.rate_fields import telling


async def signed_in(signin: SignIn, request: Request[None, None, State], scope: Scope) -> Caller:
    """The caller, whose key is good for `scope`.

    Raises:
        NotAllowedError: the key lacks the scope.
        NotSignedInError: there is no good key.
        RateLimitedError: the key has made all the requests that it may make for now, or too many wrong keys came.
    """
    secret, address = secret_from(request.headers), client_of(request.scope)
    caller = await signin.caller_of(secret, tell=telling(request.scope), address=address)
    caller.check(scope)
    return caller.asking(request_id_from(request.headers))
