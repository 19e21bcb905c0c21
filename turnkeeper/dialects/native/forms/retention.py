"""What requests about retention say."""

from turnkeeper.core.retention import LEAST_IDEMPOTENCY_HOURS, MOST_DAYS, MOST_IDEMPOTENCY_HOURS, Retention
from turnkeeper.dialects.native.forms.reading import fields_of

_KNOWN = ("conversations_days", "text_days", "files_days", "webhook_deliveries_days", "idempotency_hours")


def retention_form(body: bytes, content_type: str | None) -> Retention:
    """Check how long things are to be kept.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=_KNOWN)
    wanted = Retention(
        conversations_days=fields.whole("conversations_days", least=1, most=MOST_DAYS),
        text_days=fields.whole("text_days", least=1, most=MOST_DAYS),
        files_days=fields.whole("files_days", least=1, most=MOST_DAYS),
        webhook_deliveries_days=fields.whole("webhook_deliveries_days", least=1, most=MOST_DAYS),
        idempotency_hours=fields.whole("idempotency_hours", least=LEAST_IDEMPOTENCY_HOURS, most=MOST_IDEMPOTENCY_HOURS),
    )
    fields.check()
    return wanted
