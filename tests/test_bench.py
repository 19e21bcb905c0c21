"""The benchmark measures a real server: so that it still does when somebody needs it."""

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.figures import Figures

SECONDS = 150


def test_a_quick_run_measures_whole_conversations_without_an_error(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    arguments = ["--quick", "--clients", "1", "--modes", "wait", "--conversations", "3", "--json", str(file)]

    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    figures = msgspec.json.decode(file.read_bytes(), type=Figures)
    (case,) = figures.cases
    assert (case.outcome.count, case.outcome.errors) == (3, 0)
    assert case.outcome.whole.p50 >= case.outcome.answer.p50 > 0
    assert figures.loaded.python_mib > 0
    assert figures.loaded.postgres_mib > 0
    assert figures.limits.commits_of_sixteen > 0
    assert figures.limits.requests > 0
    assert "| 1       | 0 ms  | wait=30" in done.stdout
