"""Which function does a task of which name."""

from collections.abc import Awaitable, Callable, Mapping

from turnkeeper.tasks.answer import AnswerMessage
from turnkeeper.tasks.deliver import DeliverLater, DeliverWebhooks
from turnkeeper.tasks.erase import Erase
from turnkeeper.tasks.expire import ExpireApproval
from turnkeeper.tasks.fire import FireSchedule
from turnkeeper.tasks.index import IndexDataSet
from turnkeeper.tasks.read_messages import ReadMessages
from turnkeeper.tasks.remember import RememberConversation
from turnkeeper.tasks.sync import SyncDataSet
from turnkeeper.tasks.tidy import Tidy

CUT_SHORT = frozenset({"index", "read_messages", "remember", "sync"})
"""Tasks that a stopping worker does not wait for: they go on elsewhere, or at the next start, where they were."""


def task_table(  # noqa: PLR0913 - one a task, all by keyword
    *,
    answer: AnswerMessage,
    deliver: DeliverWebhooks,
    deliver_later: DeliverLater,
    erase: Erase,
    expire: ExpireApproval,
    fire: FireSchedule,
    index: IndexDataSet,
    read_messages: ReadMessages,
    remember: RememberConversation,
    sync: SyncDataSet,
    tidy: Tidy,
) -> Mapping[str, Callable[..., Awaitable[None]]]:
    """The tasks by the names under which they are deferred."""
    return {
        "answer": answer,
        "deliver": deliver,
        "deliver_later": deliver_later,
        "erase": erase,
        "expire": expire,
        "fire": fire,
        "index": index,
        "read_messages": read_messages,
        "remember": remember,
        "sync": sync,
        "tidy": tidy,
    }
