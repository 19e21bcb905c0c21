"""Schedules: made, changed, paused and run by people; fired by a task."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.cron import Cron
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.schedules import LONGEST_NAME, MOST_SCHEDULES, PREVIEWED_TICKS, NewSchedule, Run, Schedule
from turnkeeper.store import agents, audit, schedule_firing, schedules
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Connection, Database


class ScheduleActions:
    """What callers may do with schedules: with their own, and admins with all of the organization.

    Every method that names a schedule raises NotFoundError when there is none with this id for the caller.
    """

    def __init__(
        self, database: Database, changes: Changes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._changes = changes
        self._clock = clock

    async def create(self, caller: Caller, new: NewSchedule, *, key: IdempotencyKey | None = None) -> Once[Schedule]:
        """Have a message sent at every tick from now on, in the caller's name.

        Raises:
            InvalidError: a field is out of bounds; there is no such agent for the caller.
            ConflictError: code `too_many_schedules`.
        """
        new = _checked(new)
        next_at = Cron(new.cron, new.timezone).after(self._clock())

        async def work(connection: Connection) -> Schedule:
            if await schedules.count(connection, caller) >= MOST_SCHEDULES:
                message = f"The organization has {MOST_SCHEDULES} schedules already; delete one that is not used."
                raise ConflictError(message, code="too_many_schedules")
            agent_id = await _agent_id(connection, caller, new.agent)
            made = await schedules.create(
                connection, caller, new, public_id=new_id(), agent_id=agent_id, next_at=next_at
            )
            await audit.append(connection, caller.actor, "schedule.created", target=made.public_id)
            return made

        return await self._own(caller, await once(self._database, caller, key, Schedule, work, is_one_statement=False))

    async def list(self, caller: Caller, *, before: int | None = None, limit: int = 100) -> Sequence[Schedule]:
        """Those that the caller may see, newest first, from the one behind the number `before` on."""
        async with self._database.connection() as connection:
            return await schedules.listed(connection, caller, before=before, limit=limit)

    async def get(self, caller: Caller, *, schedule: UUID) -> Schedule:
        """One of them."""
        async with self._database.connection() as connection:
            return _found(await schedules.find(connection, caller, schedule=schedule), schedule)

    def preview(self, schedule: Schedule) -> Sequence[datetime]:
        """The next ticks; none while it is paused."""
        return () if schedule.next_at is None else _first(Cron(schedule.cron, schedule.timezone), schedule.next_at)

    def ticks_of(self, cron: str, timezone: str) -> Sequence[datetime]:
        """The next ticks that a schedule with this line and zone would have.

        Raises:
            InvalidError: `cron` is no line, or names no moment; or `timezone` is no name of a zone.
        """
        line = Cron(cron, timezone)
        return _first(line, line.after(self._clock()))

    async def change(
        self,
        caller: Caller,
        *,
        schedule: UUID,
        change: Callable[[NewSchedule], NewSchedule],
        key: IdempotencyKey | None = None,
    ) -> Once[Schedule]:
        """Change what a person decides about it. With another line or zone the next tick is counted from now.

        Raises:
            InvalidError: as `create`.
        """

        async def work(connection: Connection) -> Schedule:
            found = await _locked(connection, caller, schedule)
            present = _as_wanted(found)
            new = _checked(change(present))
            same_agent = new.agent == present.agent
            agent_id = found.agent_id if same_agent else await _agent_id(connection, caller, new.agent)
            await schedules.change(connection, new, schedule_id=found.id, agent_id=agent_id)
            if found.next_at is not None and (new.cron, new.timezone) != (found.cron, found.timezone):
                next_at = Cron(new.cron, new.timezone).after(self._clock())
                await schedules.set_next(connection, schedule_id=found.id, next_at=next_at)
            await audit.append(connection, caller.actor, "schedule.updated", target=schedule)
            return await _again(connection, caller, schedule)

        return await self._own(caller, await once(self._database, caller, key, Schedule, work, is_one_statement=False))

    async def delete(self, caller: Caller, *, schedule: UUID, key: IdempotencyKey | None = None) -> Once[bool]:
        """Forget it and its runs; the conversations that it began stay."""

        async def work(connection: Connection) -> bool:
            if not await schedules.delete(connection, caller, schedule=schedule):
                raise NotFoundError("schedule", schedule)
            await audit.append(connection, caller.actor, "schedule.deleted", target=schedule)
            return True

        return await once(self._database, caller, key, bool, work, is_one_statement=False)

    async def pause(self, caller: Caller, *, schedule: UUID, key: IdempotencyKey | None = None) -> Once[Schedule]:
        """Fire no tick until it is resumed. Pausing twice is as good as once."""

        async def work(connection: Connection) -> Schedule:
            found = await _locked(connection, caller, schedule)
            if found.next_at is not None:
                await schedules.set_next(connection, schedule_id=found.id, next_at=None, paused="asked")
                await audit.append(connection, caller.actor, "schedule.paused", target=schedule)
            return await _again(connection, caller, schedule)

        return await self._own(caller, await once(self._database, caller, key, Schedule, work, is_one_statement=False))

    async def resume(self, caller: Caller, *, schedule: UUID, key: IdempotencyKey | None = None) -> Once[Schedule]:
        """Go on with the next tick from now; those of the pause are not made up for.

        Raises:
            InvalidError: its line names no moment any more.
        """

        async def work(connection: Connection) -> Schedule:
            found = await _locked(connection, caller, schedule)
            if found.next_at is None:
                next_at = Cron(found.cron, found.timezone).after(self._clock())
                await schedules.set_next(connection, schedule_id=found.id, next_at=next_at)
                await audit.append(connection, caller.actor, "schedule.resumed", target=schedule)
            return await _again(connection, caller, schedule)

        return await self._own(caller, await once(self._database, caller, key, Schedule, work, is_one_statement=False))

    async def run(self, caller: Caller, *, schedule: UUID, key: IdempotencyKey | None = None) -> Once[Run]:
        """Send its message now, paused or not; its ticks stay as they are.

        Raises:
            ConflictError: code `not_answered`, the conversation that is kept has an unanswered message; code `agent_gone`
                or `account_inactive`, it cannot be sent any more.
        """
        accepted: list[int] = []

        async def work(connection: Connection) -> Run:
            found = await _locked(connection, caller, schedule)
            fired = await schedule_firing.fire(connection, found, tick_at=None, now=self._clock())
            if fired.conversation_id is None:
                raise ConflictError(fired.run.reason or "It was not sent.", code=fired.paused or "not_answered")
            accepted.append(fired.conversation_id)
            await audit.append(connection, caller.actor, "schedule.run", target=schedule)
            return fired.run

        ran = await once(self._database, caller, key, Run, work, is_one_statement=False)
        if ran.replayed:
            await self.get(caller, schedule=schedule)  # another account of the organization may have used the key
        for conversation_id in accepted:
            self._changes.accepted(conversation_id)
        return ran

    async def runs(
        self, caller: Caller, *, schedule: UUID, before: int | None = None, limit: int = 100
    ) -> Sequence[Run]:
        """What came of it in the last 30 days, newest first."""
        async with self._database.connection() as connection:
            found = _found(await schedules.find(connection, caller, schedule=schedule), schedule)
            return await schedules.runs(connection, schedule_id=found.id, before=before, limit=limit)

    async def _own(self, caller: Caller, done: Once[Schedule]) -> Once[Schedule]:
        if done.replayed:
            await self.get(caller, schedule=done.value.public_id)  # see `run`
        return done


def _first(line: Cron, tick: datetime) -> Sequence[datetime]:
    """So many ticks as are shown, beginning with one of them."""
    found = [tick]
    with suppress(InvalidError):  # it names fewer moments than are shown
        found.extend(islice(line.ticks(tick), PREVIEWED_TICKS - 1))
    return found


async def _agent_id(connection: Connection, caller: Caller, wanted: UUID | str) -> int:
    by_id = isinstance(wanted, UUID)
    agent = await agents.find(connection, caller, public_id=wanted if by_id else None, slug=None if by_id else wanted)
    if agent is None:
        raise InvalidError("agent", f"There is no agent {str(wanted)[:100]!r} for you.", code="unknown")
    return agent.id


async def _locked(connection: Connection, caller: Caller, schedule: UUID) -> Schedule:
    return _found(await schedules.find(connection, caller, schedule=schedule, locked=True), schedule)


async def _again(connection: Connection, caller: Caller, schedule: UUID) -> Schedule:
    return _found(await schedules.find(connection, caller, schedule=schedule), schedule)


def _found(schedule: Schedule | None, wanted: UUID) -> Schedule:
    if schedule is None:
        raise NotFoundError("schedule", wanted)
    return schedule


def _as_wanted(schedule: Schedule) -> NewSchedule:
    return NewSchedule(
        name=schedule.name,
        agent=schedule.agent,
        cron=schedule.cron,
        timezone=schedule.timezone,
        text=schedule.text,
        mode=schedule.mode,
        keeps_conversation=schedule.keeps_conversation,
    )


def _checked(new: NewSchedule) -> NewSchedule:
    for field, value, longest in (("name", new.name, LONGEST_NAME), ("text", new.text, LONGEST_TEXT)):
        if not value.strip():
            raise InvalidError(field, f"The {field} is blank; say something.", code="blank")
        if len(value) > longest:
            raise InvalidError(field, f"The {field} has more than {longest:,} characters.", code="too_long")
        if "\x00" in value:
            raise InvalidError(field, f"The {field} contains a NUL character, which cannot be stored.", code="nul")
    Cron(new.cron, new.timezone)
    return replace(new, name=new.name.strip(), cron=" ".join(new.cron.split()))
