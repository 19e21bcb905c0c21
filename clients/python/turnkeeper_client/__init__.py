"""A client of Turnkeeper servers: `Turnkeeper`, and `AsyncTurnkeeper` for asyncio."""

from turnkeeper_client import shapes
from turnkeeper_client.async_client import AsyncTurnkeeper
from turnkeeper_client.async_streams import AsyncEventStream, AsyncTurnStream
from turnkeeper_client.client import Turnkeeper
from turnkeeper_client.errors import (
    AnswerError,
    ConflictError,
    ConnectionLostError,
    DeadlineError,
    Fault,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PreconditionFailedError,
    RateLimitedError,
    ServerError,
    StreamEndedError,
    TurnFailedError,
    TurnkeeperError,
)
from turnkeeper_client.requests import File, Upload, etag_of
from turnkeeper_client.retries import Retries
from turnkeeper_client.streams import EventStream, TurnStream
from turnkeeper_client.turns import Decision, Turn
from turnkeeper_client.version import VERSION

__version__ = VERSION

__all__ = [
    "AnswerError",
    "AsyncEventStream",
    "AsyncTurnStream",
    "AsyncTurnkeeper",
    "ConflictError",
    "ConnectionLostError",
    "DeadlineError",
    "Decision",
    "EventStream",
    "Fault",
    "File",
    "InvalidError",
    "NotAllowedError",
    "NotFoundError",
    "NotSignedInError",
    "PreconditionFailedError",
    "RateLimitedError",
    "Retries",
    "ServerError",
    "StreamEndedError",
    "Turn",
    "TurnFailedError",
    "TurnStream",
    "Turnkeeper",
    "TurnkeeperError",
    "Upload",
    "__version__",
    "etag_of",
    "shapes",
]
