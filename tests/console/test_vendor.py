"""What is not ours is what it is said to be."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "turnkeeper" / "web" / "static" / "vendor"


async def test_vendored_files_have_the_digests_that_are_written_down() -> None:
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (VENDOR / "README.md").read_text(), re.MULTILINE)

    assert dict(rows) == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.suffix in {".js", ".css", ".woff2"}
    }
