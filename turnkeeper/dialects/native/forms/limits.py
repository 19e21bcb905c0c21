"""What is said of limits."""

from collections.abc import Mapping
from decimal import Decimal

from turnkeeper.core.errors import InvalidError
from turnkeeper.core.limits import LIMIT_NAMES, check_limit
from turnkeeper.dialects.native.forms.reading import fields_of


def limits_form(body: bytes, content_type: str | None) -> Mapping[str, int | float | Decimal | None]:
    """Check the body that sets all limits; those that are left out are taken away.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=LIMIT_NAMES)
    changes: dict[str, int | float | Decimal | None] = {}
    for name in LIMIT_NAMES:
        value = fields.raw(name)
        changes[name] = None
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            fields.wrong(name, f"The field {name!r} must be a number.", "wrong_type")
            continue
        limit = Decimal(str(value)) if name.startswith("cost_usd") else value
        try:
            check_limit(name, limit)
        except InvalidError as error:
            fields.wrong(name, error.why, error.code)
        else:
            changes[name] = limit
    fields.check()
    return changes
