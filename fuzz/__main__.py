"""`python -m fuzz TARGET --seconds 300`: throw what is nearly right at a parser, guided by what it reaches of our code.

A crash, more than ten seconds, or more than 2 GB ends the run with the input that did it, kept in fuzz/found. atheris is not
among the locked packages: `make fuzz` installs it.
"""

import argparse
import logging
import sys
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports, reportMissingTypeStubs] - installed by `make fuzz` only

from fuzz.seeds import seeds

HERE = Path(__file__).parent
LONGEST_BYTES = 65_536
LONGEST_SECONDS = 10
MOST_MEGABYTES = 2_048


def main() -> None:
    """Run one target."""
    with atheris.instrument_imports(include=["turnkeeper", "multipart", "openpyxl", "docx"]):  # pyright: ignore[reportUnknownMemberType]
        from fuzz.targets import TARGETS  # noqa: PLC0415 - imported to be watched

    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=300)
    wanted = parser.parse_args()
    corpus, found = HERE / "corpus" / wanted.target, HERE / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds()[wanted.target]):
        (corpus / f"seed-{number}").write_bytes(seed)
    logging.disable()
    flags = [
        f"-max_total_time={wanted.seconds}",
        f"-max_len={LONGEST_BYTES}",
        f"-timeout={LONGEST_SECONDS}",
        f"-rss_limit_mb={MOST_MEGABYTES}",
        f"-artifact_prefix={found}/{wanted.target}-",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *flags], TARGETS[wanted.target])  # pyright: ignore[reportUnknownMemberType]
    atheris.Fuzz()  # pyright: ignore[reportUnknownMemberType]


if __name__ == "__main__":
    main()
