"""Many clients that hold conversations in all dialects, and what they were promised and saw."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from bench.stub_model import reply_of
from bench.torture.person import Person
from bench.torture.plan import chance_for
from bench.torture.reader import Reader
from bench.torture.site import AGENT, Site, Tenant
from bench.torture.talks import EnthusiastTalk, NairiTalk, NativeTalk, Talk
from bench.torture.web import GaveUpError, Web

END_SECONDS = 240.0
"""After the last harm was done, everything must be over by then."""
LONGEST_THOUGHT_MILLISECONDS = 400


@dataclass(kw_only=True)
class Seen:
    """What the clients were promised, and saw."""

    promised: list[str] = field(default_factory=list[str])
    """The tickets of all messages that were accepted."""
    answered: int = 0
    streams: int = 0
    stream_connections: int = 0
    gaps: int = 0
    decided: int = 0
    """Questions that a person answered."""
    broken: list[str] = field(default_factory=list[str])


class Crowd:
    """Holds conversations until each is over. `harm` is what is done to the server meanwhile."""

    def __init__(
        self,
        site: Site,
        name: str,
        *,
        conversations: int,
        thoughts_milliseconds: tuple[int, int] | None = None,
    ) -> None:
        """With `thoughts_milliseconds` the model thinks about every question, for a time between these."""
        self.seen = Seen()
        self.done = 0
        self.conversations = conversations
        self._site = site
        self._name = name
        self._tenant: Tenant = site.tenant
        self._thoughts = thoughts_milliseconds
        self.web: Web = site.web(chance_for(site.seed, name, "web"))

    async def run(self, harm: Callable[[], Coroutine[None, None, None]]) -> Seen:
        """Begin, harm, and see to it that all comes to its end."""
        gate = asyncio.Semaphore(self._site.scale.at_once)
        person = Person(self.web, self._tenant.key, self._site.happened)
        deciding = asyncio.create_task(person.decide())
        holding = [asyncio.create_task(self._hold(number, gate)) for number in range(self.conversations)]
        try:
            await harm()
            _, stuck = await asyncio.wait(holding, timeout=END_SECONDS)
            if stuck:
                self.seen.broken.append(
                    f"{len(stuck)} conversations are not over {END_SECONDS:g} s after the last harm."
                )
        finally:
            for task in (deciding, *holding):
                task.cancel()
            stumbled, *_ = await asyncio.gather(deciding, *holding, return_exceptions=True)
            await self.web.close()
        self.seen.decided = person.decided
        if isinstance(stumbled, Exception):
            # Not the server's fault, but then nobody answered, and what waits for it is not lost.
            self.seen.broken.append(f"The person who decides stumbled: {type(stumbled).__name__}: {stumbled}")
        self.seen.broken.extend(self.web.troubles.unmendable)
        return self.seen

    async def _hold(self, number: int, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                await self._talk(number, chance_for(self._site.seed, self._name, number))
            except GaveUpError:
                return  # noted where it was found
            except Exception as error:  # noqa: BLE001 - a client that stumbles must not go unnoticed
                self.seen.broken.append(f"Conversation {number}: {type(error).__name__}: {error}")
            finally:
                self.done += 1

    async def _talk(self, number: int, chance: random.Random) -> None:
        talk = self._begin(number)
        reader, reading = None, None
        if isinstance(talk, NativeTalk):
            await talk.begin(f"{self._name}-{self._site.seed}-{number}-new")
            reader = Reader(self.web, self._tenant.key, talk.id, chance)
            reading = asyncio.create_task(reader.read())
        try:
            tickets = await self._questions(talk, number, chance)
            if reader is not None and reading is not None:
                reader.is_closing = True
                await reading
                self._note_stream(reader)
        finally:
            if reading is not None:
                reading.cancel()
        await self._check(talk, number, tickets)

    async def _questions(self, talk: Talk, number: int, chance: random.Random) -> list[str]:
        tickets: list[str] = []
        sent: list[str] = []
        for place in range(chance.randint(1, self._site.scale.most_messages)):
            ticket = f"Ticket {self._thought(chance)}-{chance.getrandbits(64):016x}"
            deed = chance.choices(("", " pay", " mail"), (7, 2, 1))[0]
            message = await talk.send(
                f"Question {place}: {ticket}{deed}", f"{self._name}-{self._site.seed}-{number}-{place}"
            )
            tickets.append(ticket)
            sent.append(message)
            self.seen.promised.append(ticket)
            if chance.random() < 0.6:
                await talk.until_finished(message)
        for message in sent:
            if not await talk.until_finished(message):
                self.seen.broken.append(f"Message {message} of conversation {number} was not answered.")
        return tickets

    async def _check(self, talk: Talk, number: int, tickets: list[str]) -> None:
        texts = await talk.texts()
        wanted = [reply_of(ticket) for ticket in tickets]
        if texts == wanted:
            self.seen.answered += len(tickets)
            return
        self.seen.answered += sum(texts.count(text) == 1 for text in wanted)
        self.seen.broken.append(
            f"Conversation {number} ({type(talk).__name__}) has {len(texts)} replies to {len(tickets)} messages, or others, "
            f"or in another order: {[text[:60] for text in texts]}"
        )

    def _note_stream(self, reader: Reader) -> None:
        self.seen.streams += 1
        self.seen.stream_connections += reader.connections
        self.seen.gaps += reader.gaps
        if reader.gaps:
            self.seen.broken.append(f"A stream had {reader.gaps} gaps or repeats.")

    def _begin(self, number: int) -> Talk:
        match number % 3:
            case 0:
                return NativeTalk(self.web, self._tenant.key, AGENT)
            case 1:
                return EnthusiastTalk(self.web, self._tenant.key, self._tenant.data_set_id)
            case _:
                return NairiTalk(self.web, self._tenant.key, AGENT)

    def _thought(self, chance: random.Random) -> int:
        """How long the model thinks about it, in milliseconds; mostly not at all."""
        if self._thoughts is not None:
            return chance.randint(*self._thoughts)
        return chance.choice((0, 0, 0, chance.randint(1, LONGEST_THOUGHT_MILLISECONDS)))
