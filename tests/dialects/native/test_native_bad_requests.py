"""Queries and bodies that cannot be used: refused with every fault and its place, and nothing is changed."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi
from tests.dialects.native.client import ASKS, UNKNOWN, Answer, Native, Shop
from turnkeeper.dialects.native.faults import MOST_FAULTS


@pytest.mark.requirement("native.errors.bad-requests")
async def test_a_query_that_cannot_be_used_is_refused_with_every_fault(admin: Native) -> None:
    queries = [
        "state=open",
        "state=",
        "state=waiting&state=denied",
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=%D9%A1",
        "limit=1e1",
        "limit=",
        "cursor=nonsense",
        "cursor=",
        "cursor=%00%FF",
        "conversation=17",
        "conversation=msg_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A",
        "message=x",
        "message=%00",
        "offset=3",
        "STATE=waiting&limit=x&limit=2",
    ]
    told = {query: faults(await admin.get(f"/approvals?{query}")) for query in queries}
    assert told == snapshot(
        {
            "state=open": (
                400,
                [
                    (
                        "state",
                        "invalid",
                        "The parameter 'state' must be one of waiting, approved, denied, expired, cancelled.",
                    )
                ],
            ),
            "state=": (
                400,
                [
                    (
                        "state",
                        "invalid",
                        "The parameter 'state' must be one of waiting, approved, denied, expired, cancelled.",
                    )
                ],
            ),
            "state=waiting&state=denied": (
                400,
                [("state", "repeated", "The parameter 'state' came more than once; send it once.")],
            ),
            "limit=0": (400, [("limit", "invalid", "The parameter 'limit' must be a whole number from 1 to 100.")]),
            "limit=101": (400, [("limit", "invalid", "The parameter 'limit' must be a whole number from 1 to 100.")]),
            "limit=ten": (400, [("limit", "invalid", "The parameter 'limit' must be a whole number from 1 to 100.")]),
            "limit=%D9%A1": (
                400,
                [("limit", "invalid", "The parameter 'limit' must be a whole number from 1 to 100.")],
            ),
            "limit=1e1": (400, [("limit", "invalid", "The parameter 'limit' must be a whole number from 1 to 100.")]),
            "limit=": (400, [("limit", "invalid", "The parameter 'limit' must be a whole number from 1 to 100.")]),
            "cursor=nonsense": (
                400,
                [("cursor", "invalid", "This cursor was not made by this server; start again without one.")],
            ),
            "cursor=": (
                400,
                [("cursor", "invalid", "This cursor was not made by this server; start again without one.")],
            ),
            "cursor=%00%FF": (
                400,
                [("cursor", "invalid", "This cursor was not made by this server; start again without one.")],
            ),
            "conversation=17": (
                400,
                [
                    (
                        "conversation",
                        "malformed_id",
                        "'17' is no id of a conversation; expected `conv_` and 26 characters.",
                    )
                ],
            ),
            "conversation=msg_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A": (
                400,
                [
                    (
                        "conversation",
                        "malformed_id",
                        "'msg_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A' is no id of a conversation; expected `conv_` and 26 characters.",
                    )
                ],
            ),
            "message=x": (
                400,
                [("message", "malformed_id", "'x' is no id of a message; expected `msg_` and 26 characters.")],
            ),
            "message=%00": (
                400,
                [("message", "malformed_id", "'\\x00' is no id of a message; expected `msg_` and 26 characters.")],
            ),
            "offset=3": (
                400,
                [
                    (
                        "offset",
                        "unknown_parameter",
                        "The parameter 'offset' is not known here; there are state, conversation, message, limit, cursor.",
                    )
                ],
            ),
            "STATE=waiting&limit=x&limit=2": (
                400,
                [
                    (
                        "STATE",
                        "unknown_parameter",
                        "The parameter 'STATE' is not known here; there are state, conversation, message, limit, cursor.",
                    ),
                    ("limit", "repeated", "The parameter 'limit' came more than once; send it once."),
                ],
            ),
        }
    )
    assert faults(await admin.get(f"/approvals/apr_{UNKNOWN}?verbose=1")) == snapshot(
        (400, [("verbose", "unknown_parameter", "The parameter 'verbose' is not known here; there are none.")])
    )
    long = (await admin.get(f"/approvals?{'x' * 3_000}=1")).problem
    assert (long.errors[0].parameter, len(long.errors[0].detail) < 200) == ("x" * 3_000, True)
    many = await admin.get("/approvals?" + "&".join(f"p{number}=1" for number in range(101)))
    assert (many.status, many.problem.code) == snapshot((400, "too_many"))
    some = await admin.get("/approvals?" + "&".join(f"p{number}=1" for number in range(100)))
    assert len(some.problem.errors) == MOST_FAULTS


@pytest.mark.requirement("native.errors.bad-requests")
async def test_a_cursor_of_another_list_is_refused(stage: Stage, admin: Native) -> None:
    nairi = Nairi(stage, stage.keys.admin)
    for _ in range(2):
        await nairi.start("Hello")
    cursor = (await nairi.page("/agents/helper/conversations?limit=1")).next_cursor
    answer = await admin.get(f"/approvals?cursor={cursor}")
    assert faults(answer) == snapshot(
        (400, [("cursor", "invalid", "This cursor belongs to a list in another order; start again without one.")])
    )


@pytest.mark.requirement("native.errors.bad-requests")
async def test_a_body_that_cannot_be_used_is_refused_and_decides_nothing(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    stage.model.will(ASKS)
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
    approval = waiting.waits_for[0]
    before = stage.rows()
    bodies: dict[str, bytes] = {
        "empty": b"",
        "cut": b'{"decision": "appr',
        "two": b'{"decision": "approve"} {}',
        "list": b"[]",
        "null": b"null",
        "text": b'"approve"',
        "no UTF-8": b'{"decision": "approve", "note": "\xff"}',
        "lone surrogate": b'{"decision": "approve", "note": "\\ud800 and on"}',
        "deep": b'{"note":' + b"[" * 40_000 + b"]" * 40_000 + b"}",
        "huge number": b'{"decision": 1e9999}',
        "nothing": b"{}",
        "nulls": b'{"decision": null, "note": null}',
        "another word": b'{"decision": "approved"}',
        "another case": b'{"decision": "Approve"}',
        "wrong types": b'{"decision": true, "note": ["x"]}',
        "unknown fields": b'{"decision": "approve", "reason": "x", "a/b~c": 1}',
        "NUL": b'{"decision": "approve", "note": "a\\u0000b"}',
        "long note": b'{"decision": "approve", "note": "' + b"x" * 2_001 + b'"}',
        "too large": b'{"decision": "approve", "note": "' + b"x" * 10_000_000 + b'"}',
    }
    told: dict[str, object] = {}
    for name, body in bodies.items():
        headers = {"Content-Type": "application/json", "Idempotency-Key": name.replace(" ", "-")}
        answer = await admin.ask("POST", f"/approvals/{approval}/decide", data=body, headers=headers)
        told[name] = faults(answer)
    assert told == snapshot(
        {
            "empty": (400, "malformed", "The body is no JSON: Input data was truncated."),
            "cut": (400, "malformed", "The body is no JSON: Input data was truncated."),
            "two": (400, "malformed", "The body is no JSON: JSON is malformed: trailing characters (byte 25)."),
            "list": (400, "malformed", "The body must be a JSON object: Expected `object`, got `array`."),
            "null": (400, "malformed", "The body must be a JSON object: Expected `object`, got `null`."),
            "text": (400, "malformed", "The body must be a JSON object: Expected `object`, got `str`."),
            "no UTF-8": (
                400,
                "malformed",
                "The body is no JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte.",
            ),
            "lone surrogate": (
                400,
                "malformed",
                "The body is no JSON: JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 39).",
            ),
            "deep": (400, "malformed", "The body is nested too deep."),
            "huge number": (400, "malformed", "The body must be a JSON object: Number out of range - at `$[...]`."),
            "nothing": (400, [("/decision", "missing", "The field 'decision' is missing; it is 'approve' or 'deny'.")]),
            "nulls": (400, [("/decision", "missing", "The field 'decision' is missing; it is 'approve' or 'deny'.")]),
            "another word": (400, [("/decision", "invalid", "The field 'decision' must be 'approve' or 'deny'.")]),
            "another case": (400, [("/decision", "invalid", "The field 'decision' must be 'approve' or 'deny'.")]),
            "wrong types": (
                400,
                [
                    ("/decision", "invalid", "The field 'decision' must be 'approve' or 'deny'."),
                    ("/note", "wrong_type", "The field 'note' must be a string."),
                ],
            ),
            "unknown fields": (
                400,
                [
                    ("/reason", "unknown_field", "The field 'reason' is not known here; it takes decision and note."),
                    ("/a~1b~0c", "unknown_field", "The field 'a/b~c' is not known here; it takes decision and note."),
                ],
            ),
            "NUL": (400, [("/note", "nul", "The field 'note' contains a NUL character, which cannot be stored.")]),
            "long note": (400, [("/note", "too_long", "The note has more than 2,000 characters.")]),
            "too large": (413, "too_large", "The body is too large; the most is 100,000 bytes."),
        }
    )
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense", ""):
        headers = {"Content-Type": kind}
        answer = await admin.ask("POST", f"/approvals/{approval}/decide", data=b'{"decision": "deny"}', headers=headers)
        assert (answer.status, answer.problem.code) == (415, "unsupported_media_type"), kind
    for key in ("", "two words", "x" * 256, "\xe4"):
        answer = await admin.decide(approval, "approve", Idempotency_Key=key)
        assert [fault.header for fault in answer.problem.errors] == ["Idempotency-Key"]
    assert (await admin.get(f"/approvals/{approval}")).approval.state == "waiting"
    assert stage.rows() == before


@pytest.mark.requirement("native.errors.bad-requests")
async def test_a_cancel_that_says_something_is_refused_and_cancels_nothing(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    message = await shop.ask(stage.keys.member)
    path = f"/messages/{message}/cancel"
    answers = [await admin.post(path, {"force": True}), await admin.post(path, []), await admin.post(f"{path}?force=1")]
    assert [faults(answer) for answer in answers] == snapshot(
        [
            (400, [("/force", "unknown_field", "The field 'force' is not known here; it takes none.")]),
            (400, "malformed", "The body must be a JSON object: Expected `object`, got `array`."),
            (400, [("force", "unknown_parameter", "The parameter 'force' is not known here; there are none.")]),
        ]
    )
    assert (await admin.get(f"/messages/{message}")).message.status == "queued"
    assert (await admin.post(path, {})).message.status == "cancelled"


@pytest.mark.requirement("native.approvals.decide")
async def test_the_longest_note_is_kept_and_a_blank_one_is_none(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(ASKS, ASKS)
    async with shop.working():
        first, second = [await shop.parked(admin, await shop.ask(stage.keys.member)) for _ in range(2)]
    assert (await admin.decide(first.waits_for[0], "deny", "я" * 2_000)).approval.note == "я" * 2_000
    assert (await admin.decide(second.waits_for[0], "deny", " \n")).approval.note is None


def faults(answer: Answer) -> object:
    """The status, and each fault with its place; of what is wrong as a whole, the code and the sentence."""
    problem = answer.problem
    if not problem.errors:
        return problem.status, problem.code, problem.detail
    assert problem.code == "invalid"
    return problem.status, [
        (fault.pointer or fault.parameter or fault.header, fault.code, fault.detail) for fault in problem.errors
    ]
