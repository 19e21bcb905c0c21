"""The manifest: every promise of every dialect, by id. The id begins with the name of the dialect."""

from collections.abc import Mapping

from tests.dialects.enthusiast import requirements as enthusiast
from tests.dialects.nairi import requirements as nairi
from tests.dialects.native import requirements as native
from tests.dialects.requirement import Requirement

REQUIREMENTS: Mapping[str, Requirement] = {
    **enthusiast.REQUIREMENTS,
    **nairi.REQUIREMENTS,
    **native.REQUIREMENTS,
}
