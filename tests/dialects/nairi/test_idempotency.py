"""Idempotency-Key on every POST: done once, answered alike."""

import asyncio

import pytest

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi


@pytest.mark.requirement("nairi.idempotency")
async def test_a_repeated_post_gets_the_first_answer_byte_for_byte(stage: Stage, admin: Nairi) -> None:
    job = (await admin.start("Hello")).job_id
    requests: dict[str, dict[str, object]] = {
        "/conversations/start": {"agent_id": "helper", "prompt": "Once"},
        f"/conversations/{job}/continue": {"prompt": "Once"},
        "/agents": {"name": "Once"},
        "/agents/helper/deploy": {"update_config_only": True},
    }
    for path, body in requests.items():
        first = await admin.post(path, body, Idempotency_Key="k1")
        written = stage.rows()
        second = await admin.post(path, dict(reversed(body.items())), Idempotency_Key='"k1"')
        assert "Idempotency-Replayed" not in first.headers
        assert second.headers["Idempotency-Replayed"] == "true"
        assert (second.status, second.body) == (first.status, first.body)
        assert stage.rows() == written
        other = await admin.post(path, {**body, "extra": 1}, Idempotency_Key="k1")
        assert (other.status, other.error) == (
            422,
            "The Idempotency-Key 'k1' was used with another body before; take a new key.",
        )
        assert stage.rows() == written


@pytest.mark.requirement("nairi.idempotency")
async def test_of_ten_equal_posts_at_once_one_is_done(stage: Stage, admin: Nairi) -> None:
    body = {"agent_id": "helper", "prompt": "Once"}
    answers = await asyncio.gather(*(admin.post("/conversations/start", body, Idempotency_Key="k1") for _ in range(10)))
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    assert stage.rows()["messages"] == 1


@pytest.mark.requirement("nairi.idempotency")
async def test_a_key_belongs_to_its_organization(admin: Nairi, outsider: Nairi) -> None:
    body = {"name": "Once"}
    ours, theirs = [await client.post("/agents", body, Idempotency_Key="k1") for client in (admin, outsider)]
    assert ours.body != theirs.body
    assert "Idempotency-Replayed" not in theirs.headers


@pytest.mark.requirement("nairi.idempotency")
async def test_a_key_that_is_none_is_refused(stage: Stage, admin: Nairi) -> None:
    before = stage.rows()
    for key in ("", "two words", "x" * 256, "\xe4"):
        answer = await admin.post("/conversations/start", {"agent_id": "helper", "prompt": "Once"}, Idempotency_Key=key)
        assert (answer.status, answer.error) == (400, "An Idempotency-Key has 1 to 255 visible ASCII characters.")
    assert stage.rows() == before
