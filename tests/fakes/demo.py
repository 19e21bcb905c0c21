"""A server after its first start, with the demo: made once in a run of the tests, and copied for each server that wants it.

Taking the demo's documents in costs seconds of CPU, most of them for their vectors.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec
import psycopg
import requests

from tests.fakes.postgres import TestPostgres
from tests.patience import PATIENCE, PROCESS_PATIENCE
from tests.server_process import ServerProcess, started_server

EMAIL, PASSWORD = "admin@localhost", "correct horse"
COOKIE = "turnkeeper_session"
_LOOK_SECONDS = 0.1
_TO_COME = "SELECT count(*), pg_sleep(%s) FROM passages_to_embed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What a first start left behind; nobody is connected to its database."""

    database_url: str
    address: str
    """Where that server was."""
    words: str
    key: str
    cookie: str
    """Of the admin, who came by the link that was printed, and has set the password."""


def made_demo(postgres: TestPostgres) -> Demo:
    """The run's demo, made by the first who asks."""
    url, told = postgres.once("demo", lambda url: msgspec.json.encode(_first_start(url)).decode())
    return replace(msgspec.json.decode(told, type=Demo), database_url=url)


@contextmanager
def copied_server(postgres: TestPostgres) -> Generator[ServerProcess]:
    """A server over a copy of the demo, and nobody else's: a key, and the model that needs none."""
    demo = made_demo(postgres)
    url = postgres.make_database(demo.database_url)
    with demo_server(demo, url) as server:
        yield server
    postgres.drop(url)


@contextmanager
def demo_server(demo: Demo, copy_url: str, *flags: str) -> Generator[ServerProcess]:
    """A server process over a copy of the demo's database, as if its first start had been this one."""
    with started_server("--database-url", copy_url, *flags) as server:
        yield replace(server, words=demo.words.replace(demo.address, server.address), key=demo.key)


def signed_in(server: ServerProcess) -> str:
    """Have the admin come by the link that a first start printed, and set a password; the session's cookie."""
    code = re.search(r"/sign-in#code=(\S+)", server.words)
    assert code is not None, server.words
    with requests.Session() as session:
        session.headers["Origin"] = server.address
        who = session.post(f"{server.address}/v1/sessions", json={"code": code[1]}, timeout=PATIENCE).json()
        session.headers["X-CSRF-Token"] = who["csrf_token"]
        session.post(f"{server.address}/v1/me/password", json={"new_password": PASSWORD}, timeout=PATIENCE)
        return str(session.cookies[COOKIE])


def _first_start(url: str) -> Demo:
    with started_server("--database-url", url) as server:
        cookie = signed_in(server)
        _wait_for_vectors(url)
        return Demo(database_url=url, address=server.address, words=server.words, key=server.key, cookie=cookie)


def _wait_for_vectors(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(int(PROCESS_PATIENCE / _LOOK_SECONDS)):
            row = connection.execute(_TO_COME, (_LOOK_SECONDS,)).fetchone()
            if row is not None and row[0] == 0:
                return
    raise AssertionError("The demo's documents got no vectors.")
