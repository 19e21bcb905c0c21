"""The refund agent, set up and asked by its one command, with the script that plays a model."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.patience import PROCESS_PATIENCE
from tests.server_process import clean_environment

RUN = Path(__file__).parents[1] / "examples" / "refund-agent" / "run.py"


def run(url: str, payments: Path) -> "subprocess.CompletedProcess[str]":
    environment = clean_environment(
        TURNKEEPER_DATABASE_URL=url, TURNKEEPER_DEMO="false", TURNKEEPER_EMBED_AT_START="false"
    )
    environment.pop("OPENAI_API_KEY", None)
    return subprocess.run(
        [sys.executable, RUN, "--payments", payments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )


def test_the_failed_charge_is_refunded_once_and_a_receipt_is_sent(database_url: str, tmp_path: Path) -> None:
    payments = tmp_path / "payments.sqlite"

    result = run(database_url, payments)

    assert result.returncode == 0, result.stderr
    assert "a script plays one" in result.stdout
    assert "I refunded 42.00 euros for the failed charge ch_1002 of cus_123." in result.stdout
    with sqlite3.connect(payments) as connection:
        assert connection.execute("SELECT charge, amount, length(key) FROM refunds").fetchall() == [
            ("ch_1002", 42.0, 36)
        ]
        assert connection.execute("SELECT customer FROM receipts").fetchall() == [("cus_123",)]
