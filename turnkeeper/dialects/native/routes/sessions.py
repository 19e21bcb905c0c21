"""`/sessions` and what is below."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.sessions import Visitor
from turnkeeper.core.sessions import SessionIdentity
from turnkeeper.dialects.native.answers import answer, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.forms.sessions import sign_in_form
from turnkeeper.dialects.native.operations import sessions as operations
from turnkeeper.dialects.native.shapes.sessions import CurrentSessionShape, SessionsShape
from turnkeeper.dialects.native.translate.ids import session_in
from turnkeeper.dialects.native.translate.sessions import current_session_shape, session_shape
from turnkeeper.http_kit.addresses import client_of
from turnkeeper.http_kit.browser import cookie, is_secure


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with sessions."""
    sessions = actions.sessions

    def shown(found: SessionIdentity, secret: str) -> CurrentSessionShape:
        return current_session_shape(found, secret, most_upload_bytes=actions.files.most_upload_bytes)

    async def start(asked: Asked) -> ASGIApp:
        form = sign_in_form(await asked.body(), asked.content_type)
        visitor = Visitor(
            address=client_of(asked.request.scope) or "",
            browser=asked.request.headers.get("user-agent") or "",
            request_id=asked.request_id,
        )
        if form.code is None:
            started = await sessions.sign_in(visitor, name=form.email, password=form.password)
        else:
            started = await sessions.sign_in_by_code(visitor, code=form.code)
        handed = cookie(started.secret, seconds=started.seconds, is_secure=_is_secure(asked))
        return answer(
            shown(started.identity, started.secret),
            status=201,
            location="/v1/sessions/current",
            headers={"Set-Cookie": handed},
        )

    async def current(asked: Asked) -> ASGIApp:
        return answer(shown(await sessions.current(asked.caller), asked.secret))

    async def list_sessions(asked: Asked) -> ASGIApp:
        found = await sessions.list(asked.caller)
        items = [session_shape(each, current=asked.caller.session_id) for each in found]
        return answer(SessionsShape(items=items, has_more=False, next_cursor=None))

    async def sign_out(asked: Asked) -> ASGIApp:
        body = await asked.body()
        empty_form(body, asked.content_type)
        done = await sessions.end(asked.caller, None, key=asked.key(body))
        taken = cookie("", seconds=0, is_secure=_is_secure(asked))
        return nothing(replayed=done.replayed, headers={"Set-Cookie": taken})

    async def end(asked: Asked) -> ASGIApp:
        session = asked.named("session_id", "session", session_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        done = await sessions.end(asked.caller, session, key=asked.key(body))
        return nothing(replayed=done.replayed)

    return [
        Endpoint(operation=operations.START, handle=start),
        Endpoint(operation=operations.LIST, handle=list_sessions),
        Endpoint(operation=operations.CURRENT, handle=current),
        Endpoint(operation=operations.SIGN_OUT, handle=sign_out),
        Endpoint(operation=operations.END, handle=end),
    ]


def _is_secure(asked: Asked) -> bool:
    return is_secure(asked.request.scope, asked.request.headers)
