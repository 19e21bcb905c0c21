"""What the Enthusiast dialect promises."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

REQUIREMENTS: Mapping[str, Requirement] = {}
