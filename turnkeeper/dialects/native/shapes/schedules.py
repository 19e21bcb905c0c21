"""Schedules and their runs on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.conversations import Mode
from turnkeeper.core.cron import LONGEST_LINE
from turnkeeper.core.schedules import LONGEST_NAME, PausedReason, RunOutcome
from turnkeeper.dialects.native.shapes.common import AccountId, ConversationId, MessageId, Moment

ScheduleId = Annotated[str, Meta(examples=["sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"])]
CronLine = Annotated[
    str,
    Meta(
        max_length=LONGEST_LINE,
        description="Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, "
        "`@weekly`, `@monthly`, `@yearly`.",
        examples=["30 8 * * mon-fri"],
    ),
]
Zone = Annotated[str, Meta(description="The IANA name of a time zone.", examples=["Europe/Berlin"])]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, examples=["Morning report"])]
Text = Annotated[str, Meta(min_length=1, max_length=1_000_000, description="The message that is sent.")]
Talk = Annotated[
    Literal["new", "one"],
    Meta(
        description="`new`: each message begins a conversation; `one`: all go into one, and a tick is skipped while the "
        "message before is not answered."
    ),
]
AgentName = Annotated[str, Meta(description="The agent: its slug, or `agt_…`.", examples=["reporter"])]


class ScheduleShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A message that is sent at every tick, in the name of who made the schedule."""

    id: ScheduleId
    name: Name
    agent: Annotated[str, Meta(description="The agent's slug.", examples=["reporter"])]
    account_id: Annotated[AccountId, Meta(description="In whose name its messages are sent.")]
    cron: CronLine
    timezone: Zone
    text: Text
    mode: Mode
    conversation: Talk
    conversation_id: Annotated[ConversationId | None, Meta(description="The one that goes on, once there is one.")]
    paused_reason: Annotated[
        PausedReason | None,
        Meta(
            description="null while it is active. `asked`: by a person; `agent_gone`: the agent was deleted or is closed to "
            "the account; `account_inactive`; `no_more_ticks`."
        ),
    ]
    next_at: Annotated[Moment | None, Meta(description="The next tick; null while it is paused.")]
    next_ticks: Annotated[list[Moment] | UnsetType, Meta(description="The next five; only in a single schedule.")] = (
        UNSET
    )
    created_at: Moment
    updated_at: Moment


class TicksShape(msgspec.Struct, kw_only=True):
    """When a schedule would send its message."""

    next_ticks: Annotated[list[Moment], Meta(description="The next five.")]


class SchedulesShape(msgspec.Struct, kw_only=True):
    """A part of the schedules, newest first."""

    items: list[ScheduleShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class RunShape(msgspec.Struct, kw_only=True):
    """What came of one tick, or of being asked to run."""

    tick_at: Annotated[
        Moment | None,
        Meta(
            description="The tick, earlier than `fired_at` where no server ran; null when somebody asked for the run."
        ),
    ]
    fired_at: Moment
    outcome: Annotated[
        RunOutcome,
        Meta(description="`skipped`: the message before was not answered yet; `refused`: it could not be sent."),
    ]
    reason: Annotated[str | None, Meta(description="A sentence, unless the message was accepted.")]
    conversation_id: ConversationId | None
    message_id: Annotated[MessageId | None, Meta(description="The message that was sent.")]


class RunsShape(msgspec.Struct, kw_only=True):
    """A part of a schedule's runs, newest first."""

    items: list[RunShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class NewScheduleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A schedule to be."""

    name: Name
    agent: AgentName
    cron: CronLine
    timezone: Annotated[Zone | None, Meta(description="UTC if left out.")] = None
    text: Text
    mode: Annotated[Mode | None, Meta(description="`execute` if left out.")] = None
    conversation: Annotated[Talk | None, Meta(description="`new` if left out.")] = None


class ScheduleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is left out stays."""

    name: Name | UnsetType = UNSET
    agent: AgentName | UnsetType = UNSET
    cron: CronLine | UnsetType = UNSET
    timezone: Zone | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    conversation: Talk | UnsetType = UNSET
