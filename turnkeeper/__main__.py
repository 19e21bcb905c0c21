"""The command line: `turnkeeper serve`, and everything else that an operator does."""

import sys

from turnkeeper import commands
from turnkeeper.core.errors import CallerError, StartError, UpstreamError

CANNOT_START = 2
REFUSED = 1
INTERRUPTED = 130


def main() -> None:
    """Run one command. Trouble that a person can mend is one sentence on standard error, without a trace."""
    try:
        commands.build()()
    except StartError as error:
        _end(error.message, CANNOT_START)
    except (CallerError, UpstreamError) as error:
        _end(error.message, REFUSED)
    except KeyboardInterrupt:
        _end("Stopped.", INTERRUPTED)


def _end(sentence: str, code: int) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
