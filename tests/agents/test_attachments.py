"""Files before a model: pictures for those that see, texts within a budget, and the tools that read and write files."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import pytest
from inline_snapshot import snapshot

from tests.agents.stage import agent
from tests.fakes.effects import MemoryEffects
from tests.fakes.steps import MemorySteps
from turnkeeper.agents.acting import Records
from turnkeeper.agents.attachments import TEXT_BYTES, with_files
from turnkeeper.agents.model import (
    Finished,
    Image,
    ModelDelta,
    ModelRequest,
    TextDelta,
    ToolCall,
    ToolSpec,
    UserMessage,
)
from turnkeeper.agents.models.extractive import Extractive
from turnkeeper.agents.tools.read_attachment import CHARACTERS_A_CALL, ReadAttachment
from turnkeeper.agents.tools.tool import ToolContext
from turnkeeper.agents.tools.write_file import WriteFile
from turnkeeper.agents.turn import TurnRequest, run_turn
from turnkeeper.core.agents import Limits
from turnkeeper.core.conversations import Usage
from turnkeeper.core.errors import InvalidError, ToolFailedError, ToolRetryError
from turnkeeper.core.files import Attachment
from turnkeeper.core.ids import new_id
from turnkeeper.store.turn_files import Excerpt

CONTEXT = ToolContext(
    organization_id=1,
    account_id=1,
    conversation_id=1,
    message_id=1,
    data_set_id=None,
    first_mark=1,
    effect_id=new_id(),
)
NOTE = Attachment(id="att_1", name="note.txt", media_type="text/plain", size=5, text="Hello", characters=5)
PHOTO = Attachment(id="att_2", name="photo.png", media_type="image/png", size=3, image=b"png")


def shown(*attachments: Attachment, earlier: Sequence[Attachment] = (), sees_images: bool = True) -> UserMessage:
    """The question as the model gets it."""
    past = UserMessage(text="Before")
    messages = with_files([past, UserMessage(text="What is it?")], attachments, earlier, sees_images=sees_images)
    assert messages[:-1] == (past,)
    last = messages[-1]
    assert isinstance(last, UserMessage)
    return last


def test_without_files_the_question_stays_as_it_is() -> None:
    assert shown() == UserMessage(text="What is it?")


def test_texts_and_pictures_come_behind_the_question() -> None:
    message = shown(NOTE, PHOTO)
    assert message.images == (Image(media_type="image/png", data=b"png"),)
    assert message.question == "What is it?"
    assert message.text == snapshot(
        """\
What is it?

[Files attached to this message:]

File 'note.txt' (id att_1, text/plain, 5 bytes):
<file id='att_1'>
Hello
</file>

Picture 'photo.png' (id att_2, image/png, 3 bytes): shown with this message.\
"""
    )


def test_a_model_that_sees_no_pictures_is_told_of_them() -> None:
    message = shown(PHOTO, sees_images=False)
    assert message.images == ()
    assert "a picture was attached that you cannot see, because this model takes no pictures." in message.text


def test_a_picture_that_was_not_loaded_is_told_of() -> None:
    message = shown(Attachment(id="att_3", name="big.png", media_type="image/png", size=9_000_000))
    assert message.images == ()
    assert "too large or lost" in message.text


@pytest.mark.parametrize("letter", ["x", "é", "日"])
def test_long_texts_share_the_budget_and_say_where_to_read_on(letter: str) -> None:
    texts = [letter * 20, letter * 90_000, letter * 90_000]
    attachments = [
        Attachment(id=f"att_{place}", name="n", media_type="text/plain", size=1, text=text, characters=len(text))
        for place, text in enumerate(texts)
    ]
    text = shown(*attachments).text
    assert TEXT_BYTES - 10 < len(text.encode()) < TEXT_BYTES + 1_000
    assert letter * 20 in text
    assert text.count("of 90,000 characters. Read on with the tool") == 2


def test_earlier_files_are_named_and_not_shown() -> None:
    text = shown(earlier=[NOTE, PHOTO]).text
    assert text == snapshot(
        """\
What is it?

