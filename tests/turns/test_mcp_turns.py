"""Whole turns with tools of MCP servers: over the real queue, database and processes."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.people import People, change_agent
from tests.fakes.scripted_model import Call, CallsTools, Says, ScriptedModel
from tests.fakes.worker import working
from tests.patience import PATIENCE, PROCESS_PATIENCE
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.agents import Agent, AgentSettings, McpServer
from turnkeeper.store.approvals import ApprovalFilter
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices

SERVER = str(Path(__file__).parents[1] / "tools" / "plain_server.py")
WAITING = ApprovalFilter(state="waiting", limit=10)


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedModel]:
    """The scripted model."""
    async with ScriptedModel() as model:
        yield model


async def agent_with_servers(database: Database, staff: People, calls: Path) -> Agent:
    servers = (
        McpServer(name="pay", command=(sys.executable, SERVER), environment={"CALLS": str(calls)}),
        McpServer(name="gone", command=("/no/such/program",)),
    )
    changed = replace(staff.agent, tools=(), settings=AgentSettings(mcp_servers=servers))
    async with database.connection() as connection:
        return await change_agent(connection, changed)


async def test_a_turn_uses_the_server_that_answers_and_asks_a_person_about_the_call_it_died_in(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
    tmp_path: Path,
) -> None:
    calls = tmp_path / "calls"
    agent = await agent_with_servers(database, staff, calls)
    model.will(CallsTools((Call(tool="pay__list", call_id="a"), Call(tool="pay__die", call_id="b"))), Says("Checked."))
    approvals = ApprovalActions(database, changes)

    async with working(database, notices, changes, model) as ends:
        begun = (await conversations.start(staff.admin, agent=agent, text="Pay.", mode="execute", origin="api")).value
        async with asyncio.timeout(PROCESS_PATIENCE):
            await ends.any.wait()
        (asked,) = await approvals.list(staff.admin, WAITING)
        await approvals.decide(staff.admin, approval=asked.id, verdict="denied", note="It was paid.")
        await conversations.message(staff.admin, message=begun.message_public_id, wait_seconds=PATIENCE)

    assert (asked.tool, asked.question) == ("pay__die", "outcome")
    assert "may or may not have happened" in asked.reason
    assert "The server 'gone' does not answer" in (model.requests[0].messages[0].content or "")
    assert sorted(json.loads(line)["name"] for line in calls.read_text().splitlines()) == ["die", "list"]
    assert "It was paid." in (model.requests[1].messages[-1].content or "")
