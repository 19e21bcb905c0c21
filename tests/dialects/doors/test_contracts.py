"""What each door says of itself is held against what it does: schemathesis asks what the description allows, and more.

Every day a few requests an operation, always the same; `CONTRACT_EXAMPLES=100 pytest tests/dialects/doors/test_contracts.py`
asks longer, in sequences too, and other things each time.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.dialects.conftest import Stage, staged
from tests.dialects.doors.described import DOORS
from tests.dialects.doors.test_isolation import made, things
from tests.dialects.native.client import Native
from tests.fakes.people import Company

HOOKS = Path(__file__).parents[2] / "fakes" / "contract_hooks"
CHARACTERS = Path(__file__).parents[3] / ".hypothesis"
"""Where hypothesis keeps its tables of characters, which cost seconds to make."""
LONGER = os.environ.get("CONTRACT_EXAMPLES")
SECONDS = 600 if LONGER is None else 1_800
EVERY_DAY = ("--phases", "examples,fuzzing", "--max-examples", "1", "--generation-deterministic", "--no-shrink")
NOT_CHECKED = ("positive_data_acceptance", "ensure_resource_availability", "use_after_free")
"""No schema knows which agents there are, so not all that fits it can be accepted; and our hooks choose what is named."""
WRONG_KEYS = 1_000_000
"""A minute: each operation is asked with one."""
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, "5xx"]
"""
"""What an `If-Match` does not fit is refused for that, before anything else is looked at."""
LENIENT = {"enthusiast": ("negative_data_rejection",)}
"""Django's forms, which this dialect follows, read 0 as false and leave out what they cannot read."""


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.contract")
async def test_no_request_makes_a_door_fail_or_answer_otherwise_than_described(
    database_url: str, company: Company, door: str, tmp_path: Path
) -> None:
    async with (
        staged(database_url, company, tmp_path / "data", wrong_keys_per_minute=WRONG_KEYS) as stage,
        stage.working(),
    ):
        ids = {name: [thing.id] for name, thing in (await things(stage))[door].items()}
        if door == "native":
            ids.update(await disposable(stage, ids))
        code, said = await contract_run(stage, door, ids, tmp_path)
    print(said[said.find("= SUMMARY =") :])  # how much was asked, for `pytest -rP`
    assert code == 0, said[said.find("= FAILURES =") :]


async def contract_run(stage: Stage, door: str, ids: Mapping[str, Sequence[str]], folder: Path) -> tuple[int, str]:
    """Let schemathesis ask with the admin's key; how it ended, and all that it said."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    flags = EVERY_DAY if LONGER is None else ("--max-examples", LONGER, "--generation-database", "none")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", stage.address + DOORS[door], "--no-color", *flags),
        *(
            "--generation-with-security-parameters",
            "false",
            "--exclude-checks",
            ",".join((*NOT_CHECKED, *LENIENT.get(door, ()))),
        ),
        *("-H", f"Authorization: Bearer {stage.keys.admin}"),
        cwd=folder,
        env={
            **os.environ,
            "CONTRACT_IDS": msgspec.json.encode(ids).decode(),
            "SCHEMATHESIS_HOOKS": "contract_hooks",
            "PYTHONPATH": str(HOOKS),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(CHARACTERS),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode()


async def disposable(stage: Stage, ids: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Ids for the native door: nothing that the asking itself needs, and last of each kind what may be deleted."""
    admin = Native(stage, stage.keys.admin)
    webhook = {"url": "https://93.184.215.14/hook"}
    schedule = {"name": "Report", "agent": "refunds", "text": "Report.", "cron": "0 9 * * *"}
    keys = [await made(admin, "/keys", {"name": f"Key {number}", "scopes": ["read"]}) for number in (1, 2)]
    members = [await made(admin, "/members", {"kind": "service", "name": f"Member {number}"}) for number in (1, 2)]
    return {
        "key_id": keys,
        "member_id": members,
        "account_id": members,
        "webhook_id": [*ids["webhook_id"], await made(admin, "/webhooks", webhook)],
        "schedule_id": [*ids["schedule_id"], await made(admin, "/schedules", schedule)],
        "data_set_id": [*ids["data_set_id"], await made(admin, "/data-sets", {"name": "Disposable"})],
        "conversation_id": [*ids["conversation_id"], await made(admin, "/conversations", {"agent": "refunds"})],
    }
