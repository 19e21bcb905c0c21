"""A conversation through the dialect: begun, asked, polled, read."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Client
from tests.fakes.scripted_model import Fails


@pytest.mark.requirement("enthusiast.walk")
async def test_the_documented_walk_ends_with_the_answer(stage: Stage, member: Client) -> None:
    made = await member.post("/api/conversations", {"data_set_id": stage.people.data_set_id})
    one = f"/api/conversations/{made.number('id')}"
    sent = await member.post(one, {"question_message": "say Yes, it does.", "data_set_id": stage.people.data_set_id})
    async with stage.working():
        state = await member.get(f"/api/task_status/{sent.text('task_id')}", {"Prefer": "wait=30"})
    assert (sent.plain, state.plain) == snapshot(
        ((202, {"task_id": "task", "streaming": False}), (200, {"state": "SUCCESS"}))
    )
    assert (await member.get(one)).plain == snapshot(
        (
            200,
            {
                "id": 1,
                "started_at": "time",
                "summary": "say Yes, it does.",
                "history": [
                    {
                        "id": 1,
                        "text": "say Yes, it does.",
                        "type": "human",
                        "role": "user",
                        "file_type": None,
                        "file_name": None,
                    },
                    {
                        "id": 2,
                        "text": "Yes, it does.",
                        "type": "ai",
                        "role": "agent",
                        "file_type": None,
                        "file_name": None,
                    },
                ],
                "agent": {
                    "id": 1,
                    "name": "Helper",
                    "description": "",
                    "dataset": 1,
                    "agent_type": "enthusiast-agent-user-manual-search",
                    "created_at": "time",
                    "updated_at": "time",
                    "deleted_at": None,
                    "corrupted": False,
                },
                "is_execution_conversation": False,
            },
        )
    )


@pytest.mark.requirement("enthusiast.create.shape")
async def test_a_new_conversation_is_shown_in_full_without_messages(stage: Stage, member: Client) -> None:
    made = await member.post("/api/conversations", {"agent_id": stage.people.agent.id})
    assert made.plain == snapshot(
        (
            201,
            {
                "id": 1,
                "started_at": "time",
                "summary": None,
                "history": [],
                "agent": {
                    "id": 1,
                    "name": "Helper",
                    "description": "",
                    "dataset": 1,
                    "agent_type": "enthusiast-agent-user-manual-search",
                    "created_at": "time",
                    "updated_at": "time",
                    "deleted_at": None,
                    "corrupted": False,
                },
                "is_execution_conversation": False,
            },
        )
    )


@pytest.mark.requirement("enthusiast.create.access")
async def test_a_closed_data_set_is_refused_and_leaves_no_row(stage: Stage, member: Client) -> None:
    before = stage.rows()
    answers = [
        (await member.post("/api/conversations", {"agent_id": stage.people.closed_agent.id})).plain,
        (await member.post("/api/conversations", {"data_set_id": stage.people.closed_data_set_id})).plain,
    ]
    assert answers == snapshot([(403, {"detail": "No dataset access."}), (403, {"detail": "No dataset access."})])
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.create.access")
async def test_an_admin_may_use_any_data_set_of_the_organization(stage: Stage, admin: Client) -> None:
    made = await admin.post("/api/conversations", {"data_set_id": stage.people.closed_data_set_id})
    assert made.status == 201


@pytest.mark.requirement("enthusiast.create.unknown")
async def test_an_unknown_deleted_or_foreign_agent_is_not_found(stage: Stage, admin: Client, outsider: Client) -> None:
    agent = stage.people.agent.id
    foreign = await outsider.post("/api/conversations", {"agent_id": agent})
    foreign_set = await outsider.post("/api/conversations", {"data_set_id": stage.people.data_set_id})
    unknown = await admin.post("/api/conversations", {"agent_id": 999_999})
    huge = await admin.post("/api/conversations", {"agent_id": 2**70})
    huge_set = await admin.post("/api/conversations", {"data_set_id": 2**70})
    stage.execute(f"UPDATE agents SET deleted_at = now() WHERE id = {agent}")
    deleted = await admin.post("/api/conversations", {"agent_id": agent})
    assert (
        foreign.plain == unknown.plain == huge.plain == deleted.plain == snapshot((404, {"detail": "Agent not found."}))
    )
    assert foreign_set.plain == huge_set.plain == snapshot((404, {"detail": "No DataSet matches the given query."}))


@pytest.mark.requirement("enthusiast.create.no-agent")
async def test_a_data_set_without_an_agent_says_so(stage: Stage, admin: Client) -> None:
    stage.execute(f"UPDATE agents SET deleted_at = now() WHERE id = {stage.people.closed_agent.id}")
    answer = await admin.post("/api/conversations", {"data_set_id": stage.people.closed_data_set_id})
    assert answer.plain == snapshot((400, {"data_set_id": ["The data set 2 has no agent yet; create one first."]}))


@pytest.mark.requirement("enthusiast.own-only")
async def test_a_conversation_is_its_owner_s_alone_even_for_admins(
    stage: Stage, admin: Client, member: Client, outsider: Client
) -> None:
    conversation = await member.begin()
    task = await member.ask(conversation, "Hello")
    before = stage.rows()
    for other in (admin, outsider):
        read = await other.get(f"/api/conversations/{conversation}")
        sent = await other.post(f"/api/conversations/{conversation}", {"question_message": "Let me in"})
        blank = await other.post(f"/api/conversations/{conversation}", {})
        polled = await other.get(f"/api/task_status/{task}/")
        listed = await other.get("/api/conversations")
        assert (
            read.plain
            == sent.plain
            == blank.plain
            == snapshot((404, {"detail": "No Conversation matches the given query."}))
        )
        assert polled.plain == snapshot((404, {"detail": "No Task matches the given query."}))
        assert listed.number("count") == 0
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.history")
async def test_a_question_is_in_the_history_at_once_and_the_answer_last(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    first, second = await member.ask(conversation, "say one"), await member.ask(conversation, "say two")
    asked = await member.get(f"/api/conversations/{conversation}")
    async with stage.working():
        assert [await member.state(first, wait=30), await member.state(second, wait=30)] == ["SUCCESS", "SUCCESS"]
    answered = await member.get(f"/api/conversations/{conversation}")
    history = answered.objects("history")
    assert [item["text"] for item in asked.objects("history")] == ["say one", "say two"]
    assert [(item["id"], item["text"], item["type"], item["role"]) for item in history] == snapshot(
        [
            (1, "say one", "human", "user"),
            (2, "say two", "human", "user"),
            (3, "one", "ai", "agent"),
            (4, "two", "ai", "agent"),
        ]
    )
    assert answered.object()["summary"] == "say one"


@pytest.mark.requirement("enthusiast.failure")
async def test_a_turn_that_fails_leaves_a_system_message_that_says_why(stage: Stage, member: Client) -> None:
    stage.model.will(Fails(401, "Wrong key: sk-secret"))
    conversation = await member.begin()
    task = await member.ask(conversation, "Hello")
    async with stage.working():
        assert await member.state(task, wait=30) == "FAILURE"
    history = (await member.get(f"/api/conversations/{conversation}")).objects("history")
    assert history == snapshot(
        [
            {"id": 1, "text": "Hello", "type": "human", "role": "user", "file_type": None, "file_name": None},
            {
                "id": 2,
                "text": "The model provider refused our key (401); the operator must check it.",
                "type": "system",
                "role": "system",
                "file_type": None,
                "file_name": None,
            },
        ]
    )


@pytest.mark.requirement("enthusiast.task.states")
async def test_a_task_is_pending_until_it_ends(stage: Stage, member: Client) -> None:
    task = await member.ask(await member.begin(), "say done")
    assert await member.state(task) == "PENDING"
    async with stage.working():
        assert await member.state(task, wait=30) == "SUCCESS"


@pytest.mark.requirement("enthusiast.task.wait")
async def test_waiting_is_applied_and_ends_in_time(stage: Stage, member: Client) -> None:
    task = await member.ask(await member.begin(), "say done")
    waited = await member.get(f"/api/task_status/{task}", {"Prefer": "respond-async, wait=1"})
    unread = await member.get(f"/api/task_status/{task}", {"Prefer": "wait=soon"})
    assert (waited.plain, waited.headers["Preference-Applied"]) == ((200, {"state": "PENDING"}), "wait=1")
    assert (unread.plain, "Preference-Applied" in unread.headers) == ((200, {"state": "PENDING"}), False)


@pytest.mark.requirement("enthusiast.task.unknown")
async def test_what_is_no_task_is_not_found(stage: Stage, member: Client) -> None:
    texts = [
        "00000000-0000-7000-8000-000000000000",
        "1",
        "dbe41a42f67840c78b4c437fa1673d7d",
        "%00",
        "{}",
        "%F0%9F%92%A9",
    ]
    answers = [await member.get(f"/api/task_status/{text}/") for text in texts]
    assert [answer.plain for answer in answers] == [(404, {"detail": "No Task matches the given query."})] * len(texts)


@pytest.mark.requirement("enthusiast.send.locked")
async def test_a_deleted_agent_locks_its_conversations(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    stage.execute("UPDATE agents SET deleted_at = now()")
    before = stage.rows()
    sent = await member.post(f"/api/conversations/{conversation}", {"question_message": "Still there?"})
    assert sent.plain == snapshot((400, {"detail": "Conversation locked."}))
    assert (await member.get(f"/api/conversations/{conversation}")).status == 200
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.send.access")
async def test_who_was_taken_out_of_the_data_set_may_not_ask_on(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    stage.execute("DELETE FROM data_set_members")
    before = stage.rows()
    sent = await member.post(f"/api/conversations/{conversation}", {"question_message": "May I?"})
    assert sent.plain == snapshot((403, {"detail": "No dataset access."}))
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.send.data-set")
async def test_the_data_set_of_a_message_must_be_the_conversation_s(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    before = stage.rows()
    wrong = await member.post(one, {"question_message": "Hi", "data_set_id": stage.people.closed_data_set_id})
    huge = await member.post(one, {"question_message": "Hi", "data_set_id": 2**70})
    assert wrong.plain == huge.plain == snapshot((400, {"data_set_id": ["This conversation is about the data set 1."]}))
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.send.forms")
async def test_white_space_around_a_message_is_dropped(member: Client) -> None:
    conversation = await member.begin()
    await member.ask(conversation, "  \n Hello \t ")
    history = (await member.get(f"/api/conversations/{conversation}")).objects("history")
    assert [item["text"] for item in history] == ["Hello"]
