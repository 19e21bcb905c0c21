"""The pool of the lean wires: which connection is asked, what is tried again, and what a failure of it means."""

import asyncio
import gc
import gzip
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from yarl import URL

from tests.fakes.far_end import FarEnd, Visit, sized
from tests.patience import PATIENCE, PROCESS_PATIENCE
from turnkeeper.agents.model import ModelDelta, TextDelta
from turnkeeper.agents.models.connections import Call, Connections, Deadlines
from turnkeeper.agents.models.http1 import Connection
from turnkeeper.core.errors import RefusedError, UpstreamError

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = Deadlines(connect=0.2, first_byte=0.2, between_bytes=0.2, after_end=0.2)
BROKE_OFF = "The connection to the model provider broke off."
TOO_LATE = "The model provider did not answer in time."
UNREACHABLE = "The model provider cannot be reached."


@dataclass
class Letters:
    """A reader that knows one word: a full stop ends the reply."""

    read: list[bytes] = field(default_factory=list[bytes])

    @property
    def is_finished(self) -> bool:
        return self.is_done

    @property
    def is_done(self) -> bool:
        return b"".join(self.read).endswith(b".")

    def feed(self, chunk: bytes) -> Sequence[ModelDelta]:
        self.read.append(chunk)
        return [TextDelta(text=chunk.decode())]

    def end(self) -> Sequence[ModelDelta]:
        return []


class RefusedForTestError(RefusedError):
    """What an answer with another status than 200 is made into here."""


def call(address: str, *, body: bytes = b"Hi", headers: Mapping[str, str] | None = None) -> Call:
    def failure_of(status: int, headers: Mapping[str, str], told: bytes) -> UpstreamError:
        return RefusedForTestError("us", f"{status} {headers.get('Retry-After')} {told.decode()}")

    return Call(
        who="us",
        url=URL(address),
        headers=headers or {},
        body=lambda: body,
        is_large=len(body) > 2,
        failure_of=failure_of,
    )


async def ask(
    connections: Connections, address: str, *, body: bytes = b"Hi", headers: Mapping[str, str] | None = None
) -> str:
    async with asyncio.timeout(PATIENCE):
        deltas = [delta async for delta in connections.stream(call(address, body=body, headers=headers), Letters())]
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


async def failure(connections: Connections, address: str, headers: Mapping[str, str] | None = None) -> str:
    with pytest.raises(UpstreamError) as caught:
        await ask(connections, address, headers=headers)
    return f"{type(caught.value).__name__}: {caught.value.message}"


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    made = Connections()
    yield made
    await made.close()


