"""Trying a revision of an agent that nobody has deployed."""

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop
from tests.dialects.native.talks import Talks

BODY = "application/json"


class Tried(msgspec.Struct):
    """A message that is finished."""

    status: str
    agent_revision: int | None


@pytest.mark.requirement("native.agents.try")
async def test_a_draft_answers_the_message_that_names_it_and_no_other(admin: Native, shop: Shop, stage: Stage) -> None:
    talk = await Talks(admin).begin(agent=shop.agent.slug)
    drafted = await admin.ask(
        "PATCH",
        f"/agents/{shop.agent.slug}?deploy=false",
        data=b'{"instructions": "Speak like a draft.", "tools": []}',
        headers={"Content-Type": BODY},
    )
    assert drafted.status == 200, drafted.body

    async with shop.working():
        tried = await admin.post(
            f"/conversations/{talk}/messages", {"text": "say One", "agent_revision": 2}, Prefer="wait=30"
        )
        usual = await admin.post(f"/conversations/{talk}/messages", {"text": "say Two"}, Prefer="wait=30")

    found = [msgspec.json.decode(answer.body, type=Tried) for answer in (tried, usual)]
    assert found == [Tried(status="completed", agent_revision=2), Tried(status="completed", agent_revision=1)]
    systems = [request.messages[0].content or "" for request in stage.model.requests]
    assert ["draft" in text for text in systems] == [True, False]


@pytest.mark.requirement("native.agents.try")
async def test_a_revision_that_is_not_there_is_refused_and_nothing_is_written(admin: Native, shop: Shop) -> None:
    talk = await Talks(admin).begin(agent=shop.agent.slug)

    refused = await admin.post(f"/conversations/{talk}/messages", {"text": "Hello", "agent_revision": 9})

    assert (refused.status, refused.problem.errors[0].pointer) == (400, "/agent_revision")
    assert await Talks(admin).texts(talk) == [[]]


@pytest.mark.requirement("native.agents.try")
async def test_only_those_who_may_change_agents_try_revisions(member: Native, shop: Shop) -> None:
    talk = await Talks(member).begin(agent=shop.agent.slug)

    refused = await member.post(f"/conversations/{talk}/messages", {"text": "Hello", "agent_revision": 1})

    assert (refused.status, refused.problem.code) == (403, "not_allowed")
