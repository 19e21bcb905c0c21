"""`/conversations/{id}/export` and `/conversations/import`."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal, get_args

from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.transcripts import UnknownPlacesError
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.faults import Fault, FaultsError
from turnkeeper.dialects.native.forms.transcripts import MOST_BODY_BYTES, transcript_form
from turnkeeper.dialects.native.operations import transcripts as operations
from turnkeeper.dialects.native.queries.reading import Parameters, word
from turnkeeper.dialects.native.translate.conversations import conversation_shape
from turnkeeper.dialects.native.translate.ids import conversation_in
from turnkeeper.dialects.native.translate.markdown import markdown_of
from turnkeeper.dialects.native.translate.transcripts import json_of

_Form = Literal["json", "markdown"]
_Files = Literal["hash", "inline"]
_FORMS: tuple[_Form, ...] = get_args(_Form)
_FILES: tuple[_Files, ...] = get_args(_Files)
_MEDIA: dict[_Form, str] = {"json": "application/json", "markdown": "text/markdown"}
_SUFFIXES: dict[_Form, str] = {"json": "json", "markdown": "md"}


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with conversations that are written down."""

    async def export(asked: Asked) -> ASGIApp:
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        fields = Parameters(asked.query, known=("format", "files"))
        form: _Form | None = fields.read("format", word("format", _FORMS))
        inline = fields.read("files", word("files", _FILES)) == "inline"
        fields.check()
        if form is None:
            form = "markdown" if "text/markdown" in asked.request.headers.get("accept", "").lower() else "json"
        found = await actions.transcripts.export(asked.caller, conversation=conversation)
        name = f"{prefixed('conv', conversation)}.{_SUFFIXES[form]}"
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        }
        if asked.request.method == "HEAD":
            return ASGIResponse(media_type=_MEDIA[form], headers=headers.items(), is_head_response=True)
        text = json_of(found, with_bytes=inline) if form == "json" else markdown_of(found)
        return ASGIStreamingResponse(iterator=_closed(text), media_type=_MEDIA[form], headers=headers)

    async def make(asked: Asked) -> ASGIApp:
        async with actions.transcripts.turn():
            body = await asked.body(MOST_BODY_BYTES)
            transcript = await asyncio.to_thread(transcript_form, body, asked.content_type)
            key = await asyncio.to_thread(asked.key, body)
            del body
            try:
                made = await actions.transcripts.make(asked.caller, transcript, key=key)
            except UnknownPlacesError as error:
                faults = [
                    Fault(where="body", place=place.pointer, why=place.why, code="unknown") for place in error.places
                ]
                raise FaultsError(faults) from error
        found = await actions.keeping.get(asked.caller, conversation=made.value.conversation)
        return answer(
            conversation_shape(found),
            status=201,
            replayed=made.replayed,
            version=found.revision,
            location=f"/v1/conversations/{prefixed('conv', made.value.conversation)}",
        )

    return [
        Endpoint(operation=operations.EXPORT, handle=export),
        Endpoint(operation=operations.IMPORT, handle=make),
    ]


async def _closed(text: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The text; whatever it holds is let go when the client goes away."""
    try:
        async for piece in text:
            yield piece
    finally:
        await text.aclose()
