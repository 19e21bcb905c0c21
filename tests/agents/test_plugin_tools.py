"""Plug-ins: the example package, installed as anybody would, and packages that are broken in every way."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PROCESS_PATIENCE
from tests.tools.things import context
from turnkeeper.agents.plugins import plugin_tools
from turnkeeper.agents.tools.tool import Tool

EXAMPLE = Path(__file__).parents[2] / "examples" / "weather-tool"

GOOD = """
from turnkeeper.agents.model import ToolSpec

class Good:
    kind = "pure"
    spec = ToolSpec(name="{name}", description="d", parameters={parameters})
    async def call(self, arguments, context): ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where packages are installed; on Python's path for the time of a test."""
    before = set(sys.modules)
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def write_package(folder: Path, module: str, source: str, *, point: str) -> None:
    """What an installation leaves behind."""
    (folder / f"{module}.py").write_text(source)
    information = folder / f"{module}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[turnkeeper.tools]\n{module} = {module}{point}\n")


def install_example(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [*pip, "--disable-pip-version-check", "--target", folder, EXAMPLE], check=True, timeout=PROCESS_PATIENCE
    )


async def test_the_example_package_is_installed_and_works(folder: Path) -> None:
    install_example(folder)
    reports: list[str] = []

    (tool,) = plugin_tools((), reports.append, folders=[folder])

    assert (tool.spec.name, tool.kind, reports) == ("usual_weather", "pure", [])
    assert tool.spec.parameters["required"] == ["city", "month"]
    output = await tool.call('{"city": "Lisbon", "month": 7, "unit": "fahrenheit"}', context())
    assert output.text == "Lisbon in month 7: 75 °F on average, rain on 1 days."


def test_the_examples_own_test_passes() -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            "--rootdir",
            EXAMPLE,
            "tests",
        ],
        cwd=EXAMPLE,
        env={"PYTHONPATH": f"{EXAMPLE / 'src'}:{EXAMPLE.parents[1]}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("source", "point", "why"),
    [
        ("raise RuntimeError('boom')", ":tool", "loading it failed (RuntimeError: boom)"),
        ("", ":tool", "loading it failed (AttributeError"),
        ("import nothing_of_this_name", ":tool", "loading it failed (ModuleNotFoundError"),
        ("tool = 5", ":tool", "int has no spec, so it is no tool"),
        ("def tool(): return [1]", ":tool", "int has no spec, so it is no tool"),
        (GOOD.format(name="a b", parameters={"type": "object"}), ":Good", "'a b' is no name of a tool"),
        (GOOD.format(name="a__b", parameters={"type": "object"}), ":Good", "'a__b' is no name of a tool"),
        (GOOD.format(name="good", parameters={"type": "string"}), ":Good", "the parameters of 'good' are no object"),
        (GOOD.format(name="good", parameters="{'type': object()}"), ":Good", "are no JSON Schema"),
        (
            GOOD.format(name="good", parameters={"type": "object"}).replace("pure", "wild"),
            ":Good",
            "the kind of 'good'",
        ),
        (
            GOOD.format(name="good", parameters={"type": "object"}).replace("async ", ""),
            ":Good",
            "no asynchronous call",
        ),
        (GOOD.format(name="taken", parameters={"type": "object"}), ":Good", "there is one of this name"),
    ],
)
def test_a_broken_plug_in_is_reported_in_one_sentence_and_the_others_work(
    folder: Path, source: str, point: str, why: str
) -> None:
    write_package(folder, "broken_plugin", source, point=point)
    write_package(folder, "working_plugin", GOOD.format(name="works", parameters={"type": "object"}), point=":Good")
    reports: list[str] = []

    tools: tuple[Tool, ...] = plugin_tools(["taken"], reports.append, folders=[folder])

    assert [tool.spec.name for tool in tools] == ["works"]
    (report,) = reports
    assert why in report
    assert "broken_plugin" in report
