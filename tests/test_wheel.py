"""The wheel, installed in a fresh environment, gives the same `turnkeeper serve`."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import requests

from tests.patience import PATIENCE, PROCESS_PATIENCE
from tests.server_process import started_server

ROOT = Path(__file__).parent.parent


def test_the_wheel_serves_its_pages_and_its_demo(tmp_path: Path, data_dir: Path) -> None:
    turnkeeper = install(build_wheel(tmp_path / "wheel"), tmp_path / "environment")

    with started_server(command=[str(turnkeeper)], TURNKEEPER_DATA_DIR=str(data_dir)) as server:
        front = requests.get(f"{server.address}/", timeout=PATIENCE)
        style = requests.get(f"{server.address}/style.css", timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {server.key}"}
        agents = requests.get(f"{server.address}/api/public/v1/agents", headers=headers, timeout=PATIENCE).json()
        answer = ask(server.address, headers, agents[0]["agent_id"])

    assert (front.status_code, style.status_code) == (200, 200)
    assert [agent["name"] for agent in agents] == ["FiberUP Support"]
    assert "99.9 %" in answer


def build_wheel(folder: Path) -> Path:
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install without the network: the packages that the wheel needs are lent by this environment, the project is not."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)])
    (site,) = folder.glob("lib/python3*/site-packages")
    # A path in a .pth file is searched, but the .pth files in it are not obeyed: our editable install stays out.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run([str(python), "-c", "import turnkeeper; print(turnkeeper.__file__)"], cwd=folder)
    assert where.startswith(str(site))
    return folder / "bin" / "turnkeeper"


def ask(address: str, headers: dict[str, str], agent: str) -> str:
    base = f"{address}/api/public/v1"
    question = {"agent_id": agent, "prompt": "Does FiberUP Business Duplex include an SLA?"}
    started = requests.post(f"{base}/conversations/start", headers=headers, json=question, timeout=PATIENCE).json()
    waiting = headers | {"Prefer": "wait=30"}
    message = requests.get(f"{base}/messages/{started['message_id']}", headers=waiting, timeout=PROCESS_PATIENCE).json()
    assert message["status"] == "completed"
    rows = requests.get(f"{base}/conversations/{started['job_id']}/messages", headers=headers, timeout=PATIENCE).json()
    return rows["messages"][-1]["content"]


def run(command: list[str], cwd: Path | None = None) -> str:
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
