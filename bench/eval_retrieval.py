"""How well search finds the right page, on real documentation and on the demo data set: `make eval-retrieval`.

    apt-get update && apt-get download postgresql-doc-15 python3.11-doc
    for package in *.deb; do dpkg -x "$package" docs; done
    python bench/eval_retrieval.py --postgresql docs/usr/share/doc/postgresql-doc-15/html \
                                   --python docs/usr/share/doc/python3.11/html

Without folders, only the demo data set is asked. With `--data-dir`, the imported data sets stay there for the next run
(embedding both handbooks takes some 20 minutes on 2 cores). A page counts as found at the place of its best passage. The
questions are parted by a fixed rule (`is_held_out`): nothing in the product was chosen by looking at the held-out half.
"""

import argparse
import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotFoundError
from turnkeeper.demo import questions_file, telecom_folder
from turnkeeper.retrieval.embedders.choice import ModelEmbedders
from turnkeeper.retrieval.embedders.minilm import MiniLm
from turnkeeper.retrieval.indexing import Progress
from turnkeeper.retrieval.ranking import DEFAULT_TUNING, Tuning
from turnkeeper.retrieval.search import Search
from turnkeeper.retrieval.sources.folder import FoundFile, find_files
from turnkeeper.store import accounts
from turnkeeper.store.database import Database
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import migrate
from turnkeeper.store.passages import PassageIndex

PYTHON_PARTS = ("faq/", "howto/", "library/", "reference/", "tutorial/")
"""Without the C interface, packaging, and what was new in which version."""
QUESTIONS = Path(__file__).with_name("retrieval_questions.jsonl")
RANKINGS = {
    "words": replace(DEFAULT_TUNING, meaning_share=0.0, document_share=0.0),
    "meaning": replace(DEFAULT_TUNING, meaning_share=1.0, document_share=0.0),
    "both": DEFAULT_TUNING,
}
PASSAGES_LOOKED_AT = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question and the pages that answer it."""

    corpus: str
    question: str
    addresses: tuple[str, ...]


def is_held_out(question: str) -> bool:
    """Half of the questions, told by the first byte of their SHA-256 being odd."""
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 1


def read_questions() -> list[Question]:
    """Our own questions about the handbooks, and those of the demo data set that it can answer."""
    asked = [msgspec.json.decode(line, type=Question) for line in QUESTIONS.read_bytes().splitlines()]
    for line in questions_file().read_bytes().splitlines():
        about_demo = msgspec.json.decode(line, type=DemoQuestion)
        if about_demo.addresses:
            asked.append(Question(corpus="demo", question=about_demo.question, addresses=about_demo.addresses))
    return asked


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoQuestion:
    """A line of the demo data set's questions."""

    question: str
    addresses: tuple[str, ...]


class _NoSecrets:
    """The vault of somebody who needs none."""

    async def secret(self, organization_id: int, name: str) -> str | None:
        """None."""
        del organization_id, name


class Evaluation:
    """Data sets in a database, and the search over them."""

    def __init__(self, database: Database, embedder: MiniLm, caller: Caller) -> None:
        self._index = PassageIndex(database)
        self._embedders = ModelEmbedders(minilm=embedder, secrets=_NoSecrets())
        self._caller = caller
        self._actions = DataSetActions(database, Search(self._index, self._embedders), self._embedders)

    async def bring(self, name: str, files: Sequence[FoundFile]) -> int:
        """Import and embed what is not there yet; prints how long it took."""
        try:
            data_set = await self._actions.named(self._caller, name)
        except NotFoundError:
            data_set = await self._actions.create(self._caller, name=name)
        started = time.monotonic()
        report = await self._actions.import_sources(self._caller, data_set.id, files)
        seconds = time.monotonic() - started
        print(
            f"{name}: {report.added + report.changed} files read, {report.unchanged} unchanged, "
            f"{report.passages} passages in {seconds:.1f} s, {len(report.failures)} not readable, {memory()}"
        )
        started = time.monotonic()
        count = await self._actions.embed(self._caller, data_set.id, report=show)
        if count:
            seconds = time.monotonic() - started
            print(f"\r{name}: {count} vectors in {seconds:.0f} s ({count / seconds:.1f} a second), {memory()}")
        return data_set.id

    async def places(
        self, data_set_id: int, questions: Sequence[Question], tuning: Tuning
    ) -> tuple[list[int], list[float]]:
        """The place of the first right page for each question, 0 when it was not found; and the milliseconds it took."""
        search = Search(self._index, self._embedders, tuning)
        places: list[int] = []
        times: list[float] = []
        for question in questions:
            started = time.perf_counter()
            passages = await search.search(data_set_id, question.question, PASSAGES_LOOKED_AT)
            times.append((time.perf_counter() - started) * 1000)
            pages = list(dict.fromkeys(passage.address for passage in passages))
            right = [number for number, page in enumerate(pages, start=1) if page in question.addresses]
            places.append(right[0] if right else 0)
        return places, times

    async def print_table(self, name: str, data_set_id: int, questions: Sequence[Question]) -> None:
        """One line for each half of the questions and each ranking."""
        held_out = [question for question in questions if is_held_out(question.question)]
        tuned_on = [question for question in questions if not is_held_out(question.question)]
        halves = {"held out": held_out, "tuned on": tuned_on}
        for half, asked in halves.items():
            for ranking, tuning in RANKINGS.items():
                places, times = await self.places(data_set_id, asked, tuning)
                print(f"{name:<11} {half:<9} {ranking:<8} {figures(places)}  {latency(times)}")


