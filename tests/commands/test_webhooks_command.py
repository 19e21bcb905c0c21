"""`turnkeeper webhooks` and `turnkeeper schedules` beside a running server."""

import asyncio
import base64
import os
import re
from collections.abc import Generator

import pytest

from tests.dialects.conftest import Stage
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.patience import PATIENCE
from tests.test_command_line import Operator, Told

SETTINGS = {
    "TURNKEEPER_VAULT_KEY": base64.b64encode(bytes(32)).decode(),
    "TURNKEEPER_WEBHOOK_PRIVATE_ADDRESSES": "true",
}


@pytest.fixture
def same_settings() -> Generator[None]:
    """The environment of an operator whose server has a vault."""
    before = dict(os.environ)
    os.environ.update(SETTINGS)
    yield
    os.environ.clear()
    os.environ.update(before)


async def types(stage: Stage, *words: str) -> Told:
    """Run a command while the server goes on."""
    return await asyncio.to_thread(Operator(stage.database_url).types, *words)


async def does(stage: Stage, *words: str) -> str:
    """What a command says that goes well."""
    told = await types(stage, *words)
    assert told.returncode == 0, told.stderr
    return told.stdout


async def delivered(stage: Stage, webhook: str, receiver: WebhookReceiver, count: int) -> None:
    """Wait until the only delivery came so often, and the last time is noted, which is a moment later."""
    await receiver.until(count)
    async with asyncio.timeout(PATIENCE):
        while receiver.received[0].id not in await does(
            stage, "webhooks", "deliveries", webhook, "--state", "delivered"
        ):
            pass


@pytest.mark.usefixtures("same_settings")
async def test_a_webhook_is_made_tested_looked_after_and_deleted(stage: Stage) -> None:
    async with WebhookReceiver() as receiver, stage.working():
        made = await does(stage, "webhooks", "create", receiver.url, "--type", "message.*")
        webhook, secret = re.findall(r"whk_\w+|whsec_\S+", made)
        await does(stage, "webhooks", "test", webhook)
        await delivered(stage, webhook, receiver, 1)
        listed = await does(stage, "webhooks", "deliveries", webhook)
        delivery = receiver.received[0].id
        again = await does(stage, "webhooks", "replay", webhook, "--delivery", delivery)
        await delivered(stage, webhook, receiver, 2)
        rotated = await does(stage, "webhooks", "rotate", webhook)
        off = await does(stage, "webhooks", "disable", webhook)
        table = await does(stage, "webhooks", "list")
        on = await does(stage, "webhooks", "enable", webhook)
        neither = await types(stage, "webhooks", "replay", webhook)
        everything = await does(stage, "webhooks", "replay", webhook, "--since", "2020-01-01", "--all")
        deleted = await does(stage, "webhooks", "delete", webhook, "--yes")
        gone = await types(stage, "webhooks", "test", webhook)

    assert receiver.received[0].is_signed_with(secret)
    assert delivery in listed
    assert [one.id for one in receiver.received[:2]] == [delivery, delivery]
    assert (again, everything) == ("1 deliveries are sent again.\n",) * 2
    assert rotated.startswith("whsec_")
    assert rotated.strip() != secret
    assert (off, on) == (f"{webhook} is switched off.\n", f"{webhook} is switched on.\n")
    assert "off: asked" in table
    assert "whsec_" not in table
    assert neither.returncode != 0
    assert "--delivery ID or --since TIME" in neither.stderr
    assert deleted == f"The webhook '{webhook}' is deleted.\n"
    assert (gone.returncode != 0, f"There is no webhook '{webhook}'" in gone.stderr) == (True, True)


async def test_a_schedule_is_made_run_paused_and_deleted(stage: Stage) -> None:
    made = await does(
        stage, "schedules", "create", "Report", "--agent", "Helper", "--cron", "@daily", "--text", "What is new?"
    )
    (schedule,) = re.findall(r"sch_\w+", made)
    ran = await does(stage, "schedules", "run", schedule)
    runs = await does(stage, "schedules", "runs", schedule)
    shown = await does(stage, "schedules", "show", schedule)
    await does(stage, "schedules", "pause", schedule)
    table = await does(stage, "schedules", "list")
    resumed = await does(stage, "schedules", "resume", schedule)
    wrong = await types(
        stage, "schedules", "create", "Report", "--agent", "Helper", "--cron", "daily", "--text", "What is new?"
    )
    await does(stage, "schedules", "delete", schedule, "--yes")
    gone = await types(stage, "schedules", "run", schedule)

    assert re.fullmatch(rf"{schedule} fires next at \d{{4}}-\d\d-\d\d 00:00 UTC\.\n", made)
    (message,) = re.findall(r"msg_\w+", ran)
    assert message in runs
    assert len(re.findall(r"T00:00\+00:00", shown)) == 5
    assert "asked" in table
    assert resumed == made
    assert "is no cron line" in wrong.stderr
    assert f"There is no schedule '{schedule}'" in gone.stderr
