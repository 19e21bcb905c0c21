"""A client of event streams that comes back when it is cut: bare sockets, the rules of the standard."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from yarl import URL


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What came under one `id`."""

    number: int
    event: str
    data: dict[str, object]


def frames_in(stream: bytes) -> list[Frame]:
    """The whole frames of a stream; what is cut at its end does not count, and comments are no frames."""
    found: list[Frame] = []
    for block in stream.split(b"\n\n")[:-1]:
        lines = [line.partition(b": ") for line in block.split(b"\n") if not line.startswith(b":")]
        fields = {name.decode(): value for name, _, value in lines}
        if "data" in fields:
            data = msgspec.json.decode(fields["data"], type=dict[str, object])
            found.append(Frame(number=int(fields["id"]), event=fields["event"].decode(), data=data))
    return found


@dataclass(kw_only=True)
class EventReader:
    """Reads a log through `address` until its end, over as many connections as it takes."""

    address: Callable[[], str]
    """Where to connect the next time."""
    path: str
    key: str
    frames: list[Frame] = field(default_factory=list[Frame])
    connections: int = 0
    received: bytes = b""
    """All bytes of the last connection."""
    last: int = 0

    @property
    def numbers(self) -> list[int]:
        """The numbers of the events, in the order in which they came."""
        return [frame.number for frame in self.frames if frame.event != "end"]

    async def read(self) -> None:
        """Connect again and again, until the last frame says that it is over."""
        while not await self.read_once():
            pass

    async def read_once(self) -> bool:
        """Read over one connection, until it is cut; whether the end was told."""
        url = URL(self.address())
        self.connections += 1
        try:
            reader, writer = await asyncio.open_connection(url.host, url.port)
        except OSError:
            return False
        resumes = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
        writer.write(
            f"GET {self.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
            f"Accept: text/event-stream\r\nConnection: close\r\n{resumes}\r\n".encode()
        )
        self.received, taken = b"", 0
        try:
            while chunk := await reader.read(65_536):
                self.received += chunk
                frames = frames_in(body_in(self.received))
                if self._take(frames[taken:]):
                    return True
                taken = len(frames)
        except ConnectionError:
            pass
        finally:
            writer.close()
        return False

    def _take(self, frames: list[Frame]) -> bool:
        for frame in frames:
            self.frames.append(frame)
            if frame.event == "end":
                return frame.data["reason"] != "closing"
            self.last = frame.number
        return False


def body_in(received: bytes) -> bytes:
    """The body, as far as it came; the head may be cut, and so may a chunk."""
    head, _, rest = received.partition(b"\r\n\r\n")
    assert not rest or head.startswith(b"HTTP/1.1 200 "), received
    body = b""
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
    return body
