"""The operations on schedules."""

from collections.abc import Mapping
from typing import Literal

from turnkeeper.core.schedules import KEEP_RUNS_DAYS
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, missing, wrong
from turnkeeper.dialects.native.shapes.schedules import (
    NewScheduleBody,
    RunShape,
    RunsShape,
    ScheduleBody,
    ScheduleShape,
    SchedulesShape,
    TicksShape,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "sch_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"
_SCHEDULE = Parameter(name="schedule_id", where="path", description="The schedule: `sch_…`.")

_LISTED: Mapping[str, object] = {
    "id": _ID,
    "name": "Morning report",
    "agent": "reporter",
    "account_id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "cron": "30 8 * * mon-fri",
    "timezone": "Europe/Berlin",
    "text": "What happened since yesterday?",
    "mode": "execute",
    "conversation": "new",
    "conversation_id": None,
    "paused_reason": None,
    "next_at": "2026-04-13T06:30:00.000Z",
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:12.000Z",
}
_EXAMPLE: Mapping[str, object] = {
    **_LISTED,
    "next_ticks": [f"2026-04-{day}T06:30:00.000Z" for day in (13, 14, 15, 16, 17)],
}
_PAUSED: Mapping[str, object] = {**_LISTED, "paused_reason": "asked", "next_at": None, "next_ticks": []}
_RUN: Mapping[str, object] = {
    "tick_at": "2026-04-13T06:30:00.000Z",
    "fired_at": "2026-04-13T06:30:00.412Z",
    "outcome": "accepted",
    "reason": None,
    "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "message_id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
}
_NO_SCHEDULE = missing("schedule", _ID)
_NO_LINE = (
    "'8 in the morning' is no cron line; write five fields (minute, hour, day of the month, month, day of the week), such "
    "as '30 8 * * mon-fri', or @hourly, @daily, @weekly, @monthly, @yearly."
)
_BAD_LINE = wrong(_NO_LINE, "invalid", pointer="/cron")
_NOTHING_TO_SAY = wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x")
_TIMES = (
    "A local time that is skipped when clocks are put forward fires once, right after; one that comes twice fires once, the "
    "first time. A line with `*` as its hour goes by the hours that pass instead."
)

LIST = Operation(
    method="get",
    path="/schedules",
    name="listSchedules",
    tag="Schedules",
    scope="read",
    summary="Messages that are sent again and again",
    description="Newest first. Admins see all of the organization, others their own.",
    parameters=(LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=SchedulesShape,
            example={"items": [_LISTED], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
    ),
)

CREATE = Operation(
    method="post",
    path="/schedules",
    name="createSchedule",
    tag="Schedules",
    scope="manage_agents",
    summary="Make a schedule",
    description=(
        "At every tick of the cron line the message is sent to the agent, once, in the name of the caller. Ticks that are "
        f"missed while no server runs are made up for by one. {_TIMES}"
    ),
    parameters=(KEY,),
    request=NewScheduleBody,
    request_example={
        "name": "Morning report",
        "agent": "reporter",
        "cron": "30 8 * * mon-fri",
        "timezone": "Europe/Berlin",
        "text": "What happened since yesterday?",
        "mode": None,
        "conversation": None,
    },
    replies=(
        Reply(
            status=201,
            description="The schedule.",
            shape=ScheduleShape,
            example=_EXAMPLE,
            headers={**LOCATION, **REPLAYED},
        ),
        _BAD_LINE,
        conflict(
            "too_many_schedules",
            "The organization has 200 schedules already; delete one that is not used.",
            description="The organization has as many as it may.",
        ),
    ),
)

TICKS = Operation(
    method="get",
    path="/schedules/ticks",
    name="previewTicks",
    tag="Schedules",
    scope="read",
    summary="When a cron line would fire",
    description=f"To be looked at before a schedule is made or changed. {_TIMES}",
    parameters=(
        Parameter(name="cron", where="query", description="The line, such as `30 8 * * mon-fri`; it is needed."),
        Parameter(name="timezone", where="query", description="The IANA name of a time zone; UTC if left out."),
    ),
    replies=(
        Reply(
            status=200,
            description="The next five ticks.",
            shape=TicksShape,
            example={"next_ticks": _EXAMPLE["next_ticks"]},
        ),
        wrong(_NO_LINE, "invalid", parameter="cron"),
    ),
)

GET = Operation(
    method="get",
    path="/schedules/{schedule_id}",
    name="getSchedule",
    tag="Schedules",
    scope="read",
    summary="Get a schedule",
    description="With its next five ticks.",
    parameters=(_SCHEDULE,),
    replies=(
        Reply(status=200, description="The schedule.", shape=ScheduleShape, example=_EXAMPLE),
        _NO_SCHEDULE,
    ),
)

CHANGE = Operation(
    method="patch",
    path="/schedules/{schedule_id}",
    name="changeSchedule",
    tag="Schedules",
    scope="manage_agents",
    summary="Change a schedule",
    description="What is left out stays. With another line or zone the next tick is counted from now.",
    parameters=(_SCHEDULE, KEY),
    request=ScheduleBody,
    request_example={"cron": "30 8 * * mon-fri", "timezone": "Europe/Berlin"},
    replies=(
        Reply(
            status=200,
            description="The schedule.",
            shape=ScheduleShape,
            example=_EXAMPLE,
            headers={**LOCATION, **REPLAYED},
        ),
        _BAD_LINE,
        _NO_SCHEDULE,
    ),
)

DELETE = Operation(
    method="delete",
    path="/schedules/{schedule_id}",
    name="deleteSchedule",
    tag="Schedules",
    scope="manage_agents",
    summary="Delete a schedule",
    description="With the list of its runs. The conversations that it began stay.",
    parameters=(_SCHEDULE, KEY),
    replies=(
        Reply(status=204, description="It is deleted.", shape=None, example=None, headers=REPLAYED),
        _NO_SCHEDULE,
    ),
)


def _switch(
    word: Literal["pause", "resume"], summary: str, description: str, example: Mapping[str, object]
) -> Operation:
    return Operation(
        method="post",
        path=f"/schedules/{{schedule_id}}/{word}",
        name=f"{word}Schedule",
        tag="Schedules",
        scope="manage_agents",
        summary=summary,
        description=f"{description} The body is empty, or `{{}}`.",
        parameters=(_SCHEDULE, KEY),
        replies=(
            Reply(
                status=200,
                description="The schedule.",
                shape=ScheduleShape,
                example=example,
                headers={**LOCATION, **REPLAYED},
            ),
            _NOTHING_TO_SAY,
            _NO_SCHEDULE,
        ),
    )


PAUSE = _switch("pause", "Pause a schedule", "No tick fires until it is resumed. Twice is as good as once.", _PAUSED)
RESUME = _switch(
    "resume",
    "Resume a schedule",
    "It goes on with the next tick from now; those of the pause are not made up for.",
    _EXAMPLE,
)

RUN = Operation(
    method="post",
    path="/schedules/{schedule_id}/run",
    name="runSchedule",
    tag="Schedules",
    scope="manage_agents",
    summary="Send its message now",
    description="Paused or not; its ticks stay as they are. `Location` is the message. The body is empty, or `{}`.",
    parameters=(_SCHEDULE, KEY),
    replies=(
        Reply(
            status=202,
            description="The run.",
            shape=RunShape,
            example={**_RUN, "tick_at": None},
            headers={**LOCATION, **REPLAYED},
        ),
        _NOTHING_TO_SAY,
        _NO_SCHEDULE,
        conflict(
            "not_answered",
            "The message before is not answered yet.",
            description="All messages go into one conversation, and one is not answered yet; or `agent_gone`, or "
            "`account_inactive`.",
        ),
    ),
)

RUNS = Operation(
    method="get",
    path="/schedules/{schedule_id}/runs",
    name="listScheduleRuns",
    tag="Schedules",
    scope="read",
    summary="What came of a schedule",
    description=f"Newest first, with the messages that were sent. Runs are kept for {KEEP_RUNS_DAYS} days.",
    parameters=(_SCHEDULE, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=RunsShape,
            example={"items": [_RUN], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        _NO_SCHEDULE,
    ),
)
