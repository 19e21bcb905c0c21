"""An Idempotency-Key belongs to the organization; what it made belongs to one account."""

import pytest

from tests.fakes.people import People
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.idempotency import IdempotencyKey

KEY = IdempotencyKey(route="POST /start", key="k", fingerprint=b"same")


async def test_a_member_gets_no_replay_of_another_account_s_conversation(
    conversations: ConversationActions, staff: People
) -> None:
    async def start(people: People, *, as_admin: bool) -> bool:
        caller = people.admin if as_admin else people.member
        started = await conversations.start(
            caller, agent=people.agent, text="Once", mode="execute", origin="api", key=KEY
        )
        return started.replayed

    assert [await start(staff, as_admin=True), await start(staff, as_admin=True)] == [False, True]
    with pytest.raises(ConflictError) as refused:
        await start(staff, as_admin=False)
    assert refused.value.code == "idempotency_key_reused"


async def test_an_admin_gets_the_replay_of_what_it_may_see(conversations: ConversationActions, staff: People) -> None:
    results = [
        await conversations.start(caller, agent=staff.agent, text="Once", mode="execute", origin="api", key=KEY)
        for caller in (staff.member, staff.admin)
    ]
    assert [result.replayed for result in results] == [False, True]
    assert results[0].value == results[1].value
