"""Models with their prices and whose keys they use; and the vault, which never tells a value."""

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native

VALUE = "sk-very-secret"


class Model(msgspec.Struct):
    name: str
    price: dict[str, float] | None


class Provider(msgspec.Struct):
    name: str
    problem: str | None
    key_from: str | None
    models: list[Model]


class Embedding(msgspec.Struct):
    name: str
    problem: str | None


class Models(msgspec.Struct):
    default: str
    providers: list[Provider]
    embedding_models: list[Embedding]


async def put(native: Native, name: str, body: object, **headers: str) -> Answer:
    given = {"Content-Type": "application/json", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return await native.ask("PUT", f"/secrets/{name}", data=msgspec.json.encode(body), headers=given)


async def models(native: Native, query: str = "") -> Models:
    answer = await native.get(f"/models{query}")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Models)


@pytest.mark.requirement("native.models")
async def test_models_are_listed_with_prices_and_whose_key_is_used(admin: Native, member: Native) -> None:
    await put(admin, "MISTRAL_API_KEY", {"value": VALUE})
    found = await models(member)
    providers = {provider.name: provider for provider in found.providers}

    assert found.default == "openai:scripted"
    assert (providers["openai"].key_from, providers["openai"].problem) == ("server", None)
    assert (providers["mistral"].key_from, providers["mistral"].problem) == ("vault", None)
    assert providers["groq"].key_from is None
    assert "there is no key for Groq" in str(providers["groq"].problem)
    prices = {model.name: model.price for model in providers["openai"].models}
    assert prices["openai:priced"] == {"input": 3.0, "output": 7.0, "cache_read": 3.0, "cache_write": 3.0}
    assert prices["openai:gpt-4.1-mini"] == {"input": 0.4, "output": 1.6, "cache_read": 0.1, "cache_write": 0.4}
    assert len(providers["anthropic"].models) > 10
    assert ("minilm", None) in [(each.name, each.problem) for each in found.embedding_models]


@pytest.mark.requirement("native.models")
async def test_models_are_found_by_provider_and_words(admin: Native) -> None:
    found = await models(admin, "?provider=openai&search=PRICED")

    assert [(each.name, [model.name for model in each.models]) for each in found.providers] == [
        ("openai", ["openai:priced"])
    ]
    assert (await admin.get("/models?provider=nobody")).status == 404


@pytest.mark.requirement("native.secrets")
async def test_secrets_are_set_listed_and_deleted_and_never_told(admin: Native, stage: Stage) -> None:
    first = [await put(admin, "TOKEN_B", {"value": VALUE}, Idempotency_Key="a") for _ in range(2)]
    other = await put(admin, "TOKEN_B", {"value": "another"}, Idempotency_Key="a")
    await put(admin, "TOKEN_A", {"value": VALUE})
    listed = await admin.get("/secrets")
    page = msgspec.json.decode((await admin.get("/secrets?limit=1")).body, type=dict[str, object])
    rest = await admin.get(f"/secrets?limit=1&cursor={page['next_cursor']}")
    gone = [await admin.ask("DELETE", "/secrets/TOKEN_B", headers={"Idempotency-Key": "b"}) for _ in range(2)]

    assert [answer.status for answer in (*first, *gone)] == [204] * 4
    assert (other.status, other.problem.code) == (422, "idempotency_key_reused")
    assert listed.steady() == snapshot(
        {
            "items": [
                {"name": "TOKEN_B", "set_by": "admin of 1", "created_at": "time", "updated_at": "time"},
                {"name": "TOKEN_A", "set_by": "admin of 1", "created_at": "time", "updated_at": "time"},
            ],
            "has_more": False,
            "next_cursor": None,
        }
    )
    assert (b"TOKEN_A" in rest.body, b"TOKEN_B" in rest.body) == (True, False)
    assert [secret.name for secret in await stage.turnkeeper.actions.vault.list(stage.people.admin)] == ["TOKEN_A"]
    assert (await admin.ask("DELETE", "/secrets/TOKEN_B")).status == 404


@pytest.mark.requirement("native.secrets")
async def test_what_is_no_secret_is_refused_without_telling_it(admin: Native, member: Native) -> None:
    refused = [
        await put(admin, "lower", {"value": VALUE}),
        await put(admin, "TOKEN", {"value": " "}),
        await put(admin, "TOKEN", {"value": VALUE * 2_000}),
        await put(admin, "TOKEN", {"valeu": VALUE}),
    ]

    assert [answer.status for answer in refused] == [400] * 4
    assert all(VALUE.encode() not in answer.body for answer in refused)
    assert (await put(member, "TOKEN", {"value": VALUE})).status == 403
    assert (await member.get("/secrets")).status == 403
