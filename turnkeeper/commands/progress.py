"""Progress bars on standard error. Slow to import: it loads rich's."""

import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from turnkeeper.retrieval.indexing import Progress as Done


def bars() -> Progress:
    """Bars, none of them yet; to be entered."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(file=sys.stderr),
    )


def reporter(progress: Progress, description: str) -> Callable[[Done], None]:
    """What shows the reports it hears as one bar, from the first on."""
    shown: list[TaskID] = []

    def report(done: Done) -> None:
        if not shown:
            shown.append(progress.add_task(description, total=done.total))
        progress.update(shown[0], completed=done.done, total=done.total)

    return report


def fill(progress: Progress) -> None:
    """Bring all bars to their end: what is missing in the count, others did."""
    for bar in progress.tasks:
        progress.update(bar.id, completed=bar.total)
