"""What is remembered of unfinished messages, against every order in which reads, ends and hints can come."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.still_clock import StillSeconds
from turnkeeper.core.conversations import MessageStatus
from turnkeeper.store.messages import MessageState
from turnkeeper.store.unfinished import LONGEST_SECONDS, MOST_HINTS, PACE_SECONDS, Unfinished

TALK = 7
OTHER_TALKS = 100


def state(status: MessageStatus, conversation_id: int = TALK) -> MessageState:
    return MessageState(conversation_id=conversation_id, role="user", status=status)


def hearing(*, most: int = 10, clock: StillSeconds | None = None) -> Unfinished[MessageState]:
    known: Unfinished[MessageState] = Unfinished(most=most, clock=clock or StillSeconds())
    known.hear(is_connected=True)
    return known


@dataclass
class World:
    """One message in the database, its reads under way, and what this process must know of it by now."""

    known: Unfinished[MessageState] = field(default_factory=hearing)
    status: MessageStatus = "queued"
    reads: list[tuple[int, MessageStatus | None]] = field(default_factory=list)
    least: MessageStatus = "queued"
    """An earlier status than this one must not be told any more."""

    def act(self, what: str) -> None:
        match what:
            case "the turn begins" if self.status == "queued":
                self.status = "pending"
            case "the turn ends" if self.status == "pending":
                self.status = "completed"
            case "a hint comes" if self.status != "queued":
                self.known.hint(TALK, only_queued=self.status == "pending")
                self.least = self.status
            case "the conversation is read":
                self.known.hint(TALK)
                self.least = self.status
            case "a poll begins":
                self.reads.append((self.known.mark(), None))
            case "the database reads":
                self.reads = [(mark, found or self.status) for mark, found in self.reads]
            case "a poll ends" if self.reads and self.reads[0][1] is not None:
                mark, found = self.reads.pop(0)
                self.known.note("me", state(found or "queued"), mark)
            case "hints stop":
                self.known.hear(is_connected=False)
            case "hints come again":
                # Whoever listens anew knows nothing of before; what it reads from now on is at least this.
                self.known.hear(is_connected=True)
            case "others are heard of":
                self.known.hint(TALK + OTHER_TALKS)
            case _:
                pass


ACTS = st.sampled_from(
    [
        "the turn begins",
        "the turn ends",
        "a hint comes",
        "the conversation is read",
        "a poll begins",
        "the database reads",
        "a poll ends",
        "hints stop",
        "hints come again",
        "others are heard of",
    ]
)
ORDER: tuple[MessageStatus, ...] = ("queued", "pending", "completed")


@settings(max_examples=250, deadline=None, database=None)
@given(st.lists(ACTS, max_size=40))
def test_nobody_is_told_of_a_state_from_before_the_last_hint(acts: list[str]) -> None:
    world = World()
    for act in acts:
        world.act(act)
        told = world.known.get("me")
        assert told is None or ORDER.index(told.status) >= ORDER.index(world.least)
        assert told is None or told.status != "completed"


def test_what_was_read_is_told_again_to_the_same_caller_only() -> None:
    known = hearing()
    known.note("me", state("pending"), known.mark())
    assert known.get("me") == state("pending")
    assert known.get("you") is None


def test_text_that_is_written_does_not_make_a_pending_message_forgotten() -> None:
    known = hearing()
    known.note("pending", state("pending"), known.mark())
    known.note("queued", state("queued"), known.mark())
    known.hint(TALK, only_queued=True)
    assert known.get("pending") is not None
    assert known.get("queued") is None


def test_nothing_is_remembered_for_longer_than_a_second() -> None:
    clock = StillSeconds()
    known = hearing(clock=clock)
    known.note("me", state("pending"), known.mark())
    clock.seconds = LONGEST_SECONDS - 0.001
    assert known.get("me") is not None
    clock.seconds = LONGEST_SECONDS
    assert known.get("me") is None


def test_nothing_is_remembered_while_hints_do_not_come() -> None:
    known: Unfinished[MessageState] = Unfinished(most=10)
    known.note("me", state("pending"), known.mark())
    assert known.get("me") is None


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    known = hearing(most=3)
    for number in range(5):
        known.note(number, state("pending", number), known.mark())
    assert [number for number in range(5) if known.get(number) is not None] == [2, 3, 4]


def test_a_read_that_outlasts_very_many_hints_is_not_remembered() -> None:
    known = hearing()
    mark = known.mark()
    known.hint(TALK)
    for number in range(MOST_HINTS):
        known.hint(OTHER_TALKS + number)
    known.note("me", state("pending"), mark)
    assert known.get("me") is None


def test_who_asks_faster_than_the_pace_is_asked_to_wait_for_the_rest() -> None:
    clock = StillSeconds()
    known = hearing(clock=clock)
    assert known.pause("me") == 0
    known.note("me", state("pending"), known.mark())
    clock.seconds = 0.05
    assert known.pause("me") == pytest.approx(PACE_SECONDS - 0.05)
    clock.seconds = PACE_SECONDS
    assert known.pause("me") == pytest.approx(PACE_SECONDS)
    clock.seconds = 3 * PACE_SECONDS
    assert known.pause("me") == 0


class TestWhatThisProcessWrote:
    """The turn is told of by the process that wrote it, in the moment of the hint."""

    def test_is_told_to_those_who_were_told_of_the_message_before(self) -> None:
        known = hearing()
        known.note("ann", state("queued"), known.mark(), about="m1")

        known.written(state("completed"), "m1", lambda: known.hint(TALK))

        assert known.get("ann") == state("completed")

    def test_is_not_told_to_those_who_asked_for_another_message(self) -> None:
        known = hearing()
        known.note("ann", state("queued"), known.mark(), about="m2")

        known.written(state("completed"), "m1", lambda: known.hint(TALK))

        assert known.get("ann") is None

    def test_is_believed_no_longer_than_what_was_read(self) -> None:
        clock = StillSeconds()
        known = hearing(clock=clock)
        known.note("ann", state("queued"), known.mark(), about="m1")
        clock.seconds = LONGEST_SECONDS - 0.1

        known.written(state("completed"), "m1", lambda: known.hint(TALK))
        clock.seconds = LONGEST_SECONDS

        assert known.get("ann") is None

    def test_is_forgotten_at_the_next_hint(self) -> None:
        known = hearing()
        known.note("ann", state("queued"), known.mark(), about="m1")
        known.written(state("completed"), "m1", lambda: known.hint(TALK))

        known.hint(TALK)

        assert known.get("ann") is None
