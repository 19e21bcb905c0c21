"""Workers die while they send, as processes really do; and several of them send to one endpoint in order."""

import asyncio

from tests.fakes.forked_workers import ForkedWorkers
from tests.fakes.webhook_receiver import Answers
from tests.patience import PATIENCE
from tests.webhooks.conftest import KEY
from tests.webhooks.post import PostOffice
from turnkeeper.store.tasks import Rescue


async def test_a_worker_killed_between_sending_and_noting_sends_again_with_the_same_id_and_in_order(
    office: PostOffice, forks: ForkedWorkers
) -> None:
    webhook = await office.register()
    office.receiver.will(Answers(hangs=True))
    names = [str(number) for number in range(20)]
    environment = {
        "TURNKEEPER_DATABASE_URL": office.database.url,
        "TURNKEEPER_DATABASE_CONNECTIONS": "4",
        "TURNKEEPER_VAULT_KEY": KEY,
        "TURNKEEPER_WEBHOOK_PRIVATE_ADDRESSES": "true",
    }
    doomed = await forks.start(environment)
    await office.tell(*names)
    await office.receiver.until(1)
    forks.kill(doomed)
    async with office.database.connection() as connection:
        await connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    await Rescue(office.database)(stalled_seconds=30)
    for _ in range(2):
        await forks.start(environment)
    async with asyncio.timeout(2 * PATIENCE):
        await office.receiver.until(len(names) + 1)

    # Noted after the last answer.
    await office.settled(webhook)

    first, again = office.receiver.received[:2]
    deliveries = await office.all(webhook)
    assert (again.id, again.raw) == (first.id, first.raw)
    assert office.told() == ["0", *names]
    assert office.receiver.at_the_same_time <= 2  # the one that hangs, of the dead
    assert {(each.state, each.attempts) for each in deliveries} == {("delivered", 1)}
