"""The operations on models and secrets."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, problem, wrong
from turnkeeper.dialects.native.shapes.models import ModelsShape, SecretBody, SecretsShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_SECRET = Parameter(name="secret", where="path", description="The name of the secret, such as `OPENAI_API_KEY`.")
_EXAMPLE: Mapping[str, object] = {
    "default": "openai:gpt-4.1-mini",
    "providers": [
        {
            "name": "openai",
            "title": "OpenAI",
            "problem": None,
            "needs_key": True,
            "key_from": "vault",
            "secret": "OPENAI_API_KEY",
            "models": [
                {
                    "name": "openai:gpt-4.1-mini",
                    "title": "GPT-4.1 mini",
                    "context_tokens": 1000000,
                    "is_deprecated": False,
                    "price": {"input": 0.4, "output": 1.6, "cache_read": 0.1, "cache_write": 0.4},
                }
            ],
        }
    ],
    "embedding_models": [{"name": "minilm", "problem": None}],
}
_ADMINS_ONLY = problem(
    403,
    "not_allowed",
    "Only admins may see or change secrets; ask one, or use an admin's key.",
    description="The key's account is no admin; or `scope_missing`.",
)

LIST = Operation(
    method="get",
    path="/models",
    name="listModels",
    tag="Models",
    scope="read",
    summary="Which models there are, and what they cost",
    description="No provider is asked. Prices are those of the operator, else of a list that comes with the server.",
    parameters=(
        Parameter(name="provider", where="query", description="Only this provider, such as `openai`."),
        Parameter(
            name="search", where="query", description="Only models with this in their name or title, in any case."
        ),
    ),
    replies=(
        Reply(status=200, description="The models.", shape=ModelsShape, example=_EXAMPLE),
        problem(
            404,
            "not_found",
            "There is no model provider 'nobody' for you.",
            description="There is no such provider here.",
        ),
    ),
)

SECRETS = Operation(
    method="get",
    path="/secrets",
    name="listSecrets",
    tag="Secrets",
    scope="admin",
    summary="The names of your organization's secrets",
    description="Oldest first. No operation shows a value.",
    parameters=(LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=SecretsShape,
            example={
                "items": [
                    {
                        "name": "OPENAI_API_KEY",
                        "set_by": "ann@example.com",
                        "created_at": "2026-04-02T09:00:00.000Z",
                        "updated_at": "2026-04-02T09:00:00.000Z",
                    }
                ],
                "has_more": False,
                "next_cursor": None,
            },
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        _ADMINS_ONLY,
    ),
)

SET = Operation(
    method="put",
    path="/secrets/{secret}",
    name="setSecret",
    tag="Secrets",
    scope="admin",
    summary="Keep a secret, or another value under its name",
    description="Models and tools use it within 30 seconds. In settings, `vault:NAME` stands for it.",
    parameters=(_SECRET, KEY),
    request=SecretBody,
    request_example={"value": "sk-…"},
    replies=(
        Reply(status=204, description="It is kept.", shape=None, example=None, headers=REPLAYED),
        wrong("The value of the secret is blank; give it, or delete the secret instead.", "invalid", pointer="/value"),
        _ADMINS_ONLY,
        conflict(
            "too_many_secrets",
            "The organization has 1,000 secrets already; delete one that is not used.",
            description="There are as many as may be.",
        ),
        problem(
            502,
            "upstream_refused",
            "The vault has no key; set TURNKEEPER_VAULT_KEY to 32 random bytes in base64.",
            description="The server's operator has to give the vault a key.",
        ),
    ),
)

DELETE = Operation(
    method="delete",
    path="/secrets/{secret}",
    name="deleteSecret",
    tag="Secrets",
    scope="admin",
    summary="Forget a secret",
    description="What uses it fails within 30 seconds, with a sentence that names it.",
    parameters=(_SECRET, KEY),
    replies=(
        Reply(status=204, description="It is done.", shape=None, example=None, headers=REPLAYED),
        _ADMINS_ONLY,
        problem(
            404, "not_found", "There is no secret 'PAYMENTS_TOKEN' for you.", description="There is no such secret."
        ),
    ),
)
