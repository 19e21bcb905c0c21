"""What a receiver may do, and what becomes of the delivery."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from inline_snapshot import snapshot

from tests.fakes.standing import until_somebody_waits_for_a_lock
from tests.fakes.webhook_receiver import Answers
from tests.webhooks.post import LONG_AGO, PostOffice
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.webhooks import DISABLED_AFTER_DAYS, STEPS_ASIDE_AFTER, WAITS, NewWebhook
from turnkeeper.tasks.webhook_post import WebhookPost


async def test_a_delivery_is_signed_as_the_official_library_wants_it(office: PostOffice) -> None:
    webhook = await office.register()
    await office.tell("one")

    await office.deliver(webhook)

    (received,) = office.receiver.received
    delivery = await office.only(webhook)
    assert received.is_signed_with(await office.secret(webhook))
    assert not received.is_signed_with("whsec_" + "A" * 44)
    assert received.headers["content-type"] == "application/json"
    assert (delivery.state, delivery.attempts, delivery.body) == ("delivered", 1, received.raw.decode())


async def test_while_a_secret_is_rotated_both_prove_the_delivery_and_later_only_the_new_one(office: PostOffice) -> None:
    webhook = await office.register()
    old = await office.secret(webhook)
    rotated = await office.webhooks.rotate(office.staff.admin, webhook=webhook.public_id, grace_hours=1)
    await office.tell("one")
    await office.deliver(webhook)
    newest = await office.webhooks.rotate(office.staff.admin, webhook=webhook.public_id, grace_hours=0)
    await office.tell("two")
    await office.deliver(webhook)

    both, last = office.receiver.received
    assert len(both.headers["webhook-signature"].split()) == 2
    assert both.is_signed_with(old)
    assert both.is_signed_with(rotated.value.secret)
    assert rotated.value.webhook.old_secret_until is not None
    assert [last.is_signed_with(secret) for secret in (old, rotated.value.secret, newest.value.secret)] == [
        False,
        False,
        True,
    ]


async def test_what_is_refused_is_tried_again_with_the_same_id_and_body_and_holds_up_those_behind(
    office: PostOffice,
) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(status=500, text="out of order"))
    await office.tell("one", "two")

    await office.deliver(webhook)
    after_failure = await office.all(webhook)
    office.clock.pass_by(seconds=WAITS[0] - 0.1)
    await office.deliver(webhook)
    too_early = office.told()
    office.clock.pass_by(seconds=0.2)
    await office.deliver(webhook)

    assert [(each.state, each.attempts) for each in after_failure] == [("waiting", 1), ("waiting", 0)]
    assert too_early == ["one"]
    assert office.told() == ["one", "one", "two"]
    first, again, _ = office.receiver.received
    assert (again.id, again.raw) == (first.id, first.raw)
    log = (await office.all(webhook))[0].log
    assert [(each.number, each.status, each.error, each.answer) for each in log] == snapshot(
        [(1, 500, "It answered 500 Internal Server Error.", "out of order"), (2, 200, None, None)]
    )


async def test_a_receiver_that_hangs_is_cut_off(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(hangs=True))
    await office.tell("one")

    async with WebhookPost(allows_private_addresses=True, seconds=0.5) as office.post:
        await office.deliver(webhook)

    (attempt,) = (await office.only(webhook)).log
    assert (attempt.status, attempt.error) == (None, "'127.0.0.1' did not answer within 0.5 seconds.")
    assert attempt.milliseconds >= 400


async def test_no_redirect_is_followed(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(status=307, headers={"Location": office.receiver.url.replace("hooks", "metadata")}))
    await office.tell("one")

    await office.deliver(webhook)

    (attempt,) = (await office.only(webhook)).log
    assert len(office.receiver.received) == 1
    assert attempt.status == 307
    assert "redirects are not followed" in (attempt.error or "")


async def test_what_answers_gone_is_switched_off_at_once_and_the_others_are_told(office: PostOffice) -> None:
    webhook, other = await office.register("agent.*"), await office.register("webhook.disabled")
    office.receiver.will(Answers(status=410))
    await office.tell("one", "two")

    await office.deliver(webhook)
    await office.deliver(webhook)
    await office.deliver(other)

    now = await office.now(webhook)
    assert (now.is_enabled, now.disabled_reason) == (False, "gone")
    assert [each.state for each in await office.all(webhook)] == ["failed", "waiting"]
    assert office.receiver.types() == ["agent.changed", "webhook.disabled"]
    data = office.receiver.received[1].body["data"]
    assert isinstance(data, dict)
    assert data["reason"] == "gone"


async def test_switched_on_again_it_is_sent_what_waits_but_not_what_it_missed(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(status=410))
    await office.tell("gone", "waits")
    await office.deliver(webhook)
    await office.tell("missed")

    await office.webhooks.change(office.staff.admin, webhook=webhook.public_id, change=_switched_on)
    await office.deliver(webhook)

    assert office.told() == ["gone", "waits"]
    assert (await office.now(webhook)).disabled_reason is None


@pytest.mark.parametrize("answer", [Answers(status=200), Answers(status=410)], ids=["delivered", "failed"])
async def test_what_is_sent_while_its_webhook_is_changed_waits_and_holds_up_nobody(
    office: PostOffice, answer: Answers
) -> None:
    webhook = await office.register()
    office.receiver.will(answer)
    await office.tell("one", "two")
    due = "UPDATE webhook_deliveries SET next_at = '-infinity' WHERE webhook_id = %s AND state = 'waiting'"

    # As somebody does who changes it: the webhook is held, and then what waits to be sent.
    async with await psycopg.AsyncConnection.connect(office.database.url) as changing:
        await changing.execute("SELECT 1 FROM webhooks WHERE id = %s FOR UPDATE", (webhook.id,))
        delivering = asyncio.create_task(office.deliver(webhook))
        await until_somebody_waits_for_a_lock(office.database.url)
        await changing.execute("SET lock_timeout = '1s'")
        changed = (await changing.execute(due, (webhook.id,))).rowcount
    await delivering

    assert changed == 2
    assert (await office.all(webhook))[0].state == ("delivered" if answer.status == 200 else "failed")


async def test_after_some_failures_a_delivery_steps_aside_and_comes_first_when_the_receiver_is_back(
    office: PostOffice,
) -> None:
    webhook = await office.register()
    office.receiver.will(*[Answers(status=500)] * (STEPS_ASIDE_AFTER + 1))
    await office.tell("one", "two", "three")

    for wait in WAITS[:STEPS_ASIDE_AFTER]:
        await office.deliver(webhook)
        office.clock.pass_by(seconds=wait)
        if wait == WAITS[STEPS_ASIDE_AFTER - 1]:
            office.clock.pass_by(seconds=-wait + WAITS[0])

    assert office.told() == ["one"] * STEPS_ASIDE_AFTER + ["two"]
    await office.deliver(webhook)
    assert office.told()[STEPS_ASIDE_AFTER:] == ["two", "two", "one", "three"]


async def test_a_delivery_is_given_up_after_three_days_and_the_webhook_goes_on(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(*[Answers(status=500)] * (len(WAITS) + 1))
    await office.tell("one")

    began = office.clock.now
    for wait in (*WAITS, 0.0):
        await office.deliver(webhook)
        office.clock.pass_by(seconds=wait)

    delivery = await office.only(webhook)
    assert (delivery.state, delivery.attempts) == ("failed", len(WAITS) + 1)
    assert timedelta(days=2.9) < office.clock.now - began < timedelta(days=3.1)
    assert (await office.now(webhook)).is_enabled


async def test_a_webhook_that_failed_for_days_is_switched_off(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(*[Answers(status=500)] * 2)
    await office.tell("one")

    await office.deliver(webhook)
    office.clock.pass_by(days=DISABLED_AFTER_DAYS)
    await office.deliver(webhook)

    now = await office.now(webhook)
    assert (now.is_enabled, now.disabled_reason) == (False, "failing")


async def test_a_receiver_that_asks_for_time_gets_it(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(status=429, headers={"Retry-After": "3600"}))
    await office.tell("one")

    await office.deliver(webhook)
    await office.webhooks.test(office.staff.admin, webhook=webhook.public_id)
    office.clock.pass_by(seconds=3_599)
    await office.deliver(webhook)
    before = len(office.receiver.received)
    office.clock.pass_by(seconds=1)
    await office.deliver(webhook)

    assert before == 1
    assert office.receiver.types()[1:] == ["agent.changed", "webhook.test"]


async def test_a_test_is_sent_beside_what_waits(office: PostOffice) -> None:
    webhook = await office.register("message.*")
    tested = await office.webhooks.test(office.staff.admin, webhook=webhook.public_id)

    await office.deliver(webhook)

    assert office.receiver.types() == ["webhook.test"]
    assert (await office.only(webhook)).public_id == tested.value.public_id
    await office.webhooks.change(office.staff.admin, webhook=webhook.public_id, change=_switched_off)
    with pytest.raises(ConflictError) as refused:
        await office.webhooks.test(office.staff.admin, webhook=webhook.public_id)
    assert refused.value.code == "webhook_disabled"


async def test_deliveries_are_sent_again_by_request_with_the_ids_that_they_had(office: PostOffice) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(status=200), Answers(status=410))
    await office.tell("one", "two")
    await office.deliver(webhook)
    await office.webhooks.change(office.staff.admin, webhook=webhook.public_id, change=_switched_on)
    ids = [one.id for one in office.receiver.received]

    only_failed = await office.webhooks.replay_since(
        office.staff.admin, webhook=webhook.public_id, since=LONG_AGO, only_failed=True
    )
    await office.deliver(webhook)
    everything = await office.webhooks.replay_since(
        office.staff.admin, webhook=webhook.public_id, since=LONG_AGO, only_failed=False
    )
    await office.deliver(webhook)
    one = (await office.all(webhook))[0]
    await office.webhooks.replay(office.staff.admin, webhook=webhook.public_id, delivery=one.public_id)
    await office.deliver(webhook)

    assert (only_failed.value, everything.value) == (1, 2)
    assert [one.id for one in office.receiver.received[2:]] == [ids[1], ids[0], ids[1], ids[0]]
    assert (await office.all(webhook))[0].attempts == 3


def _switched_on(new: NewWebhook) -> NewWebhook:
    return NewWebhook(url=new.url, types=new.types, is_enabled=True)


def _switched_off(new: NewWebhook) -> NewWebhook:
    return NewWebhook(url=new.url, types=new.types, is_enabled=False)
