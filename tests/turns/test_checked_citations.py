"""Citations of kept replies: checked against the documents as they were stored when the reply was made."""

from collections.abc import AsyncGenerator

import pytest

from tests.fakes.hashing_embedder import HashingEmbedder, NamedEmbedders
from tests.fakes.models import scripted_registry
from tests.fakes.people import People
from tests.fakes.rooms import rows_of
from tests.fakes.scripted_model import Call, CallsTools, Says, ScriptedModel
from tests.fakes.worker import Ends
from tests.retrieval.sources import page
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.agents.models.providers import Wires, model_providers
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.secrets import NoSecrets
from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.core.conversations import Citation, Message, Usage
from turnkeeper.core.events import Answer
from turnkeeper.retrieval.search import Search
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.documents import StoredDocuments
from turnkeeper.store.passages import PassageIndex
from turnkeeper.tasks.answer import AnswerMessage
from turnkeeper.tasks.citations import with_checked_citations

FIRST = "# Router R5\n\nThe lamp blinks red when the “line” is down. It costs 80 euro 😀 a piece."
SECOND = "# Router R5\n\nSince May all is new. The lamp blinks blue when the line is down."
SEARCH = CallsTools((Call(tool="search_documents", arguments='{"query": "lamp line"}'),))


class Desk:
    """Imports documents and answers questions about them, each by a call."""

    def __init__(self, database: Database, staff: People, changes: Changes, registry: Registry) -> None:
        self._database = database
        self._staff = staff
        self._talks = ConversationActions(database, changes)
        embedders = NamedEmbedders(minilm=HashingEmbedder())
        self._data_sets = DataSetActions(database, Search(PassageIndex(database), embedders), embedders)
        toolbox = Toolbox(tools=(search_in(database),), secrets=NoSecrets())
        self._answer = AnswerMessage(database, changes, registry, toolbox, Ends())

    async def bring(self, text: str) -> None:
        source = page("router.md", "Router R5", text)
        await self._data_sets.import_sources(self._staff.admin, self._staff.data_set_id, [source])

    async def answered(self, question: str) -> Message:
        sent = await self._talks.start(
            self._staff.admin, agent=self._staff.agent, text=question, mode="execute", origin="api"
        )
        await self._answer(sent.value.message_id)
        return await self.reply(sent.value.conversation_id)

    async def reply(self, conversation_id: int) -> Message:
        return (await self._talks.read(self._staff.admin, conversation=conversation_id)).messages[-1]


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedModel]:
    """The scripted model."""
    async with ScriptedModel() as model:
        yield model


def search_in(database: Database) -> SearchDocuments:
    return SearchDocuments(Search(PassageIndex(database), NamedEmbedders(minilm=HashingEmbedder())))


@pytest.fixture
async def desk(database: Database, staff: People, changes: Changes, model: ScriptedModel) -> AsyncGenerator[Desk]:
    """A desk whose answers are those of the scripted model."""
    async with scripted_registry(model.base_url) as registry:
        yield Desk(database, staff, changes, registry)


async def test_a_quote_is_kept_with_its_place_and_the_version_of_its_document(desk: Desk, model: ScriptedModel) -> None:
    await desk.bring(FIRST)
    model.will(SEARCH, Says('It says "when the "line" is down" [1], and “a piece” [1], and “for free” [1].'))
    reply = await desk.answered("When does it blink?")
    assert [(each.quote, each.document_version, each.verified) for each in reply.citations] == [
        ("line", 1, True),
        ("a piece", 1, True),
        ("for free", 1, False),
    ]
    assert [FIRST[each.start : each.end] == each.quote for each in reply.citations] == [True, True, False]


async def test_an_import_of_other_text_makes_a_new_version_and_leaves_old_citations_alone(
    desk: Desk, model: ScriptedModel
) -> None:
    await desk.bring(FIRST)
    model.will(SEARCH, Says("It blinks red [1]."), SEARCH, Says("It blinks blue [1]."), SEARCH, Says("Blue [1]."))
    old = await desk.answered("When does it blink?")
    await desk.bring(SECOND)
    new = await desk.answered("When does it blink?")
    await desk.bring(SECOND)
    [was] = (await desk.reply(old.conversation_id)).citations
    [now] = new.citations
    [still] = (await desk.answered("When does it blink?")).citations
    assert (was.document_version, now.document_version, still.document_version) == (1, 2, 2)
    assert (was.quote, now.quote) == (
        "The lamp blinks red when the “line” is down.",
        "The lamp blinks blue when the line is down.",
    )
    assert (was.document_id, was.verified, now.verified) == (now.document_id, True, True)
    assert FIRST[was.start : was.end] == was.quote
    assert SECOND[now.start : now.end] == now.quote


async def test_citations_of_the_model_that_copies_its_sentences_are_all_verified(
    database: Database, staff: People, changes: Changes
) -> None:
    registry = Registry(
        providers=model_providers({}, Wires()),
        default_model="extractive",
        secrets=NoSecrets(),
    )
    desk = Desk(database, staff, changes, registry)
    await desk.bring(FIRST)
    reply = await desk.answered("What does the router cost?")
    assert reply.citations
    assert {(each.document_version, each.verified) for each in reply.citations} == {(1, True)}


async def test_a_text_changed_between_search_and_answer_is_cited_as_it_is_now(
    database: Database, staff: People, desk: Desk
) -> None:
    await desk.bring(FIRST)
    [[document_id]] = await rows_of(database, "SELECT id FROM documents")
    start = FIRST.index("The lamp")
    stale = Citation(
        document_id=int(str(document_id)),
        title="Router R5",
        address="router.md",
        start=start,
        end=start + len("The lamp blinks"),
        quote="The lamp blinks",
        document_version=1,
    )
    await desk.bring(SECOND)
    answer = Answer(text="It blinks [1].", model="m", usage=Usage(), citations=(stale,))
    [citation] = (await with_checked_citations(database, staff.data_set_id, answer)).citations
    assert (SECOND[citation.start : citation.end], citation.document_version) == ("The lamp blinks", 2)
    assert citation.verified
    [elsewhere] = (await with_checked_citations(database, staff.closed_data_set_id, answer)).citations
    assert elsewhere == stale


async def test_places_beyond_the_end_or_upside_down_are_empty_and_harm_nothing(
    database: Database, staff: People, desk: Desk
) -> None:
    await desk.bring(FIRST)
    [[document_id]] = await rows_of(database, "SELECT id FROM documents")
    odd = [
        Citation(document_id=int(str(document_id)), title="", address="", start=start, end=end, quote="x")
        for start, end in ((10_000, 10_005), (5, 2))
    ]
    found = await StoredDocuments(database, staff.data_set_id).places(odd)
    assert [each.text for each in found if each is not None] == ["", ""]


async def test_replies_from_before_citations_were_checked_can_still_be_read(
    database: Database, desk: Desk, model: ScriptedModel
) -> None:
    await desk.bring(FIRST)
    model.will(SEARCH, Says("It blinks red [1]."))
    reply = await desk.answered("When does it blink?")
    await rows_of(
        database,
        """
        UPDATE messages SET citations =
            '[{"document_id": 7, "title": "T", "address": "t.md", "start": 0, "end": 4, "quote": "Text"}]'
        WHERE citations IS NOT NULL RETURNING id
        """,
    )
    assert (await desk.reply(reply.conversation_id)).citations == (
        Citation(document_id=7, title="T", address="t.md", start=0, end=4, quote="Text"),
    )
