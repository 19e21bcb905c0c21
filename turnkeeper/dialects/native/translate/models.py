"""Models, their providers and secrets in the dialect's words."""

from turnkeeper.actions.models import ProviderModels
from turnkeeper.core.secrets import Secret
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.models import ModelShape, PriceShape, ProviderShape, SecretShape


def provider_shape(found: ProviderModels, search: str | None) -> ProviderShape:
    """A provider, with those of its models that have the text in their name or title."""
    wanted = (search or "").lower()
    return ProviderShape(
        name=found.state.name,
        title=found.state.title,
        problem=found.state.problem,
        needs_key=found.state.needs_key,
        key_from=found.state.key_from,
        secret=found.state.key_name,
        models=[
            ModelShape(
                name=model.name,
                title=model.title,
                context_tokens=model.context_tokens,
                is_deprecated=model.is_deprecated,
                price=None
                if model.price is None
                else PriceShape(
                    input=float(model.price.input),
                    output=float(model.price.output),
                    cache_read=float(model.price.cache_read),
                    cache_write=float(model.price.cache_write),
                ),
            )
            for model in found.models
            if wanted in f"{model.name} {model.title or ''}".lower()
        ],
    )


def secret_shape(secret: Secret) -> SecretShape:
    """What may be told of a secret."""
    return SecretShape(
        name=secret.name,
        set_by=secret.set_by,
        created_at=moment(secret.created_at),
        updated_at=moment(secret.updated_at),
    )
