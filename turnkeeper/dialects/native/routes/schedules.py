"""`/schedules` and what is below."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.idempotency import Once
from turnkeeper.core.ids import prefixed
from turnkeeper.core.schedules import Schedule
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.forms.schedules import MOST_BODY_BYTES, new_schedule_form, schedule_form
from turnkeeper.dialects.native.operations import schedules as operations
from turnkeeper.dialects.native.queries.numbered import cursor_behind, page_query
from turnkeeper.dialects.native.queries.schedules import ticks_query
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.schedules import RunsShape, SchedulesShape, TicksShape
from turnkeeper.dialects.native.translate.ids import schedule_in
from turnkeeper.dialects.native.translate.schedules import run_shape, schedule_shape

_SCHEDULES = "schedules"
_RUNS = "schedule runs"


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with schedules."""
    return [*_of_schedules(actions), *_of_runs(actions)]


def _of_schedules(actions: Actions) -> list[Endpoint]:
    def whole(done: Once[Schedule], *, status: int = 200) -> ASGIApp:
        shape = schedule_shape(done.value, ticks=actions.schedules.preview(done.value))
        return answer(shape, status=status, replayed=done.replayed, location=f"/v1/schedules/{shape.id}")

    async def list_schedules(asked: Asked) -> ASGIApp:
        before, limit = page_query(asked.query, _SCHEDULES)
        found = await actions.schedules.list(asked.caller, before=before, limit=limit + 1)
        shown, has_more = cut(found, limit)
        cursor = cursor_behind(shown[-1].created_at, shown[-1].id, _SCHEDULES) if has_more else None
        items = [schedule_shape(schedule) for schedule in shown]
        return answer(SchedulesShape(items=items, has_more=has_more, next_cursor=cursor))

    async def create(asked: Asked) -> ASGIApp:
        body = await asked.body(MOST_BODY_BYTES)
        new = new_schedule_form(body, asked.content_type)
        return whole(await actions.schedules.create(asked.caller, new, key=asked.key(body)), status=201)

    async def ticks(asked: Asked) -> ASGIApp:
        line, zone = ticks_query(asked.query)
        return answer(TicksShape(next_ticks=[moment(tick) for tick in actions.schedules.ticks_of(line, zone)]))

    async def get(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        found = await actions.schedules.get(asked.caller, schedule=schedule)
        return answer(schedule_shape(found, ticks=actions.schedules.preview(found)))

    async def change(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        body = await asked.body(MOST_BODY_BYTES)
        wanted = schedule_form(body, asked.content_type)
        done = await actions.schedules.change(asked.caller, schedule=schedule, change=wanted, key=asked.key(body))
        return whole(done)

    async def delete(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        done = await actions.schedules.delete(asked.caller, schedule=schedule, key=asked.key(b""))
        return nothing(replayed=done.replayed)

    async def pause(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        return whole(await actions.schedules.pause(asked.caller, schedule=schedule, key=asked.key(body)))

    async def resume(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        return whole(await actions.schedules.resume(asked.caller, schedule=schedule, key=asked.key(body)))

    return [
        Endpoint(operation=operations.LIST, handle=list_schedules),
        Endpoint(operation=operations.CREATE, handle=create),
        Endpoint(operation=operations.TICKS, handle=ticks),
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CHANGE, handle=change),
        Endpoint(operation=operations.DELETE, handle=delete),
        Endpoint(operation=operations.PAUSE, handle=pause),
        Endpoint(operation=operations.RESUME, handle=resume),
    ]


def _of_runs(actions: Actions) -> list[Endpoint]:
    async def run(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        ran = await actions.schedules.run(asked.caller, schedule=schedule, key=asked.key(body))
        message = ran.value.message
        location = None if message is None else f"/v1/messages/{prefixed('msg', message)}"
        return answer(run_shape(ran.value), status=202, replayed=ran.replayed, location=location)

    async def list_runs(asked: Asked) -> ASGIApp:
        schedule = asked.named("schedule_id", "schedule", schedule_in)
        before, limit = page_query(asked.query, _RUNS)
        found = await actions.schedules.runs(asked.caller, schedule=schedule, before=before, limit=limit + 1)
        shown, has_more = cut(found, limit)
        cursor = cursor_behind(shown[-1].fired_at, shown[-1].id, _RUNS) if has_more else None
        return answer(RunsShape(items=[run_shape(one) for one in shown], has_more=has_more, next_cursor=cursor))

    return [
        Endpoint(operation=operations.RUN, handle=run),
        Endpoint(operation=operations.RUNS, handle=list_runs),
    ]