def at(far: FarEnd, host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{far.port}/v1/chat?version=1"


async def polite(visit: Visit) -> None:
    """Answers every request with the number of the visit."""
    while True:
        await visit.request()
        await visit.says(sized(b"%d." % visit.number))


async def test_a_connection_is_asked_again(connections: Connections) -> None:
    async with FarEnd(polite) as far:
        assert [await ask(connections, at(far)) for _ in range(3)] == ["1.", "1.", "1."]
        assert await asyncio.gather(*(ask(connections, at(far)) for _ in range(3))) == ["1.", "2.", "3."]
        await connections.close()


async def test_the_request_says_what_it_must(connections: Connections) -> None:
    heads: list[bytes] = []

    async def listening(visit: Visit) -> None:
        heads.append(await visit.request())
        await visit.says(sized(b"."))

    async with FarEnd(listening) as far:
        await ask(connections, at(far, "user:pass@localhost"), headers={"Accept": "text/event-stream"})
        assert heads[0].startswith(b"POST /v1/chat?version=1 HTTP/1.1\r\nHost: localhost:%d\r\n" % far.port)
    lines = heads[0].split(b"\r\n")
    assert b"Accept: text/event-stream" in lines
    assert b"Content-Length: 2" in lines
    assert b"Authorization: Basic dXNlcjpwYXNz" in lines
    assert any(line.startswith(b"User-Agent: turnkeeper/") for line in lines)


async def test_a_large_body_reaches_the_server_whole(connections: Connections) -> None:
    async with FarEnd(polite) as far:
        assert await ask(connections, at(far), body=b"x" * 5_000_000) == "1."
        assert await ask(connections, at(far)) == "1."
        await connections.close()


async def test_a_kept_connection_that_the_server_closed_meanwhile_is_replaced(connections: Connections) -> None:
    async def short(visit: Visit) -> None:
        await visit.request()
        await visit.says(sized(b"%d." % visit.number))

    async with FarEnd(short) as far:
        assert [await ask(connections, at(far)) for _ in range(3)] == ["1.", "2.", "3."]


async def test_connections_that_the_server_closed_are_forgotten(connections: Connections) -> None:
    may_leave = asyncio.Event()

    async def leaving(visit: Visit) -> None:
        await visit.request()
        await visit.says(sized(b"."))
        await may_leave.wait()

    async with FarEnd(leaving) as far:
        await asyncio.gather(*(ask(connections, at(far)) for _ in range(5)))
        may_leave.set()
        await ask(connections, at(far))
        await ask(connections, at(far))
        gc.collect()
        alive = [each for each in gc.get_objects() if isinstance(each, Connection)]
    assert far.visits == 7
    assert len(alive) <= 2


async def answer_the_first(visit: Visit) -> None:
    """Answer the first request of all, of which the connection then may be kept."""
    if visit.number == 1:
        await visit.request()
        await visit.says(sized(b"1."))


async def test_a_kept_connection_that_is_closed_without_an_answer_is_replaced_once(connections: Connections) -> None:
    async def forgetful(visit: Visit) -> None:
        await answer_the_first(visit)
        await visit.request()

    async with FarEnd(forgetful) as far:
        assert await ask(connections, at(far)) == "1."
        assert await failure(connections, at(far)) == f"TransientError: {BROKE_OFF}"
        assert far.visits == 2


async def test_a_request_whose_answer_had_begun_is_not_sent_again(connections: Connections) -> None:
    async def fickle(visit: Visit) -> None:
        await visit.request()
        await visit.says(sized(b"1."))
        await visit.request()
        await visit.says(b"HTTP/1.1 200")

    async with FarEnd(fickle) as far:
        assert await ask(connections, at(far)) == "1."
        assert await failure(connections, at(far)) == f"TransientError: {BROKE_OFF}"
        assert far.visits == 1


async def test_a_reply_whose_framing_ends_a_little_later_gives_its_connection_back(connections: Connections) -> None:
    may_end, has_ended = asyncio.Event(), asyncio.Event()

    async def slow(visit: Visit) -> None:
        if visit.number == 2:
            await polite(visit)
        if visit.number == 3:
            await visit.says(b"!")  # what came before on the other connections has been read by now
            return
        await visit.request()
        await visit.says(CHUNKED, b"2\r\n%d.\r\n" % visit.number)
        await may_end.wait()
        await visit.says(b"0\r\n\r\n")
        has_ended.set()
        await polite(visit)

    async with FarEnd(slow) as far:
        assert [await ask(connections, at(far)) for _ in range(2)] == ["1.", "2."]
        may_end.set()
        await has_ended.wait()
        reader, writer = await asyncio.open_connection("127.0.0.1", far.port)
        assert await reader.read() == b"!"
        writer.close()
        assert set(await asyncio.gather(ask(connections, at(far)), ask(connections, at(far)))) == {"1.", "2."}
        await connections.close()


async def test_a_reply_that_is_left_in_its_middle_ends_its_connection(connections: Connections) -> None:
    left: list[int] = []

    async def talkative(visit: Visit) -> None:
        await visit.request()
        await visit.says(CHUNKED, b"1\r\n%d\r\n" % visit.number)
        await visit.is_left()
        left.append(visit.number)

    async with FarEnd(talkative) as far:
        for number in (1, 2):
            async with asyncio.timeout(PATIENCE), aclosing(connections.stream(call(at(far)), Letters())) as deltas:
                assert await anext(deltas) == TextDelta(text=str(number))
        one = asyncio.create_task(ask(connections, at(far)))
        await asyncio.wait({one}, timeout=0.05)
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
    assert left == [1, 2, 3]


async def test_closing_ends_what_is_under_way_and_what_is_kept(connections: Connections) -> None:
    async def silent(visit: Visit) -> None:
        await answer_the_first(visit)
        await visit.is_left()

    async with FarEnd(silent) as far:
        assert await ask(connections, at(far)) == "1."
        kept = asyncio.create_task(failure(connections, at(far)))
        fresh = asyncio.create_task(failure(connections, at(far)))
        await asyncio.wait({kept, fresh}, timeout=0.05)
        await connections.close()
        told = await asyncio.wait_for(asyncio.gather(kept, fresh, failure(connections, at(far))), PATIENCE)
    assert told[1:] == [f"TransientError: {BROKE_OFF}", "TransientError: The server is shutting down."]
    assert told[0].startswith("TransientError")


@pytest.mark.parametrize("host", ["[::1]", "localhost"])
async def test_a_server_is_found_at_each_of_its_addresses(connections: Connections, host: str) -> None:
    async with FarEnd(polite, host="::1" if host == "[::1]" else "127.0.0.1") as far:
        assert await ask(connections, at(far, host)) == "1."
        await connections.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-host.invalid", f"{'x' * 64}.example"])
async def test_a_server_that_is_not_there_cannot_be_reached(connections: Connections, host: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://{host}:{nobody.getsockname()[1]}/"
        assert await failure(connections, address) == f"TransientError: {UNREACHABLE}"


async def test_a_server_that_takes_no_connection_is_given_up() -> None:
    connections = Connections(SHORT)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        assert await failure(connections, f"http://127.0.0.1:{full.getsockname()[1]}/") == f"TransientError: {TOO_LATE}"
    await connections.close()


@pytest.mark.parametrize(
    ("start", "deadlines"),
    [
        (b"", SHORT),
        (b"HTTP/1.1 200 OK\r\n", SHORT),
        (CHUNKED, replace(SHORT, between_bytes=PATIENCE * 2)),
        (CHUNKED + b"1\r\n1\r\n", replace(SHORT, first_byte=PATIENCE * 2)),
    ],
    ids=["at once", "in the head", "before the body", "in the body"],
)
async def test_a_server_that_falls_silent_is_given_up(start: bytes, deadlines: Deadlines) -> None:
    connections = Connections(deadlines)

    async def silent(visit: Visit) -> None:
        await visit.request()
        await visit.says(start)
        await visit.is_left()

    async with FarEnd(silent) as far:
        assert await failure(connections, at(far)) == f"TransientError: {TOO_LATE}"
    await connections.close()


async def test_a_refusal_is_told_with_its_headers_and_its_connection_stays(connections: Connections) -> None:
    async def refusing(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.says(sized(b"No (%d)" % visit.number, b"RETRY-after: 7", status=b"429 Too Many"))

    async with FarEnd(refusing) as far:
        for _ in range(2):
            assert await failure(connections, at(far)) == "RefusedForTestError: 429 7 No (1)"
        await connections.close()


async def test_a_refusal_that_is_not_told_to_its_end_is_one_all_the_same() -> None:
    connections = Connections(SHORT)

    async def slow(visit: Visit) -> None:
        await visit.request()
        await visit.says(b"HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\nNo")
        if visit.number == 1:
            await visit.is_left()

    async with FarEnd(slow) as far:
        for _ in range(2):
            assert await failure(connections, at(far)) == "RefusedForTestError: 401 None No"
    await connections.close()


async def test_a_refusal_without_an_end_is_read_no_further_than_needed(connections: Connections) -> None:
    async def endless(visit: Visit) -> None:
        await visit.request()
        await visit.says(b"HTTP/1.1 500 No\r\n\r\n")
        while True:
            await visit.says(b"x" * 65_536)

    async with FarEnd(endless) as far:
        told = await failure(connections, at(far))
    assert told.startswith("RefusedForTestError: 500 None xxx")
    assert len(told) < 2_000_000


@pytest.mark.parametrize("status", [b"200 OK", b"400 Bad"])
async def test_an_answer_that_is_packed_all_the_same_is_unpacked(connections: Connections, status: bytes) -> None:
    packed = gzip.compress(b"Wikipedia.")

    async def packing(visit: Visit) -> None:
        await visit.request()
        await visit.says(sized(packed, b"Content-Encoding: gzip", status=status)[: -len(packed)])
        for byte in packed:
            await visit.says(bytes([byte]))

    async with FarEnd(packing) as far:
        if status == b"200 OK":
            assert await ask(connections, at(far)) == "Wikipedia."
        else:
            assert await failure(connections, at(far)) == "RefusedForTestError: 400 None Wikipedia."


@pytest.mark.parametrize(
    ("encoding", "body", "told"),
    [
        (b"br", b"Hi.", "RefusedError: The model provider packs its answers in a way that is not known here ('br')."),
        (b"gzip", b"Hi.", f"TransientError: {BROKE_OFF}"),
        (
            b"gzip",
            gzip.compress(bytes(32 * 1024 * 1024)),
            "RefusedError: What the model provider answered is no reply of a model; the operator must check its address.",
        ),
    ],
    ids=["unknown", "not packed", "a bomb"],
)
async def test_an_answer_that_cannot_be_unpacked_is_said_to_be(
    connections: Connections, encoding: bytes, body: bytes, told: str
) -> None:
    async def packing(visit: Visit) -> None:
        await visit.request()
        await visit.says(sized(body, b"Content-Encoding: " + encoding))

    async with FarEnd(packing) as far:
        assert await failure(connections, at(far)) == told
        await connections.close()


@pytest.mark.parametrize("key", ["secret\n", "secret\r\nX-Other: 1", "a\0b"])
async def test_a_key_that_would_be_another_header_is_not_sent(connections: Connections, key: str) -> None:
    async with FarEnd(polite) as far:
        told = await failure(connections, at(far), {"Authorization": f"Bearer {key}"})
        assert far.visits == 0
    assert told.startswith("RefusedError: The key for the model provider has a line break")
    assert "secret" not in told


@dataclass
class Papers:
    """A certificate that nobody vouches for but who is told to, and a server's context with it."""

    certificate: Path
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "far end")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return Papers(certificate, context)


async def test_a_server_that_cannot_prove_who_it_is_is_not_asked(connections: Connections, papers: Papers) -> None:
    async with FarEnd(polite, tls=papers.context) as far:
        assert await failure(connections, at(far, scheme="https")) == f"TransientError: {UNREACHABLE}"
        assert far.visits == 0


ASKING = """
import sys
import uvloop
from yarl import URL
from turnkeeper.agents.models.http1_pool import Pool

async def main():
    pool, url = Pool(), URL(sys.argv[1])
    for _ in range(2):
        connection = pool.take(url) or await pool.connect(url)
        connection.ask(b"POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n", b"")
        connection.gathers = True
        print(await connection.head(), b"".join([piece async for piece in pieces(connection)]).decode())
        pool.keep(url, connection)
    pool.close()

async def pieces(connection):
    while piece := await connection.read():
        yield piece

uvloop.run(main())
"""


async def test_a_server_that_the_operator_trusts_is_asked_over_tls(papers: Papers) -> None:
    async def wordy(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.says(CHUNKED)
            for _ in range(3):
                await visit.says(b"1\r\n%d\r\n" % visit.number)
            await visit.says(b"1\r\n.\r\n0\r\n\r\n")

    async with FarEnd(wordy, tls=papers.context) as far:
        asking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", ASKING, at(far, scheme="https")),
            env={**os.environ, "SSL_CERT_FILE": str(papers.certificate)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, wrong = await asyncio.wait_for(asking.communicate(), PROCESS_PATIENCE)
    assert told.decode() == "200 111.\n200 111.\n", wrong.decode()
