"""Who asks."""

from dataclasses import replace

from turnkeeper.core.accounts import Caller


def test_who_asks_is_the_same_in_every_request() -> None:
    # Streams ask again and again whether the key is still good for the one who opened them.
    caller = Caller(organization_id=1, account_id=2, key_id=3, role="admin", request_id="1")
    assert replace(caller, request_id="2") == caller
    assert replace(caller, role="member") != caller
