"""What the native dialect promises of schedules."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_SCHEDULES = "docs/schedules.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.schedules.life": Requirement(
        source=_SCHEDULES,
        behaviour="Schedules are made, listed, changed, paused, resumed and deleted; the next ticks are told.",
    ),
    "native.schedules.fires": Requirement(
        source=_SCHEDULES, behaviour="A tick sends its message once, and the run names it; so does asking for a run."
    ),
    "native.schedules.ticks": Requirement(
        source=_SCHEDULES, behaviour="The next ticks of a cron line are told before there is a schedule."
    ),
    "native.schedules.refused": Requirement(
        source=_SCHEDULES, behaviour="What cannot be scheduled is refused with every fault and its place."
    ),
}