def figures(places: Sequence[int]) -> str:
    """How often the right page came first and within the first five, and the mean reciprocal rank."""
    count = len(places)
    first = sum(place == 1 for place in places) / count
    among_five = sum(1 <= place <= 5 for place in places) / count
    reciprocal = sum(1 / place for place in places if place) / count
    return f"n {count:>3}  first {first:6.1%}  in five {among_five:6.1%}  MRR {reciprocal:.3f}"


def latency(times: Sequence[float]) -> str:
    """The median and the 95th percentile, in milliseconds."""
    return f"p50 {statistics.median(times):5.1f} ms  p95 {statistics.quantiles(times, n=20)[-1]:5.1f} ms"


def memory() -> str:
    """This process's share of memory, without PostgreSQL, where the system tells it."""
    rollup = Path("/proc/self/smaps_rollup")
    if not rollup.exists():
        return "memory unknown"
    lines = rollup.read_text().splitlines()
    return f"PSS {next(int(line.split()[1]) for line in lines if line.startswith('Pss:')) / 1024:.0f} MiB"


def show(progress: Progress) -> None:
    """One line that is written over."""
    print(f"\r{progress.done} of {progress.total} vectors", end="", flush=True, file=sys.stderr)


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Evaluation]:
    """An organization of its own in the database."""
    database, embedder = Database(url), MiniLm(threads=2)
    await database.open()
    try:
        async with database.transaction() as connection:
            known = [
                found for found in await accounts.organizations(connection, limit=1_000) if found.name == "evaluation"
            ]
            organization = known[0] if known else await accounts.create_organization(connection, name="evaluation")
        caller = Caller(organization_id=organization.id, account_id=0, key_id=0, role="admin")
        yield Evaluation(database, embedder, caller)
    finally:
        await embedder.close()
        await database.close()


async def evaluate(url: str, corpora: dict[str, Sequence[FoundFile]]) -> None:
    """Import, embed, ask, print."""
    questions = read_questions()
    async with opened(url) as evaluation:
        data_sets = {name: await evaluation.bring(name, files) for name, files in corpora.items()}
        for name, data_set_id in data_sets.items():
            await evaluation.print_table(name, data_set_id, [asked for asked in questions if asked.corpus == name])
        print(memory())


def main() -> None:
    """Read the arguments, start a PostgreSQL of its own, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", type=Path, help="the html folder of Debian's postgresql-doc-15")
    parser.add_argument("--python", type=Path, help="the html folder of Debian's python3.11-doc")
    parser.add_argument("--data-dir", type=Path, help="where to keep the database for the next run")
    chosen = parser.parse_args()
    corpora = {"demo": find_files([telecom_folder()]).files}
    if chosen.postgresql:
        corpora["postgresql"] = find_files([chosen.postgresql]).files
    if chosen.python:
        found = find_files([chosen.python]).files
        corpora["python"] = [file for file in found if file.address.startswith(PYTHON_PARTS)]
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o711)  # started by root, PostgreSQL runs as another user, who must be able to enter
        with join(chosen.data_dir or Path(temporary) / "data") as lease:
            migrate(lease.url)
            asyncio.run(evaluate(lease.url, corpora))


if __name__ == "__main__":
    main()
