"""The files in `deploy/` against the program: what they name must exist, and mean what they take it to mean."""

import re
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.fakes.forked_commands import ran
from tests.left_out import needs
from tests.patience import PROCESS_PATIENCE
from tests.server_process import COMMAND, ServerProcess, clean_environment
from turnkeeper.http_kit.addresses import is_in, networks_in
from turnkeeper.settings import FILE, PREFIX, Settings, all_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(each for each in DEPLOY.rglob("*") if each.is_file())
IMAGE, IGNORED = DEPLOY / "Dockerfile", DEPLOY / "Dockerfile.dockerignore"
COMPOSE, PROXY = DEPLOY / "compose" / "compose.yaml", DEPLOY / "compose" / "nginx.conf"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
OWN_TO_COMPOSE = {"TURNKEEPER_PUBLISH"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_is_one(path: Path) -> None:
    known = {name for each in all_settings() for name in (each.variable, each.variable + FILE)}

    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text(encoding="utf-8")))

    assert named - OWN_TO_COMPOSE <= known


def test_every_command_that_a_file_starts_is_understood() -> None:
    commands = {tuple(words) for words in _commands()}
    assert commands == {
        ("serve",),
        ("serve", "--no-worker"),
        ("serve", "--no-worker", "--port", "8000"),
        ("work",),
        ("migrate",),
    }
    for words in sorted(commands):
        done = ran(*words, "--help", **clean_environment())
        assert (done.returncode, done.stderr) == (0, ""), words


def test_the_images_health_check_asks_a_server_that_lives(server: ServerProcess) -> None:
    check = re.search(r'HEALTHCHECK.*?"-c", "(.*?)"\]', IMAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert check is not None
    port = server.address.rpartition(":")[2]

    def health(port: str) -> int:
        command = [COMMAND[0], "-c", check[1]]
        environment = clean_environment(TURNKEEPER_PORT=port)
        return subprocess.run(
            command, env=environment, capture_output=True, timeout=PROCESS_PATIENCE, check=False
        ).returncode

    assert health(port) == 0
    assert health("1") == 1


def test_everything_that_the_image_copies_reaches_the_builder() -> None:
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", IMAGE.read_text(encoding="utf-8"), re.MULTILINE)
        for word in line.split()
    }
    let_in = {line[1:] for line in IGNORED.read_text(encoding="utf-8").splitlines() if line.startswith("!")}

    assert copied == let_in
    assert all((DEPLOY.parent / each).exists() for each in copied)


def test_nothing_in_the_image_runs_as_root_or_from_a_tag_that_moves() -> None:
    text = IMAGE.read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE) + re.findall(
        r"image: (\S+:\S+)", COMPOSE.read_text(encoding="utf-8")
    )

    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]
    assert all(re.fullmatch(r"[\w/]+:\d[\w.-]+", base) for base in bases), bases


def test_those_that_stop_a_server_wait_for_its_drain() -> None:
    drain = Settings().drain_seconds
    graces = [float(found) for found in re.findall(r"stop_grace_period: (\d+)s", COMPOSE.read_text(encoding="utf-8"))]
    patience = {unit.name: float(_value(unit, "TimeoutStopSec")) for unit in UNITS}

    assert min(graces) > drain
    assert patience["turnkeeper.service"] > drain
    assert patience["turnkeeper-work@.service"] > drain


def test_the_proxy_waits_longer_than_any_answer_and_takes_the_largest_upload() -> None:
    text = PROXY.read_text(encoding="utf-8")
    silence = re.search(r"proxy_read_timeout (\d+)s", text)
    largest = re.search(r"client_max_body_size (\d+)m", text)

    assert silence is not None
    assert int(silence[1]) > 60
    assert largest is not None
    assert int(largest[1]) > 64
    assert "proxy_buffering off;" in text
    assert set(re.findall(r"server (\S+):8000", text)) == _doors()


def test_the_doors_behind_the_proxy_know_their_clients_apart() -> None:
    told = re.search(r"TURNKEEPER_TRUSTED_PROXIES: (.+)", COMPOSE.read_text(encoding="utf-8"))

    assert "proxy_set_header X-Forwarded-For $remote_addr;" in PROXY.read_text(encoding="utf-8")
    assert told is not None
    assert is_in(networks_in(told[1]), ip_address("172.18.0.5"))


@needs("systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_the_units_are_hardened(unit: Path, tmp_path: Path) -> None:
    instance = tmp_path / unit.name.replace("@", "@1")
    instance.write_text(unit.read_text(encoding="utf-8"), encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(instance)],
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-500:] + done.stderr


def _commands() -> Iterator[tuple[str, ...]]:
    text = COMPOSE.read_text(encoding="utf-8") + IMAGE.read_text(encoding="utf-8")
    for words in re.findall(r"^\s*(?:command: |CMD )\[(.*)\]$", text, re.MULTILINE):
        found = tuple(re.findall(r'"([^"]*)"', words))
        if found[0] != "python3":
            yield found
    for unit in UNITS:
        yield tuple(_value(unit, "ExecStart").replace("%i", "8000").split()[1:])


def _value(unit: Path, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, (unit.name, name)
    return found[1]


def _doors() -> set[str]:
    return set(re.findall(r"^  (serve-\d+):", COMPOSE.read_text(encoding="utf-8"), re.MULTILINE))
