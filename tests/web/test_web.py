"""The door for people: one page, and what machines ask about the server's health."""

import re
from urllib.parse import urljoin

import pytest
import requests
from inline_snapshot import snapshot

from tests.patience import PATIENCE
from tests.server_process import ServerProcess


def get(server: ServerProcess, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{server.address}{path}", headers=headers, timeout=PATIENCE)


def test_the_front_page_names_the_address_that_the_reader_came_by(server: ServerProcess) -> None:
    page = get(server, "/", Host="turns.example:8080")

    assert page.status_code == 200
    assert "export SERVER=http://turns.example:8080\n" in page.text
    assert "{{" not in page.text


def test_a_host_that_is_none_never_reaches_the_page(server: ServerProcess) -> None:
    page = get(server, "/", Host='x"><script>alert(1)</script>')

    assert "<script" not in page.text


def test_the_front_page_needs_nothing_from_elsewhere(server: ServerProcess) -> None:
    page = get(server, "/")
    wanted: list[str] = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert {each for each in urls_of(server) if not each.startswith("/")} == set()
    assert {each for each in wanted if not each.startswith("/")} == set()
    assert {each: get(server, each).status_code for each in set(wanted)} | {"/readyz": 200} == dict.fromkeys(
        wanted, 200
    )


def urls_of(server: ServerProcess) -> list[str]:
    return re.findall(r'url\("([^"]+)"\)', get(server, "/style.css").text)


def test_the_letters_of_the_front_page_are_our_own(server: ServerProcess) -> None:
    policy = get(server, "/").headers["content-security-policy"]

    assert "font-src 'self'" in policy
    assert [get(server, each).headers["content-type"] for each in urls_of(server)] == ["font/woff2"]


def test_a_page_of_the_console_names_every_module_that_it_needs(server: ServerProcess) -> None:
    page = get(server, "/sign-in").text
    named: list[str] = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    texts = {each: get(server, each).text for each in named}
    imported = {
        urljoin(each, other)
        for each, text in texts.items()
        for other in re.findall(r'^import [^"]*"(\.[^"]+)"', text, re.MULTILINE)
    }

    assert imported <= set(named)
    assert any(each.endswith("/pages/sign-in.js") for each in named)
    assert "{{" not in page


def test_a_path_that_nobody_serves_is_told_as_json(server: ServerProcess) -> None:
    answer = get(server, "/nothing-here")

    assert answer.status_code == 404
    assert answer.json() == snapshot(
        {"error": "There is nothing at /nothing-here; the front page at / says what is where."}
    )


def test_a_path_that_nobody_serves_is_told_as_a_page_to_a_browser(server: ServerProcess) -> None:
    answer = get(server, "/<b>nothing", Accept="text/html,*/*")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<b>" not in answer.text


def test_only_reading_is_possible(server: ServerProcess) -> None:
    answer = requests.post(f"{server.address}/healthz", timeout=PATIENCE)

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics"])
def test_pages_can_be_asked_for_by_head(server: ServerProcess, path: str) -> None:
    answer = requests.head(f"{server.address}{path}", timeout=PATIENCE)

    assert answer.status_code in {200, 503}
    assert answer.content == b""


def test_healthz_answers_as_soon_as_the_process_does(server: ServerProcess) -> None:
    answer = get(server, "/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_readyz_names_each_part(server: ServerProcess) -> None:
    answer = get(server, "/readyz")
    parts = answer.json()

    assert set(parts) == {"ready", "database", "queue", "embedder"}
    assert answer.status_code == (200 if parts["ready"] else 503)
    assert parts["database"] is True


def test_metrics_speak_of_requests_turns_and_the_queue(server: ServerProcess) -> None:
    get(server, "/healthz")
    text = get(server, "/metrics").text

    assert 'turnkeeper_requests_total{door="web",method="GET",status="200"}' in text
    assert "\nturnkeeper_queue_waiting " in text
    assert "\nturnkeeper_queue_oldest_seconds " in text
    assert "# TYPE turnkeeper_turns_total counter" in text or "# TYPE turnkeeper_turns counter" in text
