"""Agents: listed, made, named by slugs with slashes, deployed."""

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi


class Agent(msgspec.Struct):
    id: str
    name: str
    agent_id: str


@pytest.mark.requirement("nairi.agents.list")
async def test_agents_are_a_bare_array_of_those_that_the_key_may_use(
    admin: Nairi, member: Nairi, outsider: Nairi
) -> None:
    assert (await member.get("/agents")).steady() == snapshot(
        [
            {
                "id": "cci-1",
                "name": "Helper",
                "agent_id": "helper",
                "instances_count": 1,
                "description": "",
                "is_self_hosted": False,
                "system_prompt": None,
                "data_set_id": 1,
                "model": None,
                "created_at": "time",
                "updated_at": "time",
            }
        ]
    )
    slugs = [agent.agent_id for agent in msgspec.json.decode((await admin.get("/agents")).body, type=list[Agent])]
    assert slugs == ["closed", "helper"]
    assert (await outsider.get("/agents")).json() == []


@pytest.mark.requirement("nairi.agents.create")
async def test_a_new_agent_gets_a_slug_and_can_be_talked_to_at_once(stage: Stage, admin: Nairi) -> None:
    made = await admin.post("/agents", {"name": "My New Agent", "instances_count": 2})
    assert (made.status, made.steady()) == snapshot(
        (
            201,
            {
                "id": "cci-1",
                "name": "My New Agent",
                "agent_id": "my-new-agent",
                "instances_count": 2,
                "description": "",
                "is_self_hosted": False,
                "system_prompt": None,
                "data_set_id": None,
                "model": None,
                "created_at": "time",
                "updated_at": "time",
            },
        )
    )
    assert (await admin.get("/agents/my-new-agent")).json() == made.json()
    agent = msgspec.json.decode(made.body, type=Agent)
    assert (await admin.get(f"/agents/{agent.id}")).json() == made.json()
    started = await admin.start("say Welcome.", agent="my-new-agent")
    async with stage.working():
        assert (await admin.finished(started.message_id)).status == "completed"


@pytest.mark.requirement("nairi.agents.create")
async def test_a_new_agent_takes_its_instructions_and_its_data_set(stage: Stage, admin: Nairi) -> None:
    wanted = {
        "name": "Helper",
        "description": "Knows all",
        "system_prompt": "Answer like a pirate.",
        "data_set_id": stage.people.data_set_id,
        "model": "openai:scripted",
        "colour": "is ignored",
    }
    made = msgspec.json.decode((await admin.post("/agents", wanted)).body, type=dict[str, object])
    assert made.items() >= {**wanted, "agent_id": "helper-2", "instances_count": 1}.items() - {("colour", "is ignored")}
    started = await admin.start("say Arr.", agent="helper-2")
    async with stage.working():
        await admin.finished(started.message_id)
    assert "Answer like a pirate." in (stage.model.requests[0].messages[0].content or "")


@pytest.mark.requirement("nairi.agents.create")
async def test_an_agent_that_cannot_be_is_refused_with_all_its_faults(stage: Stage, admin: Nairi) -> None:
    before = stage.rows()
    bodies: list[dict[str, object]] = [
        {},
        {"name": " "},
        {"name": None, "instances_count": 0, "model": 7},
        {"name": 7, "instances_count": True, "description": ["x"]},
        {"name": "x" * 256, "instances_count": 1.5, "data_set_id": "1"},
        {"name": "A", "system_prompt": "\x00"},
        {"name": "A", "instances_count": 10**30, "data_set_id": 2**63},
        {"name": "A", "data_set_id": 4711},
        {"name": "A", "model": "nobody:knows"},
    ]
    answers = [await admin.post("/agents", body) for body in bodies]
    assert [(answer.status, answer.error) for answer in answers] == snapshot(
        [
            (400, "name is required"),
            (400, "name is required"),
            (
                400,
                "instances_count must be between 1 and 1,000; name is required; model must be a string",
            ),
            (400, "instances_count must be an integer; name must be a string; description must be a string"),
            (
                400,
                "instances_count must be an integer; name has more than 255 characters; data_set_id must be an integer",
            ),
            (400, "system_prompt contains a NUL character, which cannot be stored"),
            (
                400,
                "instances_count must be between 1 and 1,000; data_set_id must be between 1 and 9,223,372,036,854,775,807",
            ),
            (404, "data set not found"),
            (
                400,
                (
                    "There is no model provider 'nobody' here. The providers: anthropic, azure, bedrock, cohere, "
                    "compatible, extractive, google, groq, huggingface, mistral, ollama, openai, vllm, xai."
                ),
            ),
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("nairi.agents.slugs-with-slashes")
async def test_a_slug_with_slashes_works_raw_and_encoded_on_every_route(admin: Nairi) -> None:
    made = msgspec.json.decode((await admin.post("/agents", {"name": "presmihaylov/claudecontrol"})).body, type=Agent)
    assert made.agent_id == "presmihaylov/claudecontrol"
    started = await admin.start("Hello", agent=made.agent_id)
    for path in (
        "presmihaylov/claudecontrol",
        "presmihaylov%2Fclaudecontrol",
        "presmihaylov%2fclaudecontrol",
        "presmihaylov/claudecontrol/",
    ):
        found = await admin.get(f"/agents/{path}")
        assert msgspec.json.decode(found.body, type=Agent) == made
        jobs = await admin.jobs(f"/agents/{path.rstrip('/')}/conversations?limit=5")
        assert [job.id for job in jobs] == [started.job_id]
        assert (await admin.post(f"/agents/{path.rstrip('/')}/deploy", {})).status == 202


@pytest.mark.requirement("nairi.agents.slugs-with-slashes")
async def test_a_slug_that_ends_like_a_route_can_be_named_encoded(admin: Nairi) -> None:
    await admin.post("/agents", {"name": "team/conversations"})
    encoded = await admin.get("/agents/team%2Fconversations")
    assert msgspec.json.decode(encoded.body, type=Agent).agent_id == "team/conversations"
    raw = await admin.get("/agents/team/conversations")
    assert (raw.status, raw.error) == (404, "agent not found")
    assert await admin.jobs("/agents/team/conversations/conversations") == []


@pytest.mark.requirement("nairi.agents.deploy")
async def test_a_deployment_is_noted_with_or_without_a_body(admin: Nairi) -> None:
    bare = await admin.ask("POST", "/agents/helper/deploy")
    only_config = await admin.post("/agents/helper/deploy", {"update_config_only": True})
    wrong = await admin.post("/agents/helper/deploy", {"update_config_only": "yes"})
    assert (bare.status, bare.json(), only_config.status) == (202, {"status": "deploying"}, 202)
    assert (wrong.status, wrong.error) == (400, "update_config_only must be true or false")


@pytest.mark.requirement("nairi.agents.only-admins-change")
async def test_a_member_may_use_agents_but_not_change_them(stage: Stage, member: Nairi) -> None:
    before = stage.rows()
    answers = [await member.post("/agents", {"name": "Mine"}), await member.post("/agents/helper/deploy", {})]
    assert [(answer.status, answer.error) for answer in answers] == snapshot(
        [
            (403, "Only admins may create agents; ask one, or use an admin's key."),
            (403, "Only admins may deploy agents; ask one, or use an admin's key."),
        ]
    )
    assert stage.rows() == before
    await member.start("Hello")
