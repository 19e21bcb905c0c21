"""WebSocket connections that can be cut off; loaded when the first one comes."""

from collections.abc import Callable

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from turnkeeper.http_kit.cutting import ABORT


class CuttableWebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's protocol, which tells the application how to cut the connection."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, object]) -> None:
        """As uvicorn makes it."""
        super().__init__(config, server_state, app_state)
        self.left: Callable[[], None] = _nothing
        """Called when the connection ends."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of it."""
        super().connection_lost(exc)
        self.left()

    def handle_connect(self, event: Request) -> None:
        """Tell it before it starts."""
        super().handle_connect(event)
        if not self.handshake_complete:
            (self.scope.get("extensions") or {})[ABORT] = {"abort": self.transport.abort}

    async def send(self, message: ASGISendEvent) -> None:
        """Send; a handshake that was refused with an answer is over, and none that the application forgot."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True


def _nothing() -> None:
    pass