[Files from earlier in this conversation; the tool read_attachment reads their text:]
- 'note.txt' (id att_1, text/plain)
- 'photo.png' (id att_2, image/png)\
"""
    )


@dataclass
class Remembers:
    """A model that keeps what it was asked."""

    sees_images: bool
    requests: list[ModelRequest] = field(default_factory=list[ModelRequest])

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        self.requests.append(request)
        yield TextDelta(text="Seen.")
        yield Finished(usage=Usage(), model="m", reason="stop")


@pytest.mark.parametrize("sees_images", [True, False])
async def test_a_turn_shows_pictures_only_to_a_model_that_sees(*, sees_images: bool) -> None:
    model = Remembers(sees_images=sees_images)
    request = TurnRequest(
        agent=agent(),
        message_id=1,
        message_public_id=new_id(),
        conversation_id=1,
        account_id=1,
        model_name="m",
        instructions=None,
        history=(),
        question="What is it?",
        data_set_id=None,
        ask_mode=False,
        limits=Limits(),
        attachments=(PHOTO,),
    )
    records = Records(steps=MemorySteps(), effects=MemoryEffects())
    await run_turn(request, model=model, tools=(), records=records, emit=lambda _: None)
    asked = model.requests[0].messages[-1]
    assert isinstance(asked, UserMessage)
    assert [image.data for image in asked.images] == ([b"png"] if sees_images else [])


class Texts:
    """One long text, one picture."""

    async def names(self, conversation_id: int) -> list[tuple[str, str]]:
        return [("att_1", "long.txt")]

    async def excerpt(self, conversation_id: int, wanted: str, *, offset: int, most: int) -> Excerpt | None:
        if wanted == "photo":
            return Excerpt(id="att_2", name="photo", media_type="image/png", text="", characters=0)
        if wanted != "long.txt":
            return None
        text = "0123456789" * 3_000
        part = text[offset : offset + most]
        return Excerpt(id="att_1", name="long.txt", media_type="text/plain", text=part, characters=len(text))


async def test_a_long_text_is_read_in_two_calls() -> None:
    tool = ReadAttachment(Texts())
    first = (await tool.call('{"attachment": "long.txt"}', CONTEXT)).text
    second = (await tool.call(f'{{"attachment": " long.txt ", "offset": {CHARACTERS_A_CALL}}}', CONTEXT)).text
    assert first.startswith("'long.txt' (id att_1), characters 0 to 24,000 of 30,000:\n\n0123")
    assert first.endswith("[Read on with offset 24000.]")
    assert second.endswith("9")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"attachment": "other\\u0000"}', "no file 'other'. Its files, newest first: 'long.txt' (att_1)."),
        ('{"attachment": "long.txt", "offset": 30000}', "has 30,000 characters; there is nothing at 30,000"),
        ('{"attachment": "long.txt", "offset": -1}', "offset"),
        ('{"attachment": "long.txt", "offset": 99999999999999999999}', "offset"),
        ("{}", "attachment"),
        ('{"attachment": "photo"}', "is a picture"),
    ],
)
async def test_what_cannot_be_read_is_answered_with_a_sentence(arguments: str, words: str) -> None:
    with pytest.raises((ToolRetryError, ToolFailedError)) as refused:
        await ReadAttachment(Texts()).call(arguments, CONTEXT)
    assert words in str(refused.value)


class Desk:
    """Keeps what is written; full after the first file."""

    def __init__(self) -> None:
        self.written: list[tuple[str, bytes, str | None]] = []

    async def write(
        self, *, organization_id: int, message_id: int, name: str, content: bytes, media_type: str | None
    ) -> str:
        if self.written:
            raise InvalidError("file", "There are enough files.", code="too_many")
        self.written.append((name, content, media_type))
        return name


async def test_a_file_is_written_and_a_refusal_is_told_to_the_model() -> None:
    desk = Desk()
    tool = WriteFile(desk)
    done = await tool.call('{"name": "a.csv", "content": "a,b\\u0000", "media_type": "text/csv"}', CONTEXT)
    assert done.text == "The file 'a.csv' with 3 bytes will come back with your reply."
    assert desk.written == [("a.csv", b"a,b", "text/csv")]
    with pytest.raises(ToolFailedError, match="enough files"):
        await tool.call('{"name": "b.csv", "content": "x"}', CONTEXT)


@pytest.mark.parametrize(
    "arguments",
    [
        '{"name": " ", "content": "x"}',
        '{"name": "%s", "content": "x"}' % ("n" * 256),
        '{"name": "a.txt", "content": " "}',
        '{"name": "a.txt"}',
        '{"name": "a.txt", "content": "x", "media_type": "application/x-msdownload"}',
        '{"name": "a.txt", "content": "x", "media_type": "text/html\\r\\nX: y"}',
    ],
)
async def test_a_file_that_cannot_be_written_is_to_be_mended(arguments: str) -> None:
    desk = Desk()
    with pytest.raises(ToolRetryError):
        await WriteFile(desk).call(arguments, CONTEXT)
    assert desk.written == []


async def test_the_model_without_a_key_searches_for_the_question_and_not_for_the_file() -> None:
    messages = with_files([UserMessage(text="What is the price?")], [NOTE], [], sees_images=False)
    search = ToolSpec(name="search_documents", description="", parameters={})
    request = ModelRequest(instructions="", messages=messages, tools=(search,), max_output_tokens=100)
    called = [delta async for delta in Extractive().stream(request) if isinstance(delta, ToolCall)]
    assert "Hello" not in called[0].arguments
    assert "price" in called[0].arguments
