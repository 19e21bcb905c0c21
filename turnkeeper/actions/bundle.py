"""All actions, bound to what they need: the one thing that a door is given."""

from dataclasses import dataclass

from turnkeeper.actions.agents import AgentActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.signin import SignIn


@dataclass(frozen=True, kw_only=True, slots=True)
class Actions:
    """What a door may ask for."""

    signin: SignIn
    agents: AgentActions
    conversations: ConversationActions
