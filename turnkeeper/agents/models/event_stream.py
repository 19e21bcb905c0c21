"""Server-sent events as a model's provider sends them: bytes in, the data of each event out."""


class TooLongError(Exception):
    """One event of the stream is longer than any event of the protocol could be."""


class EventStream:
    """Cuts a stream of bytes into events. Only `data` fields matter; comments, ids, names and retry times are skipped.

    Source: the HTML standard, section 9.2.6 (line ends may be LF, CR LF or CR; an event ends with a blank line).
    """

    def __init__(self, longest: int) -> None:
        """`longest` is the most bytes that one event may have."""
        self._longest = longest
        self._rest = b""
        self._data: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that these bytes complete, in order.

        Raises:
            TooLongError: an event has more bytes than `longest`.
        """
        buffer = self._rest + chunk if self._rest else chunk
        if b"\r" in buffer:
            buffer = _with_plain_line_ends(buffer)
        blocks = buffer.split(b"\n\n")
        rest = blocks.pop()
        events: list[bytes] = []
        for block in blocks:
            # Nearly every event is one line of data, perhaps behind its name: that needs no parting into lines.
            head = block[:6]
            start = block.find(b"\n") + 1 if head == b"event:" else 0
            is_data = head == b"data: " or block[start : start + 6] == b"data: "
            if is_data and block.find(b"\n", start) < 0 and not self._data:
                events.append(block[start + 6 :])
                continue
            for line in block.split(b"\n"):
                self._take(line, events)
            self._take(b"", events)
        *lines, self._rest = rest.split(b"\n")
        for line in lines:
            self._take(line, events)
        if self._held + len(self._rest) > self._longest:
            raise TooLongError
        return events

    def end(self) -> list[bytes]:
        """The data of a last event that the server did not end with a blank line, if there is one."""
        events: list[bytes] = []
        for line in (self._rest.rstrip(b"\r"), b""):
            self._take(line, events)
        self._rest = b""
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            self._held += len(line)
        elif not line and self._data:
            events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
            self._data.clear()
            self._held = 0


def _with_plain_line_ends(buffer: bytes) -> bytes:
    """LF for every line end; a CR at the very end stays, as its LF may follow."""
    held = b"\r" if buffer.endswith(b"\r") else b""
    body = buffer[: len(buffer) - len(held)]
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held
