"""One promise of a dialect: what it does, who says so, and where it knowingly differs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """An entry of the manifest.

    `source` says where the behaviour is described; `divergence` how ours differs from that on purpose, and why. Tests are
    tied to an entry by `@pytest.mark.requirement("id of the entry")`.
    """

    source: str
    behaviour: str
    divergence: str | None = None
