"""Conversations of the native dialect, as tests look at them."""

import msgspec

from tests.dialects.native.client import Answer, Message, Native


class Named(msgspec.Struct):
    id: str
    name: str


class Agent(msgspec.Struct):
    id: str
    slug: str


class Match(msgspec.Struct):
    message_id: str
    snippet: str


class Talk(msgspec.Struct):
    """A conversation, as far as most tests look."""

    id: str
    agent: Agent
    data_set: Named | None
    account_id: str
    title: str
    tags: list[str]
    metadata: dict[str, str]
    archived_at: str | None
    message_count: int
    last_event: int
    match: Match | None


class TalkPage(msgspec.Struct):
    items: list[Talk]
    has_more: bool
    next_cursor: str | None
    has_all_words: bool


class Entry(msgspec.Struct):
    """A message or a reply."""

    id: str
    role: str
    text: str
    answers: str | None


class EntryPage(msgspec.Struct):
    items: list[Entry]
    has_more: bool
    next_cursor: str | None


def talk_of(answer: Answer) -> Talk:
    """The conversation of an answer."""
    assert answer.status in {200, 201}, answer.body
    return msgspec.json.decode(answer.body, type=Talk)


def talks_of(answer: Answer) -> TalkPage:
    """The conversations of an answer."""
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=TalkPage)


class Talks:
    """What one client does with conversations."""

    def __init__(self, native: Native) -> None:
        self._native = native

    async def begin(self, *, agent: str = "helper", **labels: object) -> str:
        """Begin one without a message; its id."""
        return talk_of(await self._native.post("/conversations", {"agent": agent, **labels})).id

    async def say(self, talk: str, text: str) -> str:
        """Send a message and wait for its end; its id."""
        sent = await self._native.post(f"/conversations/{talk}/messages", {"text": text}, Prefer="wait=30")
        assert msgspec.json.decode(sent.body, type=Message).status == "completed", sent.body
        return msgspec.json.decode(sent.body, type=Message).id

    async def entries(self, talk: str, query: str = "") -> list[list[Entry]]:
        """The messages of one, page by page."""
        pages: list[list[Entry]] = []
        cursor: str | None = ""
        while cursor is not None:
            address = f"/conversations/{talk}/messages?{query}{'&cursor=' + cursor if cursor else ''}"
            page = msgspec.json.decode((await self._native.get(address)).body, type=EntryPage)
            assert page.has_more == (page.next_cursor is not None)
            pages.append(page.items)
            cursor = page.next_cursor
        return pages

    async def texts(self, talk: str, query: str = "") -> list[list[str]]:
        """The texts of the messages of one, page by page."""
        return [[entry.text for entry in page] for page in await self.entries(talk, query)]

    async def pages(self, query: str) -> list[str]:
        """The ids of all that a list has, read page by page."""
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = talks_of(await self._native.get(f"/conversations?{query}{'&cursor=' + cursor if cursor else ''}"))
            found.extend(talk.id for talk in page.items)
            cursor = page.next_cursor
        return found
