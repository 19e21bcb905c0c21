"""Agents as files: what is written is read again, and every mistake has a name."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnkeeper.commands.agent_files import read_agent, write_agent
from turnkeeper.core.agents import (
    Agent,
    AgentSettings,
    ApprovalPolicy,
    ApprovalRule,
    HttpRule,
    Limits,
    McpServer,
    slug_of,
)
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import new_id

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = Path("/srv/agents")
REFUNDS = Agent(
    id=1,
    public_id=new_id(),
    organization_id=1,
    slug="refunds",
    name="Refunds",
    description=None,
    data_set_id=5,
    instructions='Be brief.\nSay "sorry" \\ once.',
    model="openai:gpt-4.1-mini",
    tools=("search_documents",),
    limits=replace(Limits(), model_calls=5),
    settings=AgentSettings(
        mcp_servers=(
            McpServer(
                name="payments",
                command=("python", "/srv/agents/payments_server.py"),
                environment={"PAYMENTS KEY": "vault:KEY"},
                kinds={"refund_charge": "keyed"},
            ),
            McpServer(name="crm", url="https://crm.example.com/mcp", headers={"Authorization": "Bearer vault:CRM"}),
        ),
        http=(HttpRule(host="api.example.com", methods=("GET", "POST")),),
        approvals=ApprovalPolicy(
            rules=(ApprovalRule(tool="payments__refund_charge", argument="/amount", above=50.0),), on_expiry="fail"
        ),
    ),
    instances_count=1,
    deployed_at=None,
    created_at=MOMENT,
    updated_at=MOMENT,
    deleted_at=None,
)
TEXT = '''name = "Refunds"
data_set = "shop"
model = "openai:gpt-4.1-mini"
instructions = """
Be brief.
Say \\"sorry\\" \\\\ once."""
tools = ["search_documents"]

[limits]
model_calls = 5

[[mcp_servers]]
name = "payments"
command = ["python", "/srv/agents/payments_server.py"]

[mcp_servers.environment]
"PAYMENTS KEY" = "vault:KEY"

[mcp_servers.kinds]
refund_charge = "keyed"

[[mcp_servers]]
name = "crm"
url = "https://crm.example.com/mcp"

[mcp_servers.headers]
Authorization = "Bearer vault:CRM"

[[http]]
host = "api.example.com"
methods = ["GET", "POST"]

[approvals]
on_expiry = "fail"

[[approvals.rules]]
tool = "payments__refund_charge"
argument = "/amount"
above = 50.0
'''


def test_an_agent_is_written_without_what_is_so_anyhow() -> None:
    assert write_agent(REFUNDS, data_set="shop") == TEXT


def test_what_was_written_is_read_again() -> None:
    read = read_agent(TEXT, folder=FOLDER)

    assert (read.slug, read.settings) == (REFUNDS.slug, REFUNDS.settings)
    assert (read.definition.limits, read.definition.tools) == (REFUNDS.limits, REFUNDS.tools)
    assert read.definition.instructions == REFUNDS.instructions


def test_the_policy_for_messages_that_overlap_survives() -> None:
    agent = replace(REFUNDS, settings=replace(REFUNDS.settings, overlap="steer"))
    read = read_agent(write_agent(agent, data_set=None), folder=FOLDER)
    assert read.settings.overlap == "steer"


def test_a_path_beside_the_file_is_found_from_there() -> None:
    text = 'name = "A"\n[[mcp_servers]]\nname = "p"\ncommand = ["python", "./server.py", "-v", "../x"]'

    (server,) = read_agent(text, folder=FOLDER).settings.mcp_servers

    assert server.command == ("python", "/srv/agents/server.py", "-v", "/srv/x")


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1), st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_any_text_survives(name: str, instructions: str, headers: dict[str, str]) -> None:
    settings = AgentSettings(mcp_servers=(McpServer(name=name, url="u", headers=headers),))
    agent = replace(REFUNDS, name=name, slug=slug_of(name), instructions=instructions, settings=settings)

    read = read_agent(write_agent(agent, data_set=None), folder=FOLDER)

    assert (read.definition.name, read.definition.instructions) == (name, instructions)
    assert read.settings == settings


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("name = ", "file", "not valid TOML"),
        ("name = " + "[" * 5_000 + "]" * 5_000, "file", "nested too deep"),
        ('name = "A"\ncolour = "red"', "colour", "There is no field 'colour'"),
        ('name = "A"\n[limits]\nmodelcalls = 5', "limits.modelcalls", "limits.modelcalls"),
        ('name = "A"\n[[http]]\nhost = "a"\nmethod = "GET"', "http[0].method", "http[0].method"),
        ('name = "A"\n[[approvals.rules]]\ntol = "a"', "approvals.rules[0].tol", "approvals.rules[0].tol"),
        ("", "file", "name"),
        ('name = "A"\ntools = "search"', "file", "$.tools"),
        ('name = "A"\n[[mcp_servers]]\nname = "p"\nkinds = {refund = "sometimes"}', "file", "sometimes"),
        ('name = "A"\noverlap = "shout"', "file", "shout"),
        ('name = "A"\nhttp = 5', "file", "$.http"),
        ('name = "A"\nlimits = 5', "file", "$.limits"),
    ],
)
def test_a_mistake_is_named(text: str, field: str, words: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read_agent(text, folder=FOLDER)
    assert caught.value.field == field
    assert words in caught.value.why
