"""`/conversations/{conversation_id}/events/ws`: the log of a conversation over a WebSocket, the same JSON as in a stream."""

import asyncio
import logging
from collections.abc import Mapping

import msgspec
from litestar import WebSocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.events import LogOf, Stream
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotAllowedError, NotFoundError, NotSignedInError, TurnkeeperError
from turnkeeper.core.log_news import Beat, End, EndReason
from turnkeeper.dialects.native.errors import MEDIA_TYPE, problem_of, refusal_of
from turnkeeper.dialects.native.faults import FaultsError
from turnkeeper.dialects.native.queries.events import StreamWanted, stream_wanted
from turnkeeper.dialects.native.streams import end_json
from turnkeeper.dialects.native.translate.events import event_json
from turnkeeper.dialects.native.translate.ids import conversation_in
from turnkeeper.http_kit.addresses import client_of
from turnkeeper.http_kit.browser import is_from_here, session_from
from turnkeeper.http_kit.cutting import cut, extensions_of
from turnkeeper.http_kit.headers import request_id_from, secret_from

Socket = WebSocket[None, None, State]

KEY_SECONDS = 10.0
"""How long a client that sent no header may take to say its key."""
WRITE_SECONDS = 30.0
"""How long a client may take nothing before it is cut off."""
_DENIAL = "websocket.http.response"
_REFUSED, _DONE, _COME_BACK = 1008, 1000, 1012
_CODES: Mapping[EndReason, int] = {"closing": _COME_BACK, "access_ended": _REFUSED, "deleted": _REFUSED}
_MOST_REASON_BYTES = 120

_log = logging.getLogger(__name__)


class _KeyBody(msgspec.Struct, forbid_unknown_fields=True):
    key: str


_KEY = msgspec.json.Decoder(_KeyBody)


class EventSockets:
    """The handler. The key comes in a header or as the first message: `{"key": "…"}`; pages of our own have a session."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def serve(self, socket: Socket) -> None:
        """One connection, from the handshake to its end."""
        try:
            wanted = stream_wanted(socket.scope["query_string"], None)
            secret = _secret_in(socket)
            caller = None if secret is None else await self._caller(secret, socket)
            cookie = session_from(socket.headers) if secret is None else None
            if cookie is not None and is_from_here(socket.headers):
                address = client_of(socket.scope)
                caller, secret = await self._actions.signin.caller_of_session(cookie, address=address), cookie
        except (TurnkeeperError, FaultsError) as error:
            await _deny(socket, error)
            return
        if secret is not None and caller is not None:
            await self._serve_known(socket, caller, secret, wanted)
        else:
            await self._serve_unknown(socket, wanted)

    async def _serve_known(self, socket: Socket, caller: Caller, secret: str, wanted: StreamWanted) -> None:
        try:
            part = await self._actions.events.part(caller, _log_in(socket), after=wanted.after, until=wanted.until)
        except TurnkeeperError as error:
            await _deny(socket, error)
            return
        await socket.accept()
        with self._actions.events.following(caller, secret, part) as stream:
            await _send_along(socket, stream)

    async def _serve_unknown(self, socket: Socket, wanted: StreamWanted) -> None:
        """Who cannot send headers says the key first; what is wrong with it is told in the closing frame."""
        await socket.accept()
        try:
            async with asyncio.timeout(KEY_SECONDS):
                secret = _KEY.decode(await socket.receive_data("text")).key
            caller = await self._caller(secret, socket)
            part = await self._actions.events.part(caller, _log_in(socket), after=wanted.after, until=wanted.until)
        except WebSocketDisconnect:
            return
        except (TimeoutError, msgspec.DecodeError, UnicodeError, RecursionError):
            await socket.close(_REFUSED, 'Send {"key": "<your key>"} as the first message.')
            return
        except TurnkeeperError as error:
            await socket.close(_REFUSED, _cut_short(refusal_of(error).detail))
            return
        with self._actions.events.following(caller, secret, part) as stream:
            await _send_along(socket, stream)

    async def _caller(self, secret: str, socket: Socket) -> Caller:
        caller = await self._actions.signin.caller_of(secret, address=client_of(socket.scope))
        if "read" not in caller.scopes:
            raise NotAllowedError("This key may not do that: it lacks the scope `read`.", code="scope_missing")
        return caller


async def _send_along(socket: Socket, stream: Stream) -> None:
    watching = asyncio.create_task(_until_left(socket, stream))
    try:
        await _send_all(socket, stream)
    except TimeoutError:
        _log.info("a reader was cut off, because it took nothing", extra={"path": socket.scope["path"]})
        cut(socket.scope)
    except (WebSocketDisconnect, ConnectionError):
        pass  # the client is gone
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _send_all(socket: Socket, stream: Stream) -> None:
    while True:
        news = await stream.news()
        match news:
            case Beat():
                pass  # the connection sends pings by itself
            case End(reason="left"):
                return
            case End(reason=reason):
                await _send(socket, end_json(reason, stream.position))
                async with asyncio.timeout(WRITE_SECONDS):
                    await socket.close(_CODES.get(reason, _DONE), reason)
                return
            case _:
                for line in news:
                    await _send(socket, line.spelled(event_json))


async def _send(socket: Socket, text: bytes) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await socket.send_text(text.decode())


async def _until_left(socket: Socket, stream: Stream) -> None:
    """Nothing that the client says means anything; that it leaves does."""
    try:
        while True:
            await socket.receive_data("text")
    except (WebSocketDisconnect, RuntimeError):
        stream.leave()


async def _deny(socket: Socket, error: Exception) -> None:
    """Refuse the handshake with the problem as its answer, where the server can, else by closing."""
    refusal = refusal_of(error)
    if _DENIAL not in extensions_of(socket.scope):
        await socket.close(_REFUSED, _cut_short(refusal.detail))
        return
    problem = problem_of(refusal, path=socket.scope["path"], request_id=request_id_from(socket.headers))
    headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store", **refusal.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await socket.send({"type": "websocket.http.response.start", "status": refusal.status, "headers": raw})  # pyright: ignore[reportArgumentType] - Litestar's types lack the extension
    await socket.send({"type": "websocket.http.response.body", "body": msgspec.json.encode(problem)})  # pyright: ignore[reportArgumentType]


def _secret_in(socket: Socket) -> str | None:
    try:
        return secret_from(socket.headers)
    except NotSignedInError as error:
        if error.code == "missing" and "authorization" not in socket.headers:
            return None
        raise


def _log_in(socket: Socket) -> LogOf:
    text = str(socket.path_params["conversation_id"])
    found = conversation_in(text)
    if found is None:
        raise NotFoundError("conversation", text)
    return LogOf(conversation=found)


def _cut_short(sentence: str) -> str:
    """As much of it as a closing frame holds."""
    return sentence.encode()[:_MOST_REASON_BYTES].decode(errors="ignore")
