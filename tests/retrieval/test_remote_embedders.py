"""Embedding models behind an endpoint: by OpenAI's wire and by Ollama's, against servers that sometimes do not obey."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from openai import AsyncOpenAI, NotFoundError
from yarl import URL

from tests.fakes.embedding_server import EmbeddingServer, Fails, Raw, Reply, Stalls
from tests.fakes.fixed_secrets import FixedSecrets
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.patience import PATIENCE
from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.core.errors import InvalidError, RefusedError, TransientError
from turnkeeper.retrieval.embedder import Embedder, EndpointAwayError
from turnkeeper.retrieval.embedders.choice import ModelEmbedders
from turnkeeper.retrieval.embedders.endpoint import Endpoints, Patience
from turnkeeper.retrieval.embedders.openai import openai_wire
from turnkeeper.retrieval.embedders.remote import ask

KEY = "sk-very-secret-0123456789abcdef"
TEXTS = ["The router blinks red.", "", "Invoices are sent monthly.", "x" * 20_000]


def index_of(model: str, dimensions: int = 64) -> VectorIndex:
    return VectorIndex(organization_id=1, data_set_id=1, generation=1, model=model, dimensions=dimensions)


class Endpoint:
    """A server and our client of it."""

    def __init__(self, server: EmbeddingServer) -> None:
        self.server = server
        self.secrets = FixedSecrets()
        self.embedders = ModelEmbedders(
            minilm=HashingEmbedder(),
            secrets=self.secrets,
            openai_base_url=server.openai_address,
            openai_api_key=KEY,
            ollama_base_url=server.address,
        )

    async def embedder(self, model: str) -> Embedder:
        return await self.embedders.embedder(index_of(model))


@pytest.fixture
async def endpoint() -> AsyncGenerator[Endpoint]:
    async with EmbeddingServer(key=KEY) as server:
        made = Endpoint(server)
        yield made
        await made.embedders.close()


WIRES = pytest.mark.parametrize("model", ["openai:model", "ollama:model"])


async def test_the_server_speaks_openais_wire_as_the_official_client_does(endpoint: Endpoint) -> None:
    async with AsyncOpenAI(api_key=KEY, base_url=endpoint.server.openai_address, max_retries=0) as client:
        answer = await client.embeddings.create(model="model", input=["one two", "three"])
        with pytest.raises(NotFoundError):
            await client.embeddings.create(model="other", input="one")

    by_index = {each.index: each.embedding for each in answer.data}
    ours = await (await endpoint.embedder("openai:model")).embed_passages(["one two", "three"])
    assert [len(by_index[0]), len(ours[0])] == [64, 64]
    for number in (0, 1):
        assert [value / 3 for value in by_index[number]] == pytest.approx(list(ours[number]), abs=1e-5)


@WIRES
async def test_vectors_come_in_the_order_of_the_texts_and_have_length_one(endpoint: Endpoint, model: str) -> None:
    embedder = await endpoint.embedder(model)

    vectors = await embedder.embed_passages(TEXTS)
    alone = await embedder.embed_query(TEXTS[2])

    assert [sum(value * value for value in vector) for vector in vectors] == pytest.approx([1.0] * 4)
    assert list(alone) == pytest.approx(list(vectors[2]))
    assert max(len(text) for batch in endpoint.server.texts for text in batch) < 10_000


@WIRES
async def test_many_texts_go_in_batches(endpoint: Endpoint, model: str) -> None:
    embedder = await endpoint.embedder(model)

    vectors = await embedder.embed_passages([f"text {number}" for number in range(150)])

    assert len(vectors) == 150
    assert sorted(len(batch) for batch in endpoint.server.texts) == [22, 64, 64]


async def test_a_few_batches_are_on_their_way_at_a_time_and_come_back_in_order(endpoint: Endpoint) -> None:
    embedder = await endpoint.embedder("openai:model")
    texts = [f"text {number}" for number in range(64 * 6)]
    endpoint.server.gate.clear()
    working = asyncio.create_task(embedder.embed_passages(texts))
    await asyncio.wait_for(endpoint.server.crowd.wait(), PATIENCE)
    endpoint.server.gate.set()
    vectors = await working

    assert endpoint.server.most_waiting == 4
    assert list(vectors[300]) == pytest.approx(list(await embedder.embed_query(texts[300])))


async def test_when_a_batch_is_refused_the_others_are_given_up(endpoint: Endpoint) -> None:
    endpoint.server.will(Stalls(), Fails(status=400), Stalls())
    embedder = await endpoint.embedder("openai:model")

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(RefusedError):
            await embedder.embed_passages([f"text {number}" for number in range(64 * 3)])


async def test_a_model_that_wants_words_before_its_texts_gets_them() -> None:
    async with EmbeddingServer(model="nomic-embed-text") as server:
        embedders = Endpoint(server).embedders
        embedder = await embedders.embedder(index_of("ollama:nomic-embed-text:latest"))

        await embedder.embed_query("red lamp")
        await embedder.embed_passages(["The lamp is red."])
        await embedders.close()

    assert server.texts == [["search_query: red lamp"], ["search_document: The lamp is red."]]


@WIRES
@pytest.mark.parametrize("first", [Fails(status=429, retry_after="0.05"), Fails(status=503), Fails(status=500)])
async def test_what_may_get_better_is_tried_again(endpoint: Endpoint, model: str, first: Fails) -> None:
    endpoint.server.will(first)
    embedder = await endpoint.embedder(model)

    async with asyncio.timeout(PATIENCE):
        vectors = await embedder.embed_passages(["a lamp"])

    assert (len(vectors), endpoint.server.asked) == (1, 2)


@WIRES
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Fails(status=400, message="The text is no text."), "“The text is no text”"),
        (Fails(status=403, message=f"Your key {KEY} is bad."), "refused the key"),
        (Fails(status=302), "redirection"),
        (Raw(body=b"<html>"), "something else than its vectors"),
        (Raw(body=b'{"data": [], "embeddings": []}'), "0 for 1 texts"),
        (Raw(body=b'{"data":[{"index":0,"embedding":[0,0]}],"embeddings":[[0,0]]}'), "no direction"),
        (Raw(body=b'{"data":[{"index":0,"embedding":[1,0]}],"embeddings":[[1,0]]}'), "vectors of 2 numbers"),
    ],
)
async def test_what_will_not_get_better_is_told_in_a_sentence_without_the_key(
    endpoint: Endpoint, model: str, reply: Reply, words: str
) -> None:
    endpoint.server.will(reply)
    embedder = await endpoint.embedder(model)

    with pytest.raises(RefusedError) as caught:
        await embedder.embed_passages(["a lamp"])

    assert words in caught.value.message
    assert KEY not in caught.value.message
    assert endpoint.server.asked == 1


async def test_vectors_that_are_not_numbered_as_the_texts_are_refused(endpoint: Endpoint) -> None:
    endpoint.server.will(Raw(body=b'{"data":[{"index":1,"embedding":[1]},{"index":1,"embedding":[1]}]}'))
    embedder = await endpoint.embedder("openai:model")

    with pytest.raises(RefusedError, match="numbers are not those of the texts"):
        await embedder.embed_passages(["a", "b"])


async def test_an_endpoint_that_says_nothing_is_given_up_at_the_deadline(endpoint: Endpoint) -> None:
    endpoint.server.will(Stalls())
    endpoints, wire = Endpoints(), openai_wire("model", address=_url(endpoint), key=KEY)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(TransientError, match="did not answer in time"):
            await ask(endpoints, wire, ["a lamp"], patience=Patience(seconds=0.2, attempts=2))
    await endpoints.close()


async def test_a_wait_that_is_longer_than_the_deadline_is_told_instead(endpoint: Endpoint) -> None:
    endpoint.server.will(Fails(status=429, retry_after="60"))
    endpoints, wire = Endpoints(), openai_wire("model", address=_url(endpoint), key=KEY)

    with pytest.raises(TransientError) as caught:
        await ask(endpoints, wire, ["a lamp"], patience=Patience(seconds=5.0, attempts=4))
    await endpoints.close()

    assert caught.value.retry_after == pytest.approx(60.0)
    assert endpoint.server.asked == 1


@WIRES
async def test_questions_leave_an_endpoint_alone_that_failed_a_moment_ago(endpoint: Endpoint, model: str) -> None:
    endpoint.server.will(Fails(status=400), Fails(status=400))
    embedder = await endpoint.embedder(model)

    for _ in range(3):
        with pytest.raises(EndpointAwayError):
            await embedder.embed_query("a lamp")

    assert endpoint.server.asked == 1
    assert await endpoint.embedder(model) is embedder


async def test_an_endpoint_that_is_not_there_is_told(endpoint: Endpoint) -> None:
    await endpoint.server.close()
    embedder = await endpoint.embedder("openai:model")

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(EndpointAwayError, match="cannot be reached"):
            await embedder.embed_query("a lamp")


async def test_the_organizations_own_key_wins(endpoint: Endpoint) -> None:
    assert await endpoint.embedders.measure("openai:model", 1) == 64
    endpoint.secrets.values["OPENAI_API_KEY"] = "sk-another"
    with pytest.raises(InvalidError, match="vault set OPENAI_API_KEY") as caught:
        await endpoint.embedders.measure("openai:model", 1)
    assert caught.value.field == "model"


@pytest.mark.parametrize(
    "name", ["", "gpt", "cohere:embed", "openai:", "ollama: ", "openai:a\nb", "openai:" + "x" * 300]
)
async def test_a_name_that_is_no_model_is_refused(endpoint: Endpoint, name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await endpoint.embedders.measure(name, 1)
    assert (caught.value.field, endpoint.server.asked) == ("model", 0)


@pytest.mark.parametrize("name", ["openai:other", "ollama:other"])
async def test_a_model_that_the_endpoint_does_not_have_is_refused(endpoint: Endpoint, name: str) -> None:
    with pytest.raises(InvalidError, match="404"):
        await endpoint.embedders.measure(name, 1)


async def test_openai_without_any_key_is_refused_before_it_is_asked() -> None:
    embedders = ModelEmbedders(minilm=HashingEmbedder(), secrets=FixedSecrets())
    with pytest.raises(InvalidError, match="TURNKEEPER_OPENAI_API_KEY"):
        await embedders.measure("openai:text-embedding-3-small", 1)


async def test_an_address_that_is_none_is_refused() -> None:
    embedders = ModelEmbedders(minilm=HashingEmbedder(), secrets=FixedSecrets(), ollama_base_url="localhost")
    with pytest.raises(InvalidError, match="TURNKEEPER_OLLAMA_BASE_URL"):
        await embedders.measure("ollama:model", 1)


async def test_vectors_that_the_database_cannot_keep_are_refused() -> None:
    async with EmbeddingServer(dimensions=4_096) as server:
        embedders = Endpoint(server).embedders
        with pytest.raises(InvalidError, match="4,096"):
            await embedders.measure("ollama:model", 1)
        await embedders.close()


async def test_ollama_is_found_by_the_address_of_its_other_wire(endpoint: Endpoint) -> None:
    embedders = ModelEmbedders(
        minilm=HashingEmbedder(), secrets=FixedSecrets(), ollama_base_url=endpoint.server.openai_address
    )
    assert await embedders.measure("ollama:model", 1) == 64
    await embedders.close()


def _url(endpoint: Endpoint) -> URL:
    return URL(endpoint.server.openai_address)
