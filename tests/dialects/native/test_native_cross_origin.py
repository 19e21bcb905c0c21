"""Web pages of other origins: who may call, and what their scripts see."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import ORIGIN, Stage
from tests.dialects.native.client import Native, Shop

STRANGER = "http://evil.example"
ASKS = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,if-match,last-event-id,prefer",
}


@pytest.mark.requirement("native.http.cors")
async def test_a_page_of_an_allowed_origin_is_told_what_it_may_do(nobody: Native) -> None:
    leave = await nobody.ask("OPTIONS", "/conversations/anything", headers={"Origin": ORIGIN, **ASKS})

    told = {name.lower(): value for name, value in leave.headers.items() if not name.lower().startswith("x-")}
    assert leave.status == 204
    assert told == snapshot(
        {
            "access-control-allow-origin": "http://shop.example",
            "access-control-allow-methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
            "access-control-allow-headers": (
                "accept, authorization, cache-control, content-type, idempotency-key, if-match, "
                "if-none-match, if-range, last-event-id, prefer, range, traceparent, tracestate, "
                "user-agent, x-api-key, x-csrftoken, x-request-id, x-requested-with"
            ),
            "access-control-max-age": "86400",
            "vary": "Origin",
        }
    )
    allowed = told["access-control-allow-headers"].split(", ")
    assert set(ASKS["Access-Control-Request-Headers"].split(",")) <= set(allowed)


@pytest.mark.requirement("native.http.cors")
async def test_its_scripts_may_read_answers_errors_and_streams(shop: Shop, admin: Native, nobody: Native) -> None:
    message = await shop.ask(shop.stage.keys.admin, "say Good morning")
    answers = [
        await admin.get("/me", Origin=ORIGIN),
        await admin.get("/usage", Origin=ORIGIN),
        await nobody.get("/me", Origin=ORIGIN),
        await admin.get("/nowhere", Origin=ORIGIN),
        await admin.post("/conversations", {"x": 1}, Origin=ORIGIN),
        await admin.get(
            f"/conversations/{(await admin.get(f'/messages/{message}')).message.conversation_id}/events?follow=false",
            Origin=ORIGIN,
            Accept="text/event-stream",
        ),
    ]

    assert [answer.status for answer in answers] == [200, 200, 401, 404, 400, 200]
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} == {ORIGIN}
    assert {answer.headers["Access-Control-Expose-Headers"] for answer in answers} == snapshot(
        {
            (
                "Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Location, "
                "Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, "
                "X-Request-Id"
            )
        }
    )


@pytest.mark.requirement("native.http.cors")
async def test_a_page_of_another_origin_is_told_nothing(admin: Native, nobody: Native) -> None:
    leave = await nobody.ask("OPTIONS", "/conversations", headers={"Origin": STRANGER, **ASKS})
    read = await admin.get("/me", Origin=STRANGER)

    for answer in (leave, read):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    # Who caches must not give one page what was meant for another.
    assert read.headers["Vary"] == "Origin"


@pytest.mark.requirement("native.http.cors")
async def test_every_door_lets_the_same_pages_in(stage: Stage) -> None:
    for path in ("/v1/me", "/api/conversations", "/api/public/v1/conversations"):
        async with stage.http.options(f"{stage.address}{path}", headers={"Origin": ORIGIN, **ASKS}) as answer:
            assert (answer.status, answer.headers.get("Access-Control-Allow-Origin")) == (204, ORIGIN), path
    async with stage.http.get(f"{stage.address}/healthz", headers={"Origin": ORIGIN}) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers
