"""Embedders: vectors of length one, near for what means the same; questions run together and before passages."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from tests.fakes.hashing_embedder import HashingEmbedder
from tests.patience import PATIENCE
from turnkeeper.core.errors import StartError, TransientError
from turnkeeper.retrieval.embedder import Embedder, Vector
from turnkeeper.retrieval.embedders.minilm import MOST_WAITING, MiniLm
from turnkeeper.retrieval.embedders.minilm_session import smaller_network


@pytest.fixture
async def minilm() -> AsyncGenerator[MiniLm]:
    embedder = MiniLm()
    yield embedder
    await embedder.close()


@pytest.fixture(params=["minilm", "hashing"])
async def embedder(request: pytest.FixtureRequest) -> AsyncGenerator[Embedder]:
    if request.param == "hashing":
        yield HashingEmbedder()
    else:
        real = MiniLm()
        yield real
        await real.close()


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_vectors_have_length_one_and_the_declared_dimensions(embedder: Embedder) -> None:
    texts = ["", "One short text.", "naïve café 中文", "a long text " * 500]
    vectors: Sequence[Vector] = await embedder.embed_passages(texts)
    assert [len(vector) for vector in vectors] == [embedder.dimensions] * 4
    assert [cosine(vector, vector) for vector in vectors] == pytest.approx([1.0] * 4, abs=1e-4)


async def test_a_text_has_the_same_vector_as_question_and_in_any_batch(embedder: Embedder) -> None:
    text = "The router blinks red."
    alone = await embedder.embed_query(text)
    among = await embedder.embed_passages(["Another text, which is much longer than the one below it.", text])
    assert cosine(alone, among[1]) == pytest.approx(1.0, abs=1e-3)


async def test_passages_that_nobody_waits_for_keep_no_one_waiting() -> None:
    embedder = MiniLm()
    long_work = asyncio.create_task(
        embedder.embed_passages([f"{number} " + "a long text " * 300 for number in range(200)])
    )
    await embedder.embed_query("By now the other thread is at work.")
    long_work.cancel()
    await asyncio.wait_for(embedder.close(), PATIENCE)


async def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert list(await embedder.embed_passages([])) == []


async def test_what_means_the_same_is_near_and_what_does_not_is_far(minilm: MiniLm) -> None:
    # The figures are those of the float32 network, computed apart from any library; int8 weights stay within 0.02.
    question = await minilm.embed_query("How do I reset my password?")
    same, other, foreign = await minilm.embed_passages(
        [
            "Steps to recover a forgotten login credential",
            "The cat sat on the mat.",
            "Die Verfügbarkeit beträgt 99,9 %",
        ]
    )
    found = [cosine(question, vector) for vector in (same, other, foreign)]
    assert found == pytest.approx([0.571, 0.076, 0.082], abs=0.02)
    assert question[:4] == pytest.approx([0.0069, -0.0630, -0.0720, -0.0325], abs=0.01)


async def test_questions_that_come_together_are_all_answered(minilm: MiniLm) -> None:
    texts = [f"Question number {number}" for number in range(40)]
    async with asyncio.timeout(2 * PATIENCE):
        vectors = await asyncio.gather(*(minilm.embed_query(text) for text in texts))
    again = await minilm.embed_passages(texts)
    assert all(cosine(one, other) > 0.999 for one, other in zip(vectors, again, strict=True))


async def test_a_flood_of_questions_is_refused_and_not_stored(minilm: MiniLm) -> None:
    async with asyncio.timeout(2 * PATIENCE):
        outcomes = await asyncio.gather(
            *(minilm.embed_query("flood") for _ in range(MOST_WAITING + 40)), return_exceptions=True
        )
    assert sum(isinstance(outcome, TransientError) for outcome in outcomes) == 40


async def test_a_caller_that_gives_up_does_not_harm_the_others(minilm: MiniLm) -> None:
    leaving = asyncio.create_task(minilm.embed_query("I leave"))
    staying = asyncio.create_task(minilm.embed_query("I stay"))
    await asyncio.wait([leaving, staying], timeout=0)
    leaving.cancel()
    async with asyncio.timeout(2 * PATIENCE):
        assert len(await staying) == 384
    assert leaving.cancelled()


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(StartError, match="damaged"):
        smaller_network(tmp_path / "model.onnx", threads=1)
