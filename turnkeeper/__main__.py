"""The command line: `turnkeeper serve`, and everything else that an operator does."""

import gc
import sys
from collections.abc import Sequence

from turnkeeper.commands import quick
from turnkeeper.core.errors import CallerError, StartError, UpstreamError

CANNOT_START = 2
REFUSED = 1
INTERRUPTED = 130


def main() -> None:
    """Run the command that was typed, and end the process with its exit code."""
    code = run(sys.argv[1:])
    gc.freeze()  # all of it ends now: nobody need look for what could go before
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Trouble that a person can mend is one sentence on standard error, without a trace.
    """
    try:
        if not quick.ran(words):
            from turnkeeper.commands.table import build, narrowed  # noqa: PLC0415 - slow import

            narrowed(build(), words)(list(words), prog_name="turnkeeper")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else REFUSED
    except StartError as error:
        return _told(error.message, CANNOT_START)
    except (CallerError, UpstreamError) as error:
        return _told(error.message, REFUSED)
    except KeyboardInterrupt:
        return _told("Stopped.", INTERRUPTED)
    return 0


def _told(sentence: str, code: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    main()
