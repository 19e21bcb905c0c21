"""Agents and their revisions in the dialect's words."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import msgspec

from turnkeeper.core.agents import Agent, Limits
from turnkeeper.core.ids import prefixed
from turnkeeper.core.revisions import AgentContent, Difference, Revision, content_of
from turnkeeper.dialects.native.shapes.agents import (
    AgentContentShape,
    AgentDetailsShape,
    AgentLimitsShape,
    DifferenceShape,
    RevisionShape,
)
from turnkeeper.dialects.native.shapes.common import moment


def agent_shape(agent: Agent, data_sets: Mapping[int, UUID]) -> AgentDetailsShape:
    """An agent; `data_sets` has the id of its data set by that one's number."""
    content = content_shape(content_of(agent), data_sets)
    return AgentDetailsShape(
        id=prefixed("agt", agent.public_id),
        slug=agent.slug,
        name=content.name,
        description=content.description,
        data_set=content.data_set,
        instructions=content.instructions,
        model=content.model,
        tools=content.tools,
        limits=content.limits,
        settings=content.settings,
        instances_count=content.instances_count,
        revision=agent.revision,
        latest_revision=agent.latest_revision,
        deployed_at=None if agent.deployed_at is None else moment(agent.deployed_at),
        created_at=moment(agent.created_at),
        updated_at=moment(agent.updated_at),
    )


def revision_shape(revision: Revision, agent: Agent, data_sets: Mapping[int, UUID]) -> RevisionShape:
    """A revision of this agent."""
    return RevisionShape(
        number=revision.number,
        content=content_shape(revision.content, data_sets),
        note=revision.note,
        based_on=revision.based_on,
        author=None if revision.author is None else prefixed("acc", revision.author),
        is_deployed=revision.number == agent.revision,
        created_at=moment(revision.created_at),
        deployed_at=None if revision.deployed_at is None else moment(revision.deployed_at),
    )


def content_shape(content: AgentContent, data_sets: Mapping[int, UUID]) -> AgentContentShape:
    """What an agent is made of."""
    data_set = None if content.data_set_id is None else data_sets.get(content.data_set_id)
    return AgentContentShape(
        name=content.name,
        description=content.description,
        data_set=None if data_set is None else prefixed("ds", data_set),
        instructions=content.instructions,
        model=content.model,
        tools=list(content.tools),
        limits=_limits(content.limits),
        settings=content.settings,
        instances_count=content.instances_count,
    )


def difference_shape(difference: Difference, data_sets: Mapping[int, UUID]) -> DifferenceShape:
    """One place at which revisions differ; a data set is named by its id."""
    pointer, old, new = difference.pointer, difference.old, difference.new
    if pointer == "/data_set_id":
        pointer, old, new = "/data_set", _data_set(old, data_sets), _data_set(new, data_sets)
    return DifferenceShape(
        pointer=pointer,
        old=msgspec.Raw(msgspec.json.encode(old)),
        new=msgspec.Raw(msgspec.json.encode(new)),
        text=difference.text,
    )


def _data_set(number: object, data_sets: Mapping[int, UUID]) -> str | None:
    found = data_sets.get(number) if isinstance(number, int) else None
    return None if found is None else prefixed("ds", found)


def _limits(limits: Limits) -> AgentLimitsShape:
    return AgentLimitsShape(
        model_calls=limits.model_calls,
        tool_calls=limits.tool_calls,
        tokens=limits.tokens,
        cost_usd=_amount(limits.cost_usd),
        output_tokens=limits.output_tokens,
        history_tokens=limits.history_tokens,
        seconds=limits.seconds,
        tokens_a_day=limits.tokens_a_day,
        cost_usd_a_day=_amount(limits.cost_usd_a_day),
    )


def _amount(dollars: Decimal | None) -> float | None:
    return None if dollars is None else float(dollars)
