"""Operations that must leave an entry in the audit log, in an order in which each finds what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Does:
    """One operation, and the actions that it is found as. Parts in braces are ids kept from the answers before."""

    name: str
    method: str
    path: str
    actions: tuple[str, ...]
    body: object = None
    form: bytes | None = None
    """In place of a JSON body, the parts of a form with the boundary `b`."""
    keep: Mapping[str, str] = field(default_factory=dict[str, str])
    """Names for ids of the answer, by where they stand in it: `key.id`."""


_WEBHOOK = {"url": "http://93.184.215.14/hook"}
_SCHEDULE = {"name": "Report", "agent": "refunds", "text": "Report.", "cron": "0 9 * * *"}
PERSON = {"kind": "user", "email": "new@acme.example", "password": "correct horse battery", "role": "member"}

STEPS: tuple[Does, ...] = (
    Does(
        name="createAgent",
        method="POST",
        path="/agents",
        actions=("agent.created",),
        body={"name": "Audited", "tools": ["search_products"]},
        keep={"agent": "id"},
    ),
    Does(
        name="testTool",
        method="POST",
        path="/agents/{agent}/tools/search_products/test",
        actions=("agent.tool_called",),
        body={"arguments": {"query": "lamp"}},
    ),
    Does(
        name="changeAgent",
        method="PATCH",
        path="/agents/{agent}",
        actions=("agent.updated",),
        body={"description": "Other."},
    ),
    Does(
        name="rollBackAgent",
        method="POST",
        path="/agents/{agent}/rollback",
        actions=("agent.updated",),
        body={"revision": 1},
    ),
    Does(
        name="deployAgent",
        method="POST",
        path="/agents/{agent}/deploy",
        actions=("agent.deployed",),
        body={"revision": 1},
    ),
    Does(name="deleteAgent", method="DELETE", path="/agents/{agent}", actions=("agent.deleted",)),
    Does(
        name="setSecret",
        method="PUT",
        path="/secrets/A_KEY",
        actions=("secret.put",),
        body={"value": "not to be seen"},
    ),
    Does(name="deleteSecret", method="DELETE", path="/secrets/A_KEY", actions=("secret.deleted",)),
    Does(name="createKey", method="POST", path="/keys", actions=("key.created",), body={"name": "k"}, keep={"k": "id"}),
    Does(name="changeKey", method="PATCH", path="/keys/{k}", actions=("key.updated",), body={"name": "other"}),
    Does(name="rotateKey", method="POST", path="/keys/{k}/rotate", actions=("key.rotated",), body={}),
    Does(name="revokeKey", method="DELETE", path="/keys/{k}", actions=("key.revoked",)),
    Does(
        name="createMember",
        method="POST",
        path="/members",
        actions=("member.created",),
        body=PERSON,
        keep={"person": "id"},
    ),
    Does(
        name="inviteMember",
        method="POST",
        path="/members/{person}/invite",
        actions=("session.code_made",),
    ),
    Does(
        name="changeMember",
        method="PATCH",
        path="/members/{person}",
        actions=("member.role_changed", "member.password_changed"),
        body={"role": "admin", "password": "another horse battery"},
    ),
    Does(name="deactivateMember", method="DELETE", path="/members/{person}", actions=("member.deactivated",)),
    Does(
        name="renameOwnOrganization",
        method="PATCH",
        path="/organization",
        actions=("organization.renamed",),
        body={"name": "Acme and more"},
    ),
    Does(
        name="createOrganization",
        method="POST",
        path="/organizations",
        actions=("organization.created",),
        body={"name": "Third"},
    ),
    Does(name="setLimits", method="PUT", path="/limits", actions=("limits.changed",), body={"tokens": 5_000}),
    Does(
        name="createWebhook",
        method="POST",
        path="/webhooks",
        actions=("webhook.created",),
        body=_WEBHOOK | {"types": ["webhook.disabled"]},
        keep={"hook": "id"},
    ),
    Does(
        name="changeWebhook",
        method="PATCH",
        path="/webhooks/{hook}",
        actions=("webhook.updated",),
        body={"types": ["*"]},
    ),
    Does(
        name="rotateWebhookSecret", method="POST", path="/webhooks/{hook}/rotate", actions=("webhook.rotated",), body={}
    ),
    Does(
        name="testWebhook",
        method="POST",
        path="/webhooks/{hook}/test",
        actions=("webhook.tested",),
        keep={"delivery": "id"},
    ),
    Does(
        name="replayDelivery",
        method="POST",
        path="/webhooks/{hook}/deliveries/{delivery}/replay",
        actions=("webhook.replayed",),
    ),
    Does(
        name="replayDeliveries",
        method="POST",
        path="/webhooks/{hook}/replay",
        actions=("webhook.replayed",),
        body={"since": "2026-01-01T00:00:00Z"},
    ),
    Does(name="deleteWebhook", method="DELETE", path="/webhooks/{hook}", actions=("webhook.deleted",)),
    Does(
        name="createSchedule",
        method="POST",
        path="/schedules",
        actions=("schedule.created",),
        body=_SCHEDULE,
        keep={"schedule": "id"},
    ),
    Does(
        name="changeSchedule",
        method="PATCH",
        path="/schedules/{schedule}",
        actions=("schedule.updated",),
        body={"name": "Other"},
    ),
    Does(name="pauseSchedule", method="POST", path="/schedules/{schedule}/pause", actions=("schedule.paused",)),
    Does(name="resumeSchedule", method="POST", path="/schedules/{schedule}/resume", actions=("schedule.resumed",)),
    Does(name="runSchedule", method="POST", path="/schedules/{schedule}/run", actions=("schedule.run",)),
    Does(name="deleteSchedule", method="DELETE", path="/schedules/{schedule}", actions=("schedule.deleted",)),
    Does(
        name="decideApproval",
        method="POST",
        path="/approvals/{approval}/decide",
        actions=("approval.decided",),
        body={"decision": "deny"},
    ),
    Does(
        name="createDataSet",
        method="POST",
        path="/data-sets",
        actions=("data_set.created",),
        body={"name": "Papers"},
        keep={"set": "id"},
    ),
    Does(
        name="changeDataSet",
        method="PATCH",
        path="/data-sets/{set}",
        actions=("data_set.updated",),
        body={"description": "All."},
    ),
    Does(
        name="addDataSetMember",
        method="POST",
        path="/data-sets/{set}/members",
        actions=("data_set.member_added",),
        body={"account": "{person}"},
    ),
    Does(
        name="removeDataSetMember",
        method="DELETE",
        path="/data-sets/{set}/members/{person}",
        actions=("data_set.member_removed",),
    ),
    Does(
        name="putDocument",
        method="PUT",
        path="/data-sets/{set}/documents?address=a.md",
        actions=("sync.started",),
        body={"markdown": "# A\n\nOne."},
        keep={"sync": "id"},
    ),
    Does(
        name="addDocuments",
        method="POST",
        path="/data-sets/{set}/documents",
        actions=("sync.started",),
        body={"address": "b.md", "markdown": "# B\n\nTwo."},
    ),
    Does(
        name="beginSync",
        method="POST",
        path="/data-sets/{set}/syncs",
        actions=("sync.started",),
        form=b'--b\r\nContent-Disposition: form-data; name="file"; filename="c.md"\r\n\r\n# C\r\n--b--\r\n',
    ),
    Does(
        name="deleteDocument",
        method="DELETE",
        path="/data-sets/open/documents/{document}",
        actions=("document.deleted",),
    ),
    Does(name="deleteFile", method="DELETE", path="/files/{file}", actions=("file.deleted",)),
    Does(
        name="cancelSync",
        method="POST",
        path="/data-sets/{set}/syncs/{sync}/cancel",
        actions=("sync.cancelled",),
    ),
    Does(
        name="deleteDataSet",
        method="DELETE",
        path="/data-sets/{set}",
        actions=("data_set.deleted",),
    ),
    Does(
        name="setRetention",
        method="PUT",
        path="/retention",
        actions=("retention.changed",),
        body={"text_days": 30},
    ),
    Does(
        name="deleteConversation",
        method="DELETE",
        path="/conversations/{conversation}",
        actions=("conversation.deleted",),
    ),
    Does(
        name="createErasure",
        method="POST",
        path="/erasures",
        actions=("erasure.requested",),
        body={"end_user": {"name": "customer", "value": "c"}},
    ),
)
