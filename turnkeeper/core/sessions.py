"""Sessions of people in a browser: what a cookie stands for, and the secrets that go with it."""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from turnkeeper.core.accounts import Account, Caller, Organization

SESSION_PREFIX = "tks_"
CODE_PREFIX = "tkc_"
CODE_LIFE = timedelta(hours=1)
"""How long a one-time code may wait to be used."""
PASSWORD_LIFE = timedelta(hours=1)
"""How long, after a one-time code was used, a password may be set without the one before."""
_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A person who is signed in with a browser."""

    id: int
    public_id: UUID
    organization_id: int
    account_id: int
    by_code: bool
    """Whether it was begun with a one-time code."""
    browser: str
    """What the browser calls itself."""
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    """When it ends, if nobody uses it until then; it is never later than its latest end."""

    def may_set_password(self, moment: datetime) -> bool:
        """Whether a password may be set without knowing the one before."""
        return self.by_code and moment < self.created_at + PASSWORD_LIFE


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionIdentity:
    """Who is signed in, and how."""

    organization: Organization
    account: Account
    session: Session
    caller: Caller


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedSession:
    """A new session with what its cookie is to hold: shown once, and stored as its digest only."""

    identity: SessionIdentity
    secret: str = field(repr=False)
    seconds: int
    """How long the cookie may be kept."""


def new_session_secret() -> str:
    """A secret of 256 random bits for a cookie."""
    return SESSION_PREFIX + _random()


def new_code() -> str:
    """A one-time code of 256 random bits."""
    return CODE_PREFIX + _random()


def csrf_token_of(secret: str) -> str:
    """What a page says with each change that it asks for, to show that it could read an answer to this session.

    It follows from the session's secret, which does not follow from it.
    """
    return hashlib.sha256(b"turnkeeper csrf token of " + secret.encode()).hexdigest()


def is_csrf_token(token: str, secret: str) -> bool:
    """Whether it is the session's; takes as long for any that is wrong."""
    return hmac.compare_digest(token.encode(), csrf_token_of(secret).encode())


def _random() -> str:
    return base64.urlsafe_b64encode(os.urandom(_BYTES)).decode().rstrip("=")
