"""The small torture: processes die, the database goes away, everything is started anew, and no promise is broken.

`make torture` does the same at length. A seed that breaks a promise is printed; `docs/torture.md` says how to do it again.
"""

import secrets
from dataclasses import replace
from pathlib import Path

import uvloop

from bench.torture.findings import line
from bench.torture.plan import SMALL
from bench.torture.run import Order, torture

WITH_THE_TESTS = ("twins", "volley")
"""Those that harm a server broke in one run of three, for a reason not yet known: `make torture` has them."""


def test_no_promise_is_broken_by_many_at_once(tmp_path: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    numbers = replace(SMALL, conversations=15)
    order = Order(seed=seed, scale="small", numbers=numbers, only=WITH_THE_TESTS, json_file=None, logs=tmp_path)

    outcome = uvloop.run(torture(order, lambda _: None, lambda _share, _name: None))

    said = "\n".join((f"seed {seed}, logs in {tmp_path}", *map(line, outcome.findings)))
    assert outcome.is_good, said
    assert [finding.scenario for finding in outcome.findings] == list(WITH_THE_TESTS), said
    assert outcome.five.lost_turns == 0, said
