"""Where a webhook may point: checked when it is registered, and again at every attempt."""

from collections.abc import Sequence

import pytest

from tests.webhooks.post import PostOffice
from turnkeeper.actions.webhook_urls import WebhookUrls
from turnkeeper.agents.tools.http.look_up import SystemLookUp
from turnkeeper.core.errors import InvalidError
from turnkeeper.tasks.webhook_post import WebhookPost


class Names:
    """A look-up that says what a test tells it, one answer after the other; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def addresses(self, host: str, port: int) -> list[str]:
        """The next answer."""
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise OSError(None, "no such name")
        return list(answer)


PUBLIC = ("93.184.215.14",)
NOBODY_S = "2e00::1"
"""Of the public internet, and given to nobody."""


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hooks",
        "https://[::1]/hooks",
        "https://10.1.2.3/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:192.168.0.1]/hooks",
        "https://[fe80::1%25eth0]/hooks",
        "https://0.0.0.0/hooks",
        "https://[::]/hooks",
        "https://[::ffff:127.0.0.1]/hooks",
        "https://[::127.0.0.1]/hooks",
        "https://[64:ff9b::169.254.169.254]/hooks",
        "https://[2002:7f00:1::]/hooks",
        "https://[fd00:ec2::254]/hooks",
        "https://100.100.100.200/hooks",
    ],
)
async def test_a_private_address_is_refused_when_it_is_registered(url: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await WebhookUrls(Names(PUBLIC), allows_private_addresses=False).check(url)
    assert (refused.value.field, refused.value.code) == ("url", "private_address")


@pytest.mark.parametrize("found", [("10.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("::1",)])
async def test_a_name_with_any_private_address_is_refused(found: tuple[str, ...]) -> None:
    with pytest.raises(InvalidError) as refused:
        await WebhookUrls(Names(found), allows_private_addresses=False).check("https://example.com/hooks")
    assert refused.value.code == "private_address"


@pytest.mark.parametrize("found", [PUBLIC, ()])
async def test_a_public_name_is_taken_and_one_that_has_no_address_yet(found: tuple[str, ...]) -> None:
    await WebhookUrls(Names(found), allows_private_addresses=False).check("https://example.com:8443/hooks?for=me")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com/",
        "https://",
        "https:///hooks",
        "https://user:password@example.com/",
        "https://example.com/#part",
        "https://exa mple.com/",
        "https://example.com/\n",
        "https://example.com:99999/",
        "https://[::1/",
        "https://example.com/" + "x" * 2_000,
    ],
)
async def test_what_is_no_address_is_refused_whatever_is_allowed(url: str) -> None:
    for allows in (True, False):
        with pytest.raises(InvalidError) as refused:
            await WebhookUrls(Names(PUBLIC), allows_private_addresses=allows).check(url)
        assert refused.value.field == "url"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0x7f.1", "017700000001", "127.1", "0", "localhost"])
async def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(InvalidError) as refused:  # the system's own look-up: these need no network
        await WebhookUrls(SystemLookUp(), allows_private_addresses=False).check(f"https://{host}/hooks")
    assert refused.value.field == "url"


async def test_http_is_for_those_who_allow_private_addresses() -> None:
    await WebhookUrls(Names(PUBLIC), allows_private_addresses=True).check("http://localhost:9000/hooks")
    with pytest.raises(InvalidError):
        await WebhookUrls(Names(PUBLIC), allows_private_addresses=False).check("http://example.com/hooks")


async def test_a_name_that_became_private_is_not_called(office: PostOffice) -> None:
    url = office.receiver.url.replace("127.0.0.1", "rebound.example")
    webhook = await office.register(url=url)
    await office.tell("one")

    async with WebhookPost(allows_private_addresses=False, look_up=Names(("127.0.0.1",)), seconds=2) as office.post:
        await office.deliver(webhook)

    (attempt,) = (await office.only(webhook)).log
    assert office.receiver.received == []
    assert attempt.error == "'rebound.example' is not called: its address is not one of the public internet."


async def test_a_name_is_looked_up_once_for_a_request_whatever_it_would_say_next(office: PostOffice) -> None:
    webhook = await office.register(url=office.receiver.url.replace("127.0.0.1", "rebound.example"))
    await office.tell("one")
    names = Names((NOBODY_S,), ("127.0.0.1",))

    async with WebhookPost(allows_private_addresses=False, look_up=names, seconds=0.5) as office.post:
        await office.deliver(webhook)

    assert office.receiver.received == []
    assert await names.addresses("rebound.example", 80) == ["127.0.0.1"]
    assert names.asked == 2  # once by the request


async def test_a_private_address_that_was_registered_before_is_not_called(office: PostOffice) -> None:
    webhook = await office.register()
    await office.tell("one")

    async with WebhookPost(allows_private_addresses=False, seconds=2) as office.post:
        await office.deliver(webhook)

    (attempt,) = (await office.only(webhook)).log
    assert office.receiver.received == []
    assert attempt.error == "'127.0.0.1' is not called: its address is not one of the public internet."
