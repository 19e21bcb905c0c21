"""The smallest application on the server's own HTTP layer, as a yardstick. Prints its port; ends with standard input."""

import asyncio
import socket
import sys

import uvicorn
import uvloop
from litestar.types import Receive, Scope, Send

_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"15")]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer everything with the same few bytes."""
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b'{"hello":"you"}', "more_body": False})


async def serve() -> None:
    """Listen on a free port until standard input ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        config = uvicorn.Config(
            application, lifespan="off", log_config=None, access_log=False, http="httptools", ws="none"
        )
        server = uvicorn.Server(config)
        print(listener.getsockname()[1], flush=True)
        serving = asyncio.create_task(server.serve([listener]))
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving


if __name__ == "__main__":
    uvloop.run(serve())
