"""Sessions of browsers in the dialect's words."""

from datetime import UTC, datetime

from turnkeeper.core.ids import prefixed
from turnkeeper.core.sessions import Session, SessionIdentity, csrf_token_of
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.sessions import CurrentSessionShape, SessionShape
from turnkeeper.dialects.native.translate.keys import SCOPES
from turnkeeper.dialects.native.translate.members import member_shape, organization_shape


def session_shape(session: Session, *, current: int) -> SessionShape:
    """A session; `current` is the number of the one that asks."""
    return SessionShape(
        id=prefixed("ses", session.public_id),
        browser=session.browser,
        is_current=session.id == current,
        created_at=moment(session.created_at),
        last_used_at=moment(session.last_used_at),
        expires_at=moment(session.expires_at),
    )


def current_session_shape(found: SessionIdentity, secret: str, *, most_upload_bytes: int) -> CurrentSessionShape:
    """Who is signed in by this secret, and what a page of theirs must know of the server."""
    return CurrentSessionShape(
        session=session_shape(found.session, current=found.session.id),
        organization=organization_shape(found.organization),
        account=member_shape(found.account),
        scopes=[scope for scope in SCOPES if scope in found.caller.scopes],
        csrf_token=csrf_token_of(secret),
        may_set_password=found.session.may_set_password(datetime.now(UTC)),
        most_upload_bytes=most_upload_bytes,
    )
