"""What requests about schedules say."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import get_args
from uuid import UUID

from turnkeeper.core.conversations import Mode
from turnkeeper.core.cron import LONGEST_LINE
from turnkeeper.core.schedules import LONGEST_NAME, NewSchedule
from turnkeeper.dialects.native.forms.reading import Fields, fields_of
from turnkeeper.dialects.native.translate.ids import agent_in

MOST_BODY_BYTES = 6_100_000
"""The longest text, with every character escaped."""
_KNOWN = ("name", "agent", "cron", "timezone", "text", "mode", "conversation")
_MODES: Mapping[str, Mode] = {mode: mode for mode in get_args(Mode)}
_TALKS: Mapping[str, bool] = {"new": False, "one": True}
_LONGEST_ZONE = 100
_LONGEST_TEXT = 1_000_000


def new_schedule_form(body: bytes, content_type: str | None) -> NewSchedule:
    """Check the body of a schedule to be.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=_KNOWN)
    new = NewSchedule(
        name=fields.needed_text("name", most=LONGEST_NAME),
        agent=_agent(fields.needed_text("agent", most=255)),
        cron=fields.needed_text("cron", most=LONGEST_LINE),
        text=fields.needed_text("text", most=_LONGEST_TEXT),
    )
    read = _changes(fields)
    fields.check()
    return read(new)


def schedule_form(body: bytes, content_type: str | None) -> Callable[[NewSchedule], NewSchedule]:
    """Check what is to be changed of a schedule; what is left out stays. Raises as `new_schedule_form`."""
    fields = fields_of(body, content_type, known=_KNOWN)
    longest = {"name": LONGEST_NAME, "agent": 255, "cron": LONGEST_LINE, "text": _LONGEST_TEXT}
    given = {name: fields.needed_text(name, most=most) for name, most in longest.items() if fields.has(name)}
    read = _changes(fields)
    fields.check()

    def change(present: NewSchedule) -> NewSchedule:
        return replace(
            read(present),
            name=given.get("name", present.name),
            agent=_agent(given["agent"]) if "agent" in given else present.agent,
            cron=given.get("cron", present.cron),
            text=given.get("text", present.text),
        )

    return change


def _changes(fields: Fields) -> Callable[[NewSchedule], NewSchedule]:
    zone = fields.text("timezone", most=_LONGEST_ZONE)
    mode = fields.word_or_none("mode", tuple(_MODES))
    talk = fields.word_or_none("conversation", tuple(_TALKS))

    def change(present: NewSchedule) -> NewSchedule:
        return replace(
            present,
            timezone=present.timezone if zone is None else zone,
            mode=present.mode if mode is None else _MODES[mode],
            keeps_conversation=present.keeps_conversation if talk is None else _TALKS[talk],
        )

    return change


def _agent(text: str) -> UUID | str:
    return agent_in(text) or text
