"""Connections below HTTP: cut off who takes nothing, and speak WebSocket with those who ask for it."""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

ABORT = "turnkeeper.abort"
"""The extension of a request's scope by which its connection is cut: `{"abort": function}`."""
LONGEST_MESSAGE_BYTES = 16_384
"""Of a WebSocket's client, which has nothing to say but its key."""
PING_SECONDS = 15.0


class CuttableProtocol(HttpToolsProtocol):
    """Uvicorn's protocol. Its requests can be cut off without waiting for a client that takes nothing."""

    def on_headers_complete(self) -> None:
        """Tell the application how."""
        self.scope["extensions"] = {ABORT: {"abort": self.transport.abort}}
        super().on_headers_complete()


def websocket_protocol(config: Config, server_state: ServerState, app_state: dict[str, object]) -> asyncio.Protocol:
    """A connection that speaks WebSocket. The library is imported when the first client asks for it."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import (  # noqa: PLC0415 - slow import
        WebSocketsSansIOProtocol,
    )

    return WebSocketsSansIOProtocol(config, server_state, app_state)
