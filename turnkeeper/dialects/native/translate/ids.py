"""What the ids of clients name, in this dialect's words and in those of others."""

from uuid import UUID

from turnkeeper.core.ids import from_prefixed, from_uuid

_LONGEST_NUMBER = 18


def approval_in(text: str) -> UUID | None:
    """The approval that a text names, if it can name one."""
    return from_prefixed(("apr",), text) or from_uuid(text)


def message_in(text: str) -> UUID | None:
    """The message that a text names, also by the ids that other dialects give: `cmsg_…`, and a `task_id`."""
    return from_prefixed(("msg", "cmsg"), text) or from_uuid(text)


def conversation_in(text: str) -> UUID | None:
    """The conversation that a text names, also by the ids that other dialects give: `job_…`."""
    return from_prefixed(("conv", "job", "j"), text) or from_uuid(text)


def webhook_in(text: str) -> UUID | None:
    """The webhook that a text names."""
    return from_prefixed(("whk",), text) or from_uuid(text)


def delivery_in(text: str) -> UUID | None:
    """The delivery of a webhook that a text names: its `webhook-id`."""
    return from_prefixed(("dlv",), text) or from_uuid(text)


def schedule_in(text: str) -> UUID | None:
    """The schedule that a text names."""
    return from_prefixed(("sch",), text) or from_uuid(text)


def key_in(text: str) -> UUID | None:
    """The key that a text names, if it can name one."""
    return from_prefixed(("key",), text) or from_uuid(text)


def session_in(text: str) -> UUID | None:
    """The session that a text names, if it can name one."""
    return from_prefixed(("ses",), text) or from_uuid(text)


def account_in(text: str) -> UUID | None:
    """The account that a text names, if it can name one."""
    return from_prefixed(("acc",), text) or from_uuid(text)


def organization_in(text: str) -> UUID | None:
    """The organization that a text names, if it can name one."""
    return from_prefixed(("org",), text) or from_uuid(text)


def agent_in(text: str) -> UUID | None:
    """The agent that a text names, also by the id that another dialect gives: `cci_…`."""
    return from_prefixed(("agt", "cci"), text) or from_uuid(text)


def agent_named(text: str) -> UUID | str | None:
    """The agent that the path names: by its id, else by its slug; None when it can name none."""
    return None if "\x00" in text else agent_or_slug_in(text)


def file_in(text: str) -> UUID | None:
    """The file that a text names, also by the ids that other dialects and agents give: `att_…`."""
    return from_prefixed(("file", "att"), text) or from_uuid(text)


def agent_or_slug_in(text: str) -> UUID | str:
    """The agent that a text names: by its id, else by its slug."""
    return agent_in(text) or text


def data_set_in(text: str) -> UUID | str:
    """The data set that a text names: its id, or else its name."""
    return from_prefixed(("ds",), text) or from_uuid(text) or text


def sync_in(text: str) -> UUID | None:
    """The run of a data set that a text names, if it can name one."""
    return from_prefixed(("sync",), text) or from_uuid(text)


def document_in(text: str) -> UUID | int | None:
    """The document that a text names, also by the number that citations give."""
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    return from_prefixed(("doc",), text) or from_uuid(text)


def product_in(text: str) -> UUID | str:
    """The product that a text names: our id, or else the shop's own."""
    return from_prefixed(("prod",), text) or text


def account_or_name_in(text: str) -> UUID | str:
    """The account that a text names: its id, or else its name or e-mail address."""
    return account_in(text) or text


def erasure_in(text: str) -> UUID | None:
    """The erasure that a text names, if it can name one."""
    return from_prefixed(("ers",), text) or from_uuid(text)
