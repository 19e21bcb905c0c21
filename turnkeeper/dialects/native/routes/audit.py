"""`/audit`: who changed what."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.audit import AuditEntry
from turnkeeper.core.audit_files import header_line, lines_of, rows_of
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.operations import audit as operations
from turnkeeper.dialects.native.queries.audit import AUDIT, Format, audit_filter, export_filter, noted_head
from turnkeeper.dialects.native.queries.numbered import cursor_behind
from turnkeeper.dialects.native.shapes.audit import AuditShape, FailedSignInsListShape
from turnkeeper.dialects.native.translate.audit import entry_shape, failed_sign_ins_shape, head_shape, verified_shape

_MEDIA = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be asked about changes."""
    audit = actions.audit

    async def list_entries(asked: Asked) -> ASGIApp:
        wanted = audit_filter(asked.query)
        found = await audit.list(asked.caller, replace(wanted, limit=wanted.limit + 1))
        shown, has_more = cut(found, wanted.limit)
        cursor = cursor_behind(shown[-1].at, shown[-1].number, AUDIT) if has_more else None
        return answer(AuditShape(items=[entry_shape(each) for each in shown], has_more=has_more, next_cursor=cursor))

    async def export(asked: Asked) -> ASGIApp:
        wanted, form = export_filter(asked.query)
        head = await audit.head(asked.caller)  # who may not read is refused before the first byte
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="audit-{head.number}.{form}"',
            "X-Content-Type-Options": "nosniff",
        }
        pieces = _pieces(audit.export(asked.caller, wanted), form)
        return ASGIStreamingResponse(iterator=pieces, media_type=_MEDIA[form], headers=headers)

    async def head(asked: Asked) -> ASGIApp:
        return answer(head_shape(await audit.head(asked.caller)))

    async def verify(asked: Asked) -> ASGIApp:
        noted = noted_head(asked.query)
        return answer(verified_shape(await audit.verify_now(asked.caller, noted=noted)))

    async def failed_sign_ins(asked: Asked) -> ASGIApp:
        found = await audit.failed_sign_ins(asked.caller)
        return answer(FailedSignInsListShape(items=[failed_sign_ins_shape(each) for each in found]))

    return [
        Endpoint(operation=operations.LIST, handle=list_entries),
        Endpoint(operation=operations.EXPORT, handle=export),
        Endpoint(operation=operations.HEAD, handle=head),
        Endpoint(operation=operations.VERIFY, handle=verify),
        Endpoint(operation=operations.SIGN_INS, handle=failed_sign_ins),
    ]


async def _pieces(pages: AsyncGenerator[Sequence[AuditEntry], None], form: Format) -> AsyncGenerator[bytes, None]:
    async with aclosing(pages):
        if form == "csv":
            yield header_line()
        async for page in pages:
            yield rows_of(page) if form == "csv" else lines_of(page)
