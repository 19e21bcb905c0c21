"""How much of everything: the whole torture, and the small one that runs with the tests."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """Numbers of one run; times in seconds."""

    serves: int
    works: int
    conversations: int
    """Held while processes are killed; the other scenarios hold a part of these."""
    most_messages: int
    """In one of them."""
    at_once: int
    """Conversations that are under way at the same time."""
    kills: int
    longest_peace_seconds: float
    """Between two kills."""
    stop_seconds: float
    """How long a process is stopped; longer where others need more to do its turns."""
    away_seconds: float
    """How long the database is."""
    twins: int
    """Requests with one key."""
    volley: int
    """Messages at once in one conversation."""
    long_turns: int
    overhead_turns: int
    quiet_turns: int
    noise: int
    """So many times the clients of the quiet organization."""


FULL = Scale(
    serves=3,
    works=1,
    conversations=500,
    most_messages=4,
    at_once=100,
    kills=30,
    longest_peace_seconds=4.0,
    stop_seconds=60.0,
    away_seconds=30.0,
    twins=100,
    volley=20,
    long_turns=10_000,
    overhead_turns=300,
    quiet_turns=120,
    noise=100,
)
SMALL = Scale(
    serves=1,
    works=1,
    conversations=15,
    most_messages=3,
    at_once=15,
    kills=4,
    longest_peace_seconds=1.0,
    stop_seconds=6.0,
    away_seconds=2.0,
    twins=100,
    volley=20,
    long_turns=120,
    overhead_turns=20,
    quiet_turns=10,
    noise=10,
)


def chance_for(seed: int, *names: object) -> random.Random:
    """A source of randomness of its own for each part: what one draws does not move the others."""
    return random.Random(":".join(map(str, (seed, *names))))
