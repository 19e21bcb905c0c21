"""Which function does a task of which name."""

from collections.abc import Awaitable, Callable, Mapping

from turnkeeper.tasks.answer import AnswerMessage
from turnkeeper.tasks.index import IndexDataSet
from turnkeeper.tasks.tidy import Tidy


def task_table(
    *, answer: AnswerMessage, index: IndexDataSet, tidy: Tidy
) -> Mapping[str, Callable[..., Awaitable[None]]]:
    """The tasks by the names under which they are deferred."""
    return {"answer": answer, "index": index, "tidy": tidy}
