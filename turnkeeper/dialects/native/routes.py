"""The routes: read who asks and what, call one action, tell the result in the dialect's words."""

from dataclasses import replace
from functools import cached_property
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Response
from litestar.datastructures import State
from litestar.params import FromPath

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.dialects.native.forms import decide_form, empty_form
from turnkeeper.dialects.native.operations import TITLE, description
from turnkeeper.dialects.native.queries import approval_filter, cursor_behind, no_query
from turnkeeper.dialects.native.shapes import ApprovalsShape
from turnkeeper.dialects.native.translate import (
    approval_in,
    approval_shape,
    conversation_in,
    conversation_shape,
    message_in,
    message_shape,
)
from turnkeeper.http_kit.body import body_of
from turnkeeper.http_kit.headers import idempotency_key_from, secret_from, wait_from
from turnkeeper.http_kit.openapi_page import openapi_page

Asked = Request[None, None, State]

READ = (HttpMethod.GET, HttpMethod.HEAD)
MOST_BODY_BYTES = 100_000
"""The longest note fits, also when every character is escaped."""


class ApprovalRoutes:
    """`/approvals` and what is below."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def list_approvals(self, request: Asked) -> Response[bytes]:
        """A part of the approvals that the caller may see, newest first."""
        caller = await _caller(self._actions, request)
        wanted = approval_filter(request.scope["query_string"])
        # One more than is shown tells whether there are more.
        found = await self._actions.approvals.list(caller, replace(wanted, limit=wanted.limit + 1))
        shown = found[: wanted.limit]
        has_more = len(found) > len(shown)
        return _answer(
            ApprovalsShape(
                items=[approval_shape(approval) for approval in shown],
                has_more=has_more,
                next_cursor=cursor_behind(shown[-1]) if has_more else None,
            )
        )

    async def get_approval(self, request: Asked, approval: FromPath[str]) -> Response[bytes]:
        """One approval."""
        caller = await _caller(self._actions, request)
        no_query(request.scope["query_string"])
        public_id = _known("approval", approval, approval_in(approval))
        return _answer(approval_shape(await self._actions.approvals.get(caller, approval=public_id)))

    async def decide(self, request: Asked, approval: FromPath[str]) -> Response[bytes]:
        """Decide; the turn goes on."""
        caller = await _caller(self._actions, request)
        no_query(request.scope["query_string"])
        public_id = _known("approval", approval, approval_in(approval))
        body = await _body(request)
        form = decide_form(body, request.headers.get("content-type"))
        decided = await self._actions.approvals.decide(
            caller, approval=public_id, verdict=form.verdict, note=form.note, key=_key(request, body)
        )
        return _answer(approval_shape(decided.value), replayed=decided.replayed)


class MessageRoutes:
    """`/messages` and what is below."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def get_message(self, request: Asked, message: FromPath[str]) -> Response[bytes]:
        """One message; with `Prefer: wait=N` not before it is finished or N seconds are over."""
        caller = await _caller(self._actions, request)
        no_query(request.scope["query_string"])
        public_id = _known("message", message, message_in(message))
        wait_seconds = wait_from(request.headers)
        found = await self._actions.messages.standing(caller, message=public_id, wait_seconds=wait_seconds)
        return _answer(message_shape(found), waited=wait_seconds)

    async def cancel(self, request: Asked, message: FromPath[str]) -> Response[bytes]:
        """End a message that is not finished; how it stands then."""
        caller = await _caller(self._actions, request)
        no_query(request.scope["query_string"])
        public_id = _known("message", message, message_in(message))
        body = await _body(request)
        empty_form(body, request.headers.get("content-type"))
        done = await self._actions.messages.cancel(caller, message=public_id, key=_key(request, body))
        return _answer(message_shape(done.value), replayed=done.replayed)


class ConversationRoutes:
    """`/conversations` and what is below."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def get_conversation(self, request: Asked, conversation: FromPath[str]) -> Response[bytes]:
        """One conversation, without its messages."""
        caller = await _caller(self._actions, request)
        no_query(request.scope["query_string"])
        public_id = _known("conversation", conversation, conversation_in(conversation))
        return _answer(conversation_shape(await self._actions.conversations.get(caller, conversation=public_id)))


class AboutRoutes:
    """What the door says of itself; no key is needed. The documents are made when the first one asks."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    async def openapi(self) -> Response[bytes]:
        """The OpenAPI document."""
        return Response(content=self._json, media_type="application/json")

    async def page(self) -> Response[bytes]:
        """The same for people."""
        return Response(content=self._page, media_type="text/html; charset=utf-8")

    @cached_property
    def _json(self) -> bytes:
        return msgspec.json.encode(description(self._prefix))

    @cached_property
    def _page(self) -> bytes:
        return openapi_page(TITLE, description(self._prefix)).encode()


async def _caller(actions: Actions, request: Asked) -> Caller:
    return await actions.signin.caller_of(secret_from(request.headers))


async def _body(request: Asked) -> bytes:
    return await body_of(request.receive, most_bytes=MOST_BODY_BYTES)


def _key(request: Asked, body: bytes) -> IdempotencyKey | None:
    path = request.scope["path"].rstrip("/")
    return idempotency_key_from(request.headers, method=request.method, path=path, body=body or b"{}")


def _known(kind: str, text: str, found: UUID | None) -> UUID:
    """The id; what is none names nothing."""
    if found is None:
        raise NotFoundError(kind, text)
    return found


def _answer(content: msgspec.Struct, *, replayed: bool = False, waited: int = 0) -> Response[bytes]:
    headers = {"Cache-Control": "no-store"}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    if waited:
        headers["Preference-Applied"] = f"wait={waited}"
    return Response(
        content=msgspec.json.encode(content), status_code=200, media_type="application/json", headers=headers
    )
