"""What a transcript says, checked: every fault is told with its place, and nothing is written before all is right."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET

from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.events import (
    EventBody,
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    MessageQueued,
    MessagesSuperseded,
)
from turnkeeper.core.files import safe_name
from turnkeeper.core.labels import (
    check_metadata_size,
    check_tags_size,
    checked_metadata_key,
    checked_metadata_value,
    checked_tag,
    checked_title,
)
from turnkeeper.core.transcripts import Transcript, TranscriptEvent
from turnkeeper.dialects.native.faults import Fault, FaultsError, pointer_to
from turnkeeper.dialects.native.forms.reading import MediaTypeError
from turnkeeper.dialects.native.forms.shaped import shaped
from turnkeeper.dialects.native.shapes.transcripts import (
    HeadShape,
    KeptEventShape,
    KeptFileShape,
    KeptMessageShape,
    SpentShape,
    TranscriptShape,
)
from turnkeeper.dialects.native.translate.event_bodies import body_in
from turnkeeper.dialects.native.translate.transcripts import head_in, message_in

MOST_BODY_BYTES = 64_000_000
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json")
_MOST_DOLLARS = Decimal(10) ** 12
_SMALLEST_EXPONENT = -18
_YEARS = range(1900, 9_000)


def transcript_form(body: bytes, content_type: str | None) -> Transcript:
    """Check the body of an import. Takes seconds for the largest ones: not to be called on the event loop.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON.
        MediaTypeError: it does not say that it is JSON.
    """
    if content_type is not None and not _JSON.fullmatch(content_type.partition(";")[0].strip().lower()):
        raise MediaTypeError("The body must be JSON; send `Content-Type: application/json`.")
    shape, unstorable = shaped(body, TranscriptShape)
    faults = [*unstorable, *_in_head(shape.conversation, shape.messages), *_in_messages(shape.messages)]
    events, in_events = _events(shape.events)
    faults.extend(in_events)
    if not faults:
        faults.extend(_in_order(shape.messages, events))
    if faults:
        raise FaultsError(faults)
    return Transcript(
        head=head_in(shape.conversation), messages=[message_in(message) for message in shape.messages], events=events
    )


def _in_head(head: HeadShape, messages: Sequence[KeptMessageShape]) -> Iterator[Fault]:
    place = "/conversation"
    if head.title is not None:
        yield from _checked(f"{place}/title", checked_title, head.title, same=True)
    for number, tag in enumerate(head.tags):
        yield from _checked(f"{place}/tags/{number}", checked_tag, tag, same=True)
    yield from _counted(f"{place}/tags", check_tags_size, len(head.tags))
    yield from _counted(f"{place}/metadata", check_metadata_size, len(head.metadata))
    for key, value in head.metadata.items():
        yield from _checked(f"{place}/metadata{pointer_to(key)}", checked_metadata_key, key)
        yield from _checked(f"{place}/metadata{pointer_to(key)}", checked_metadata_value, value)
    for name, at in (
        ("created_at", head.created_at),
        ("updated_at", head.updated_at),
        ("archived_at", head.archived_at),
    ):
        yield from _in_time(at, f"{place}/{name}")
    if head.usage is not None:
        yield from _in_usage(head.usage, f"{place}/usage")
    if head.memory is not None and not _is_asked(messages, head.memory.up_to):
        yield _fault(f"{place}/memory/up_to", "There is no message of a user at this place.")


def _in_messages(messages: Sequence[KeptMessageShape]) -> Iterator[Fault]:
    answered: set[int] = set()
    for number, message in enumerate(messages):
        place = f"/messages/{number}"
        if message.role == "user":
            yield from _in_asked(message, place)
        else:
            yield from _in_reply(message, place, messages, number)
            if message.answers in answered:
                yield _fault(f"{place}/answers", "This message is answered already.")
            if message.answers is not None:
                answered.add(message.answers)
        if message.answered_with is not None:
            yield from _in_joined(message, place, messages, number)
        yield from _in_time(message.created_at, f"{place}/created_at")
        yield from _in_time(message.updated_at, f"{place}/updated_at")
        if message.usage is not None:
            yield from _in_usage(message.usage, f"{place}/usage")
        if message.feedback and message.role != "assistant":
            yield _fault(f"{place}/feedback", "Only replies of the agent are rated.")
        for nth, opinion in enumerate(message.feedback):
            yield from _in_time(opinion.updated_at, f"{place}/feedback/{nth}/updated_at")
        for nth, file in enumerate(message.files):
            yield from _in_file(file, f"{place}/files/{nth}")
    for number, message in enumerate(messages, 1):
        if message.role == "user" and number not in answered and message.answered_with is None:
            yield _fault(f"/messages/{number - 1}", "This message has no reply.")


def _in_asked(message: KeptMessageShape, place: str) -> Iterator[Fault]:
    if message.status not in FINISHED:
        yield _fault(f"{place}/status", "Only finished messages can be imported.")
    if message.answers is not None:
        yield _fault(f"{place}/answers", "A message of a user answers none.")
    steps = [one.model_call for one in message.rounds]
    if steps != sorted(set(steps)):
        yield _fault(f"{place}/rounds", "The rounds must be in the order of their model calls, each once.")
    for nth, one in enumerate(message.rounds):
        if len({call.call_id for call in one.calls}) < len(one.calls):
            yield _fault(f"{place}/rounds/{nth}/calls", "Two calls have the same id.")


def _in_reply(
    message: KeptMessageShape, place: str, messages: Sequence[KeptMessageShape], number: int
) -> Iterator[Fault]:
    if message.status != "completed":
        yield _fault(f"{place}/status", "A reply is completed.")
    if message.rounds:
        yield _fault(f"{place}/rounds", "The rounds stand with the message, not with its reply.")
    if message.answers is None or message.answers > number or not _is_asked(messages, message.answers):
        yield _fault(f"{place}/answers", "A reply answers a message of a user that stands before it.")


def _in_joined(
    message: KeptMessageShape, place: str, messages: Sequence[KeptMessageShape], number: int
) -> Iterator[Fault]:
    with_ = message.answered_with or 0
    if message.role != "user" or with_ > number or not _is_asked(messages, with_):
        yield _fault(
            f"{place}/answered_with", "Only a message is answered with a message of a user that stands before it."
        )


def _in_file(file: KeptFileShape, place: str) -> Iterator[Fault]:
    yield from _in_time(file.created_at, f"{place}/created_at")
    if safe_name(file.name) != file.name:
        yield _fault(f"{place}/name", "This is no name that a file can be shown by.")
    if file.content is not UNSET:
        if len(file.content) != file.size:
            yield _fault(f"{place}/size", "The content has another size.")
        if hashlib.sha256(file.content).hexdigest() != file.sha256:
            yield _fault(f"{place}/sha256", "The content has another hash.")


def _in_time(at: datetime | None, place: str) -> Iterator[Fault]:
    if at is not None and at.year not in _YEARS:
        yield _fault(place, "This time is too far away.")


def _in_usage(usage: SpentShape, place: str) -> Iterator[Fault]:
    cost = usage.cost_usd
    if cost is None:
        return
    exponent = cost.as_tuple().exponent
    if not isinstance(exponent, int) or not 0 <= cost < _MOST_DOLLARS or not _SMALLEST_EXPONENT <= exponent <= 0:
        yield _fault(f"{place}/cost_usd", "The cost must be a plain number of dollars with at most 18 decimals.")


def _events(shapes: Sequence[KeptEventShape]) -> tuple[list[TranscriptEvent], list[Fault]]:
    found: list[TranscriptEvent] = []
    faults: list[Fault] = []
    for number, shape in enumerate(shapes):
        faults.extend(_in_time(shape.at, f"/events/{number}/at"))
        try:
            body: EventBody = body_in(shape.kind, shape.body)
        except ValueError as error:
            faults.append(_fault(f"/events/{number}", str(error)))
        else:
            found.append(TranscriptEvent(message=shape.message, body=body, created_at=shape.at))
    return found, faults


def _in_order(messages: Sequence[KeptMessageShape], events: Sequence[TranscriptEvent]) -> Iterator[Fault]:
    """Each message is queued first, and closed last; nothing happens to what is no message."""
    queued: set[int] = set()
    closed: set[int] = set()
    for number, event in enumerate(events):
        place = f"/events/{number}"
        if not _is_asked(messages, event.message):
            yield _fault(f"{place}/message", "There is no message of a user at this place.")
        elif event.message in closed and not isinstance(event.body, MessagesSuperseded):
            yield _fault(place, "This message was closed by an earlier event.")
        elif isinstance(event.body, MessageQueued) == (event.message in queued):
            yield _fault(place, "The first event of a message, and no other, is 'message.queued'.")
        queued.add(event.message)
        for named in _named(event.body):
            if not _is_asked(messages, named):
                yield _fault(f"{place}/body", "There is no message of a user at the place that this event names.")
        if isinstance(event.body, MessageCancelled | MessageCompleted | MessageFailed):
            closed.add(event.message)
    for number, message in enumerate(messages, 1):
        if message.role == "user" and number not in closed and message.answered_with is None:
            yield _fault(f"/messages/{number - 1}", "No event closes this message.")


def _named(body: EventBody) -> tuple[int, ...]:
    """The places of messages that an event names."""
    match body:
        case MessageAbsorbed():
            return (body.into.int,)
        case MessagesSuperseded():
            return (body.by.int,)
        case _:
            return ()


def _is_asked(messages: Sequence[KeptMessageShape], place: int) -> bool:
    return place <= len(messages) and messages[place - 1].role == "user"


def _checked(place: str, check: Callable[[str], str], text: str, *, same: bool = False) -> Iterator[Fault]:
    try:
        found = check(text)
    except InvalidError as error:
        yield _fault(place, error.why, error.code)
    else:
        if same and found != text:
            yield _fault(place, "There is white space too much in this text.")


def _counted(place: str, check: Callable[[int], None], count: int) -> Iterator[Fault]:
    try:
        check(count)
    except InvalidError as error:
        yield _fault(place, error.why, error.code)


def _fault(place: str, why: str, code: str = "invalid") -> Fault:
    return Fault(where="body", place=place, why=why, code=code)
