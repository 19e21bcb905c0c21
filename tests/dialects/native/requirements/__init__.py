"""What the native dialect promises. It is ours: its source is its own contract."""

from collections.abc import Mapping

from tests.dialects.native.requirements import (
    access,
    agents,
    approvals,
    audit,
    conversations,
    data_sets,
    door,
    events,
    files,
    messages,
    schedules,
    webhooks,
)
from tests.dialects.requirement import Requirement

REQUIREMENTS: Mapping[str, Requirement] = {
    **access.REQUIREMENTS,
    **agents.REQUIREMENTS,
    **approvals.REQUIREMENTS,
    **audit.REQUIREMENTS,
    **conversations.REQUIREMENTS,
    **data_sets.REQUIREMENTS,
    **door.REQUIREMENTS,
    **events.REQUIREMENTS,
    **files.REQUIREMENTS,
    **messages.REQUIREMENTS,
    **schedules.REQUIREMENTS,
    **webhooks.REQUIREMENTS,
}
