"""What clients say in headers."""

from datetime import UTC, datetime

import pytest

from turnkeeper.core.errors import InvalidError, NotSignedInError
from turnkeeper.http_kit.headers import idempotency_key_from, secret_from, wait_from
from turnkeeper.http_kit.paging import cursor_of, position_of


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer tk_x"},
        {"authorization": "Token tk_x"},
        {"authorization": "token   tk_x"},
        {"x-api-key": " tk_x "},
    ],
)
def test_every_way_to_send_a_key_means_the_same(headers: dict[str, str]) -> None:
    assert secret_from(headers) == "tk_x"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing"),
        ({"x-api-key": " "}, "missing"),
        ({"authorization": "Basic dXNlcg=="}, "missing"),
        ({"authorization": ""}, "missing"),
        ({"authorization": "Token"}, "empty"),
        ({"authorization": "Token a b"}, "spaces"),
    ],
)
def test_a_request_without_a_usable_key_is_told_why(headers: dict[str, str], code: str) -> None:
    with pytest.raises(NotSignedInError) as refused:
        secret_from(headers)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("wait=5", 5),
        ("respond-async, wait=10", 10),
        ('Wait="7"', 7),
        ("wait=600", 60),
        ("wait=", 0),
        ("wait=-1", 0),
        ("await=9", 0),
        ("wait=9999999999999", 0),
    ],
)
def test_how_long_a_client_would_wait(prefer: str | None, seconds: int) -> None:
    assert wait_from({} if prefer is None else {"prefer": prefer}) == seconds


def test_the_fingerprint_does_not_depend_on_how_a_body_is_written() -> None:
    def fingerprint(body: bytes) -> bytes:
        key = idempotency_key_from({"idempotency-key": '"abc"'}, method="POST", path="/x", body=body)
        assert key is not None
        assert (key.route, key.key) == ("POST /x", "abc")
        return key.fingerprint

    assert fingerprint(b'{"a":1,"b":[2]}') == fingerprint(b' { "b" : [2], "a":1 } ')
    assert fingerprint(b'{"a":1}') != fingerprint(b'{"a":2}')
    assert fingerprint(b"not json") != fingerprint(b"not  json")


@pytest.mark.parametrize("value", ["", "  ", "a b", "x" * 256, "käse", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(value: str) -> None:
    with pytest.raises(InvalidError):
        idempotency_key_from({"idempotency-key": value}, method="POST", path="/x", body=b"")


def test_a_cursor_leads_back_to_its_place_in_its_own_order_only() -> None:
    at = datetime(2026, 11, 21, 20, 0, 0, 123456, tzinfo=UTC)
    cursor = cursor_of(at, 42, "created_at_desc")
    assert position_of(cursor, "created_at_desc") == (at, 42)
    for bad in (cursor[:-3], "", "!!!", "é", cursor_of(at, 42, "other")):
        with pytest.raises(InvalidError):
            position_of(bad, "created_at_desc")
