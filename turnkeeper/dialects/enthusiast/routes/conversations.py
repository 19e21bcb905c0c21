"""Conversations: begin, list, read, send a message.

Source: reference, section 3.6; the page "Run a Conversation via the API".
"""

from functools import partial

from litestar import HttpMethod, Response, post, route
from litestar.handlers import HTTPRouteHandler

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.conversations import Own
from turnkeeper.core.conversations import Talk
from turnkeeper.dialects.enthusiast import paging, query, shapes, translate
from turnkeeper.dialects.enthusiast.answers import READ, answer, other_methods, replayed
from turnkeeper.dialects.enthusiast.body import HttpRequest, read_body
from turnkeeper.dialects.enthusiast.fields import FormError
from turnkeeper.dialects.enthusiast.signing_in import signed_in
from turnkeeper.http_kit.fast_lane import Lane
from turnkeeper.http_kit.headers import idempotency_key_from, request_id_from

MANY = "/api/conversations"
ONE = "/api/conversations/{conversation_id:str}"


class ConversationRoutes:
    """The handlers, bound to the actions."""

    def __init__(self, actions: Actions) -> None:
        self._signin = actions.signin
        self._conversations = actions.conversations

    def handlers(self) -> list[HTTPRouteHandler]:
        """What to register."""
        return [
            other_methods(self._signin, MANY, *READ, HttpMethod.POST),
            post(MANY)(self.create),
            route(MANY, http_method=READ)(self.page),
            other_methods(self._signin, ONE, *READ, HttpMethod.POST),
            post(ONE)(self.send),
            route(ONE, http_method=READ)(self.read),
        ]

    def lanes(self) -> list[Lane]:
        """What is asked all the time."""
        return [
            Lane(method="POST", path=MANY, handler=self.create),
            Lane(method="POST", path=ONE, handler=self.send),
            Lane(method="GET", path=ONE, handler=self.read),
        ]

    async def create(self, request: HttpRequest) -> Response[bytes]:
        """Begin a conversation, with an agent or with the oldest agent of a data set."""
        caller = await signed_in(self._signin, request, "converse")
        body = await read_body(request)
        new = shapes.new_conversation(body.fields)
        key = idempotency_key_from(request.headers, method="POST", path=MANY, body=body.canonical)
        made = await self._conversations.create(
            caller, agent_id=new.agent_id, data_set_id=new.data_set_id, origin="api", key=key
        )
        shape = translate.detail(Talk(conversation=made.value, messages=()))
        return answer(shape, status=201, headers=replayed(made.replayed))

    async def page(self, request: HttpRequest) -> Response[bytes]:
        """A page of the caller's conversations, newest first."""
        caller = await signed_in(self._signin, request, "read")
        given = dict(query.parameters(request))
        wanted = paging.wanted(given)
        data_set_id, agent_id = query.filters(given, "data_set_id", "agent_id")
        listed = partial(self._conversations.list_own, caller, agent_id=agent_id, data_set_id=data_set_id)
        number = wanted.number
        if number is None:
            count, _ = await listed(offset=0, limit=0)
            number = paging.last_page(count, wanted.size)
        count, found = await listed(offset=(number - 1) * wanted.size, limit=wanted.size)
        last = paging.last_page(count, wanted.size)
        if number > last:
            raise paging.InvalidPageError
        links = paging.links(request, number=number, last=last)
        shape = shapes.ConversationPage(
            count=count, next=links.next, previous=links.previous, results=translate.rows(found)
        )
        return answer(shape)

    async def read(self, request: HttpRequest) -> Response[bytes]:
        """A conversation of the caller's with its messages."""
        caller = await signed_in(self._signin, request, "read")
        wanted = query.id_in_path("conversation", request.path_params["conversation_id"])
        return answer(translate.detail(await self._conversations.read(caller, conversation=wanted, only_own=True)))

    async def send(self, request: HttpRequest) -> Response[bytes]:
        """Accept a message; the task that answers it can be asked for at once."""
        caller = await signed_in(self._signin, request, "converse")
        wanted = query.id_in_path("conversation", request.path_params["conversation_id"])
        body = await read_body(request)
        try:
            new = shapes.new_message(body.fields)
        except FormError:
            # Who may not know of the conversation learns nothing else: 404 comes before 400.
            await self._conversations.get(caller, conversation=wanted, only_own=True)
            raise
        sent = await self._conversations.send(
            caller,
            conversation=wanted,
            text=new.text,
            own=Own(data_set_id=new.data_set_id),
            attached=new.file_ids,
            key=idempotency_key_from(request.headers, method="POST", path=f"{MANY}/{wanted}", body=body.canonical),
            request_id=request_id_from(request.headers),
        )
        shape = shapes.Sent(task_id=sent.value.message_public_id, streaming=False)
        return answer(shape, status=202, headers=replayed(sent.replayed))
