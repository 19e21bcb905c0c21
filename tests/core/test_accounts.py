"""Who asks."""

from dataclasses import MISSING, asdict, fields, replace

from turnkeeper.core.accounts import Caller


def test_who_asks_is_the_same_in_every_request() -> None:
    # Streams ask again and again whether the key is still good for the one who opened them.
    caller = Caller(organization_id=1, account_id=2, key_id=3, role="admin", request_id="1")
    assert replace(caller, request_id="2") == caller
    assert replace(caller, role="member") != caller


def test_a_caller_loses_nothing_in_a_request() -> None:
    caller = Caller(
        organization_id=1,
        account_id=2,
        key_id=3,
        role="admin",
        scopes=frozenset({"read"}),
        origin="session",
        session_id=4,
        request_id="1",
    )
    for each in fields(caller):
        if each.default is not MISSING:
            assert getattr(caller, each.name) != each.default, f"{each.name} would be lost and nobody would see"

    assert asdict(caller.asking("2")) == {**asdict(caller), "request_id": "2"}
