"""Start, poll, read, continue: the life of a job."""

import asyncio

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import UNKNOWN, Nairi
from tests.fakes.scripted_model import Call, CallsTools, Fails, Says, Stalls
from tests.patience import PATIENCE


@pytest.mark.requirement("nairi.start.returns-ids")
async def test_start_answers_with_the_ids_of_the_job_and_of_its_message(admin: Nairi) -> None:
    answer = await admin.post("/conversations/start", {"agent_id": "helper", "prompt": "Hello", "ask_mode": False})
    assert answer.status == 201
    assert answer.steady() == snapshot({"job_id": "job-1", "message_id": "cmsg-1"})


@pytest.mark.requirement("nairi.start.agent-by-id")
async def test_start_takes_the_agents_id_as_well_as_its_slug(stage: Stage, admin: Nairi) -> None:
    agents = msgspec.json.decode((await admin.get("/agents")).body, type=list[dict[str, object]])
    ids = [str(agent["id"]) for agent in agents if agent["agent_id"] == "helper"]
    await admin.start("Hello", agent=ids[0])
    assert stage.rows()["messages"] == 1


@pytest.mark.requirement("nairi.messages.status")
async def test_a_message_is_queued_until_a_worker_takes_it_then_completed(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("say The refund is on its way.")
    assert (await admin.get(f"/messages/{started.message_id}")).steady() == snapshot(
        {
            "id": "cmsg-1",
            "job_id": "job-1",
            "role": "user",
            "content": "say The refund is on its way.",
            "status": "queued",
            "created_at": "time",
            "updated_at": "time",
        }
    )
    async with stage.working():
        finished = await admin.finished(started.message_id)
    assert (finished.status, finished.role, finished.job_id) == ("completed", "user", started.job_id)


@pytest.mark.requirement("nairi.messages.status")
async def test_a_message_is_pending_while_it_is_answered(stage: Stage, admin: Nairi) -> None:
    stage.model.will(Stalls("Half an"))
    started = await admin.start("Tell me")
    later = await admin.carry_on(started.job_id, "say Second.")
    async with stage.working():
        await asyncio.wait_for(stage.model.stalled.wait(), PATIENCE)
        assert (await admin.get(f"/messages/{started.message_id}", Prefer="wait=0")).steady() == snapshot(
            {
                "id": "cmsg-1",
                "job_id": "job-1",
                "role": "user",
                "content": "Tell me",
                "status": "pending",
                "created_at": "time",
                "updated_at": "time",
            }
        )
        rows = await admin.timeline(started.job_id)
        assert [(row.role, row.status) for row in rows if row.role != "progress"] == snapshot(
            [("user", "pending"), ("user", "queued")]
        )
        stage.model.release()
        assert (await admin.finished(later.message_id)).status == "completed"


@pytest.mark.requirement("nairi.messages.timeline")
async def test_the_timeline_has_each_message_its_progress_and_its_reply(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("say The refund is on its way.")
    async with stage.working():
        await admin.finished(started.message_id)
        follow_up = await admin.carry_on(started.job_id, "say Sent.")
        await admin.finished(follow_up.message_id)
    rows = await admin.timeline(started.job_id)
    roles = [row.role for place, row in enumerate(rows) if place == 0 or row.role != rows[place - 1].role]
    assert roles == ["user", "progress", "assistant"] * 2
    said = [await admin.get(f"/messages/{row.id}") for row in rows if row.role != "progress"]
    assert [answer.steady() for answer in said] == snapshot(
        [
            {
                "id": "cmsg-1",
                "job_id": "job-1",
                "role": "user",
                "content": "say The refund is on its way.",
                "status": "completed",
                "created_at": "time",
                "updated_at": "time",
            },
            {
                "id": "cmsg-1",
                "job_id": "job-1",
                "role": "assistant",
                "content": "The refund is on its way.",
                "status": "completed",
                "created_at": "time",
                "updated_at": "time",
                "input_tokens": 9,
                "output_tokens": 6,
                "cache_read_tokens": 0,
                "cache_write_tokens": 0,
                "model": "scripted",
            },
            {
                "id": "cmsg-1",
                "job_id": "job-1",
                "role": "user",
                "content": "say Sent.",
                "status": "completed",
                "created_at": "time",
                "updated_at": "time",
            },
            {
                "id": "cmsg-1",
                "job_id": "job-1",
                "role": "assistant",
                "content": "Sent.",
                "status": "completed",
                "created_at": "time",
                "updated_at": "time",
                "input_tokens": 9,
                "output_tokens": 1,
                "cache_read_tokens": 0,
                "cache_write_tokens": 0,
                "model": "scripted",
            },
        ]
    )


@pytest.mark.requirement("nairi.messages.reply-no-later-than-completed")
async def test_the_reply_stands_behind_its_message_although_a_later_one_was_accepted_before(
    stage: Stage, admin: Nairi
) -> None:
    started = await admin.start("say One.")
    for number in ("Two", "Three"):
        last = await admin.carry_on(started.job_id, f"say {number}.")
    async with stage.working():
        await admin.finished(last.message_id)
    rows = await admin.timeline(started.job_id)
    assert [(row.role, row.content) for row in rows if row.role != "progress"] == snapshot(
        [
            ("user", "say One."),
            ("assistant", "One."),
            ("user", "say Two."),
            ("assistant", "Two."),
            ("user", "say Three."),
            ("assistant", "Three."),
        ]
    )


@pytest.mark.requirement("nairi.continue.history")
async def test_a_follow_up_is_answered_with_what_was_said_before(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("say First.")
    async with stage.working():
        await admin.finished(started.message_id)
        follow_up = await admin.carry_on(started.job_id, "say Second.")
        await admin.finished(follow_up.message_id)
    told = [
        (message.role, message.content) for message in stage.model.requests[-1].messages if message.role != "system"
    ]
    assert told == [("user", "say First."), ("assistant", "First."), ("user", "say Second.")]


@pytest.mark.requirement("nairi.messages.failure")
async def test_a_failed_message_has_a_system_row_that_says_why_and_can_be_retried(stage: Stage, admin: Nairi) -> None:
    stage.model.will(Fails(400, "The prompt is too strange."))
    started = await admin.start("Strange")
    async with stage.working():
        assert (await admin.finished(started.message_id)).status == "failed"
        rows = await admin.timeline(started.job_id)
        assert [(row.role, row.status, row.content) for row in rows] == snapshot(
            [
                ("user", "failed", "Strange"),
                ("system", "completed", "The model provider refused the request (400): “The prompt is too strange”."),
            ]
        )
        jobs = (await admin.get("/agents/helper/conversations?status=error")).steady()
        again = await admin.carry_on(started.job_id, "say Better.")
        assert (await admin.finished(again.message_id)).status == "completed"
    assert jobs == snapshot(
        {
            "conversations": [
                {
                    "id": "job-1",
                    "status": "error",
                    "agent_id": "helper",
                    "title": "Strange",
                    "mode": "execute",
                    "job_type": "api",
                    "created_at": "time",
                    "updated_at": "time",
                }
            ],
            "next_cursor": None,
        }
    )
    assert (await admin.get("/agents/helper/conversations?status=error")).steady() == snapshot(
        {"conversations": [], "next_cursor": None}
    )


@pytest.mark.requirement("nairi.messages.progress")
async def test_progress_rows_tell_of_text_and_of_both_ends_of_a_tool_call(stage: Stage, admin: Nairi) -> None:
    call = Call(tool="no_such_tool", arguments='{"query": "refund"}', call_id="call_7")
    stage.model.will(CallsTools((call,), text="Let me look."), Says("It is paid."))
    started = await admin.start("Is it paid?")
    async with stage.working():
        await admin.finished(started.message_id)
    rows = [row for row in await admin.timeline(started.job_id) if row.role == "progress"]
    envelopes = [msgspec.json.decode(row.content, type=dict[str, str]) for row in rows]
    about = {"job_id": started.job_id, "processed_message_id": started.message_id}

    assert all(about.items() <= envelope.items() for envelope in envelopes)
    assert [each for each in envelopes if each["progress_type"] != "text"] == [
        {
            **about,
            "progress_type": "tool_use",
            "tool_name": "no_such_tool",
            "tool_input": '{"query": "refund"}',
            "tool_status": "running",
            "tool_use_id": "call_7",
        },
        {
            **about,
            "progress_type": "tool_use",
            "tool_name": "no_such_tool",
            "tool_output": "There is no tool 'no_such_tool'. The tools that can be called: search_documents.",
            "tool_status": "error",
            "tool_use_id": "call_7",
        },
    ]
    texts = [each["text_delta"] if each["progress_type"] == "text" else " / " for each in envelopes]
    assert "".join(texts) == "Let me look. /  / It is paid."


@pytest.mark.requirement("nairi.messages.get-any")
async def test_every_row_of_a_timeline_can_be_fetched_by_its_id_and_is_the_same(stage: Stage, admin: Nairi) -> None:
    stage.model.will(CallsTools((Call(tool="no_such_tool"),), text="Hm."), Says("Yes."))
    started = await admin.start("Is it?")
    async with stage.working():
        await admin.finished(started.message_id)
    listed = (await admin.get(f"/conversations/{started.job_id}/messages")).json()
    rows = await admin.timeline(started.job_id)

    assert {row.role for row in rows} == {"user", "progress", "assistant"}
    assert len({row.id for row in rows}) == len(rows)
    assert listed == {"messages": [(await admin.get(f"/messages/{row.id}")).json() for row in rows]}


@pytest.mark.requirement("nairi.messages.get-any")
async def test_the_id_of_a_progress_row_cannot_be_made_up(stage: Stage, admin: Nairi, outsider: Nairi) -> None:
    started = await admin.start("say Yes.")
    async with stage.working():
        await admin.finished(started.message_id)
    progress = next(row.id for row in await admin.timeline(started.job_id) if row.role == "progress")
    earlier = f"cmsg_0000000000{progress[15:]}"
    other_event = progress[:-1] + ("1" if progress[-1] != "1" else "2")
    answers = [
        await outsider.get(f"/messages/{progress}"),
        await admin.get(f"/messages/{earlier}"),
        await admin.get(f"/messages/{other_event}"),
    ]
    assert [(answer.status, answer.error) for answer in answers] == [(404, "message not found")] * 3


@pytest.mark.requirement("nairi.messages.usage")
async def test_an_assistant_row_shows_the_tokens_that_the_model_reported(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("say Three words here.")
    async with stage.working():
        await admin.finished(started.message_id)
    reply = (await admin.timeline(started.job_id))[-1]
    assert (await admin.get(f"/messages/{reply.id}")).steady() == snapshot(
        {
            "id": "cmsg-1",
            "job_id": "job-1",
            "role": "assistant",
            "content": "Three words here.",
            "status": "completed",
            "created_at": "time",
            "updated_at": "time",
            "input_tokens": 9,
            "output_tokens": 3,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "model": "scripted",
        }
    )


@pytest.mark.requirement("nairi.messages.usage")
async def test_an_assistant_row_shows_what_it_cost_where_the_price_is_known(stage: Stage, admin: Nairi) -> None:
    stage.execute("UPDATE agents SET model = 'openai:priced'")
    answered, refused = await admin.start("say Three words here."), await admin.start("fail 400")
    async with stage.working():
        await admin.finished(answered.message_id)
        await admin.finished(refused.message_id)
    (request,) = [seen for seen in stage.model.requests if seen.question == "say Three words here."]
    words = sum(len((message.content or "").split()) for message in request.messages)
    reply, excuse = (await admin.timeline(answered.job_id))[-1], (await admin.timeline(refused.job_id))[-1]
    shown = (await admin.get(f"/messages/{reply.id}")).body.decode()
    assert f'"cost_usd":{(3 * words + 7 * 3) / 1_000_000},"input_tokens":{words},"output_tokens":3,' in shown
    assert excuse.role == "system"
    assert "tokens" not in (await admin.get(f"/messages/{excuse.id}")).body.decode()


@pytest.mark.requirement("nairi.messages.wait")
async def test_a_preference_to_wait_is_answered_when_the_message_is_finished(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("say Done.")
    async with stage.working():
        answer = await admin.get(f"/messages/{started.message_id}", Prefer="wait=30")
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert msgspec.json.decode(answer.body, type=dict[str, str])["status"] == "completed"


@pytest.mark.requirement("nairi.messages.wait")
async def test_a_preference_to_wait_ends_with_its_time_and_nonsense_is_ignored(admin: Nairi) -> None:
    started = await admin.start("Hello")
    waited = await admin.get(f"/messages/{started.message_id}", Prefer="wait=1")
    ignored = await admin.get(f"/messages/{started.message_id}", Prefer="wait=soon")
    assert (waited.headers["Preference-Applied"], ignored.headers.get("Preference-Applied")) == ("wait=1", None)
    assert waited.json() == ignored.json()


@pytest.mark.requirement("nairi.start.ask-mode")
async def test_ask_mode_is_kept_for_the_whole_job(stage: Stage, admin: Nairi) -> None:
    asked = await admin.start("Hello", ask_mode=True)
    await admin.start("Hello")
    modes = {job.id: job.mode for job in await admin.jobs("/agents/helper/conversations")}
    assert sorted(modes.values()) == ["ask", "execute"]
    assert modes[asked.job_id] == "ask"


@pytest.mark.requirement("nairi.start.attachments")
async def test_attachments_are_refused_before_anything_is_written(stage: Stage, admin: Nairi) -> None:
    before = stage.rows()
    body = {"agent_id": "helper", "prompt": "Read it", "attachment_ids": [f"att_{UNKNOWN}"]}
    refused = await admin.post("/conversations/start", body)
    assert (refused.status, refused.error) == snapshot((400, "attachment not found: att_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A"))
    assert stage.rows() == before
    empty = await admin.post("/conversations/start", {**body, "attachment_ids": []})
    assert empty.status == 201


@pytest.mark.requirement("nairi.continue.only-api-jobs")
async def test_a_job_from_another_door_can_be_read_but_not_continued(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("Hello")
    stage.execute("UPDATE conversations SET origin = 'slack'")
    before = stage.rows()
    refused = await admin.post(f"/conversations/{started.job_id}/continue", {"prompt": "More"})
    assert (refused.status, refused.error) == (400, "job is not an API job")
    assert stage.rows() == before
    assert [row.content for row in await admin.timeline(started.job_id)] == ["Hello"]


@pytest.mark.requirement("nairi.continue.not-active")
async def test_a_job_that_is_over_or_lost_its_agent_takes_no_more_messages(stage: Stage, admin: Nairi) -> None:
    started = await admin.start("Hello")
    before = stage.rows()
    errors: list[tuple[int, str]] = []
    for change in (
        "UPDATE conversations SET status = 'completed'",
        "UPDATE conversations SET status = 'abandoned'",
        "UPDATE conversations SET status = 'active'; UPDATE agents SET deleted_at = now()",
    ):
        stage.execute(change)
        refused = await admin.post(f"/conversations/{started.job_id}/continue", {"prompt": "More"})
        errors.append((refused.status, refused.error))
    assert errors == snapshot(
        [
            (400, "job is not active"),
            (400, "job is not active"),
            (400, "job is not active: its agent was deleted; start a new conversation"),
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("nairi.ids")
async def test_a_job_may_be_named_by_its_older_prefix(admin: Nairi) -> None:
    started = await admin.start("Hello")
    assert [row.content for row in await admin.timeline(started.job_id.replace("job_", "j_"))] == ["Hello"]
