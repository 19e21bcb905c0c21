"""`/models` and `/secrets`."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.secrets import LONGEST_VALUE_BYTES
from turnkeeper.dialects.native.answers import answer, cut, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import fields_of
from turnkeeper.dialects.native.operations import models as operations
from turnkeeper.dialects.native.queries.models import models_query, secret_behind, secrets_query
from turnkeeper.dialects.native.shapes.models import EmbeddingModelShape, ModelsShape, SecretsShape
from turnkeeper.dialects.native.translate.models import provider_shape, secret_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be known of models, and done with secrets."""

    async def list_models(asked: Asked) -> ASGIApp:
        wanted = models_query(asked.query)
        found = await actions.models.list(asked.caller, provider=wanted.provider)
        embedding = await actions.models.embedding_models(asked.caller)
        return answer(
            ModelsShape(
                default=actions.models.default,
                providers=[provider_shape(provider, wanted.search) for provider in found],
                embedding_models=[EmbeddingModelShape(name=each.name, problem=each.problem) for each in embedding],
            )
        )

    async def list_secrets(asked: Asked) -> ASGIApp:
        wanted = secrets_query(asked.query)
        found = sorted(await actions.vault.list(asked.caller), key=lambda secret: (secret.created_at, secret.name))
        left = [secret for secret in found if wanted.after is None or secret.created_at > wanted.after]
        shown, has_more = cut(left, wanted.limit)
        return answer(
            SecretsShape(
                items=[secret_shape(secret) for secret in shown],
                has_more=has_more,
                next_cursor=secret_behind(shown[-1]) if has_more else None,
            )
        )

    async def set_secret(asked: Asked) -> ASGIApp:
        body = await asked.body()
        fields = fields_of(body, asked.content_type, known=("value",))
        value = fields.needed_text("value", most=LONGEST_VALUE_BYTES)
        fields.check()
        return nothing(
            replayed=await actions.vault.set(asked.caller, name=_name(asked), value=value, key=asked.key(body))
        )

    async def delete_secret(asked: Asked) -> ASGIApp:
        return nothing(replayed=await actions.vault.delete(asked.caller, name=_name(asked), key=asked.key(b"")))

    return [
        Endpoint(operation=operations.LIST, handle=list_models),
        Endpoint(operation=operations.SECRETS, handle=list_secrets),
        Endpoint(operation=operations.SET, handle=set_secret),
        Endpoint(operation=operations.DELETE, handle=delete_secret),
    ]


def _name(asked: Asked) -> str:
    name = asked.path("secret")
    if "\x00" in name:
        raise NotFoundError("secret", name)
    return name
