"""What callers may do with conversations, and what they may see of them."""

import asyncio

import pytest
from psycopg import sql

from tests.fakes.people import People
from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.store.database import Database


def key(name: str, body: bytes = b"body") -> IdempotencyKey:
    return IdempotencyKey(route="POST /somewhere", key=name, fingerprint=body)


async def count(database: Database, table: str) -> int:
    async with database.connection() as connection:
        cursor = await connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])


async def test_an_accepted_message_comes_with_its_event_and_its_task(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    await conversations.start(staff.member, agent=staff.agent, text="Hello", mode="ask", origin="api")
    counts = [await count(database, table) for table in ("conversations", "messages", "events", "procrastinate_jobs")]
    assert counts == [1, 1, 1, 1]


async def test_a_conversation_is_seen_by_its_owner_and_by_admins_only(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = (
        await conversations.start(staff.member, agent=staff.agent, text="Hello", mode="ask", origin="api")
    ).value
    number, message = accepted.conversation_id, accepted.message_public_id

    for caller in (staff.member, staff.admin):
        assert (await conversations.get(caller, conversation=number)).summary == "Hello"
        assert (await conversations.message(caller, message=message)).text == "Hello"
    with pytest.raises(NotFoundError):
        await conversations.get(staff.admin, conversation=number, only_own=True)
    with pytest.raises(NotFoundError):
        await conversations.read(staff.outsider, conversation=number)
    with pytest.raises(NotFoundError):
        await conversations.message(staff.outsider, message=message)
    with pytest.raises(NotFoundError):
        await conversations.send(staff.outsider, conversation=number, text="Hi")
    assert await count(database, "messages") == 1


@pytest.mark.parametrize("who", ["member", "outsider"])
async def test_an_agent_of_a_closed_data_set_is_refused_and_nothing_is_written(
    database: Database, conversations: ConversationActions, staff: People, who: str
) -> None:
    caller: Caller = staff.member if who == "member" else staff.outsider
    expected = NotAllowedError if who == "member" else NotFoundError
    with pytest.raises(expected):
        await conversations.create(caller, agent_id=staff.closed_agent.id, origin="api")
    with pytest.raises(expected):
        await conversations.start(caller, agent=staff.closed_agent, text="Hello", mode="execute", origin="api")
    assert await count(database, "conversations") == 0
    assert await count(database, "procrastinate_jobs") == 0


@pytest.mark.parametrize("text", ["", " \n\t", "a\x00b", "x" * (LONGEST_TEXT + 1)])
async def test_a_text_that_cannot_be_a_message_is_refused(
    database: Database, conversations: ConversationActions, staff: People, text: str
) -> None:
    with pytest.raises(InvalidError):
        await conversations.start(staff.admin, agent=staff.agent, text=text, mode="execute", origin="api")
    assert await count(database, "conversations") == 0


async def test_a_hundred_requests_with_one_key_make_one_message(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    async def send() -> object:
        return await conversations.start(
            staff.admin, agent=staff.agent, text="Once", mode="execute", origin="api", key=key("k")
        )

    results = await asyncio.gather(*(send() for _ in range(100)))
    assert await count(database, "messages") == 1
    assert await count(database, "procrastinate_jobs") == 1
    assert len({repr(result).replace("replayed=True", "replayed=False") for result in results}) == 1


async def test_a_key_with_another_body_is_a_conflict(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    async def create(body: bytes) -> bool:
        made = await conversations.create(staff.admin, agent_id=staff.agent.id, origin="api", key=key("k", body))
        return made.replayed

    assert [await create(b"one"), await create(b"one")] == [False, True]
    with pytest.raises(ConflictError) as refused:
        await create(b"two")
    assert refused.value.code == "idempotency_key_reused"
    assert await count(database, "conversations") == 1


async def test_keys_of_different_organizations_do_not_meet(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    await conversations.create(staff.admin, agent_id=staff.agent.id, origin="api", key=key("k"))
    with pytest.raises(NotFoundError):
        await conversations.create(staff.outsider, agent_id=staff.agent.id, origin="api", key=key("k"))
    assert await count(database, "idempotency_keys") == 1


async def test_a_refused_request_does_not_use_up_its_key(conversations: ConversationActions, staff: People) -> None:
    for _ in range(2):
        with pytest.raises(NotFoundError):
            await conversations.send(staff.admin, conversation=999, text="Hello", key=key("k"))


async def test_a_conversation_of_another_door_is_not_carried_on(
    conversations: ConversationActions, staff: People
) -> None:
    born_in_slack = await conversations.start(
        staff.admin, agent=staff.agent, text="Hello", mode="execute", origin="slack"
    )
    with pytest.raises(ConflictError) as refused:
        await conversations.send(
            staff.admin, conversation=born_in_slack.value.conversation_public_id, text="And?", origin="api"
        )
    assert refused.value.code == "wrong_origin"
