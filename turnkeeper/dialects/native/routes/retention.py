"""`/retention`: how long things are kept."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.retention import Retention
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.retention import retention_form
from turnkeeper.dialects.native.operations import retention as operations
from turnkeeper.dialects.native.shapes.retention import RetentionShape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be decided about keeping."""

    async def get(asked: Asked) -> ASGIApp:
        return answer(_shape(await actions.retention.get(asked.caller)))

    async def put(asked: Asked) -> ASGIApp:
        body = await asked.body()
        wanted = retention_form(body, asked.content_type)
        done = await actions.retention.put(asked.caller, wanted, key=asked.key(body))
        return answer(_shape(done.value), replayed=done.replayed)

    return [Endpoint(operation=operations.GET, handle=get), Endpoint(operation=operations.SET, handle=put)]


def _shape(retention: Retention) -> RetentionShape:
    return RetentionShape(
        conversations_days=retention.conversations_days,
        text_days=retention.text_days,
        files_days=retention.files_days,
        webhook_deliveries_days=retention.webhook_deliveries_days,
        idempotency_hours=retention.idempotency_hours,
    )
