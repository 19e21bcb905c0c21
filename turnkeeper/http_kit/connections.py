"""Connections below HTTP: they can be cut off, and become WebSockets for those who ask for it."""

import asyncio

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from turnkeeper.http_kit.cutting import ABORT

LONGEST_MESSAGE_BYTES = 16_384
"""Of a WebSocket's client, which has nothing to say but its key."""
PING_SECONDS = 15.0


class CuttableProtocol(HttpToolsProtocol):
    """Uvicorn's protocol; its requests can be cut off."""

    def on_headers_complete(self) -> None:
        """Tell the application how."""
        self.scope["extensions"] = {ABORT: {"abort": self.transport.abort}}
        super().on_headers_complete()


def websocket_protocol(config: Config, server_state: ServerState, app_state: dict[str, object]) -> asyncio.Protocol:
    """A connection that speaks WebSocket. The library is imported when the first client asks for it."""
    from turnkeeper.http_kit.web_sockets import CuttableWebSocket  # noqa: PLC0415 - slow import

    return CuttableWebSocket(config, server_state, app_state)
