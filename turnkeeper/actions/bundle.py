"""All actions, bound to what they need: the one thing that a door is given."""

from dataclasses import dataclass

from turnkeeper.actions.accounts import AccountActions
from turnkeeper.actions.agents import AgentActions
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.audit import AuditActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.data_set_members import DataSetMemberActions
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.actions.documents import DocumentActions
from turnkeeper.actions.erasures import ErasureActions
from turnkeeper.actions.events import EventActions
from turnkeeper.actions.files import FileActions
from turnkeeper.actions.first_run import FirstRunAction
from turnkeeper.actions.health import HealthActions
from turnkeeper.actions.keeping import KeepingActions
from turnkeeper.actions.keys import KeyActions
from turnkeeper.actions.members import MemberActions
from turnkeeper.actions.messages import MessageActions
from turnkeeper.actions.models import ModelActions
from turnkeeper.actions.organizations import OrganizationActions
from turnkeeper.actions.overview import OverviewActions
from turnkeeper.actions.retention import RetentionActions
from turnkeeper.actions.revisions import RevisionActions
from turnkeeper.actions.schedules import ScheduleActions
from turnkeeper.actions.sessions import SessionActions
from turnkeeper.actions.signin import SignIn
from turnkeeper.actions.syncs import SyncActions
from turnkeeper.actions.tools import ToolActions
from turnkeeper.actions.transcripts import TranscriptActions
from turnkeeper.actions.usage import UsageActions
from turnkeeper.actions.vault import VaultActions
from turnkeeper.actions.webhooks import WebhookActions


@dataclass(frozen=True, kw_only=True, slots=True)
class Actions:
    """What a door may ask for."""

    signin: SignIn
    agents: AgentActions
    approvals: ApprovalActions
    audit: AuditActions
    conversations: ConversationActions
    keeping: KeepingActions
    messages: MessageActions
    events: EventActions
    accounts: AccountActions
    keys: KeyActions
    members: MemberActions
    organizations: OrganizationActions
    overview: OverviewActions
    data_sets: DataSetActions
    data_set_members: DataSetMemberActions
    documents: DocumentActions
    files: FileActions
    models: ModelActions
    revisions: RevisionActions
    health: HealthActions
    erasures: ErasureActions
    first_run: FirstRunAction
    sessions: SessionActions
    syncs: SyncActions
    retention: RetentionActions
    tools: ToolActions
    transcripts: TranscriptActions
    usage: UsageActions
    vault: VaultActions
    webhooks: WebhookActions
    schedules: ScheduleActions
