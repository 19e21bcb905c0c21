"""The table of all providers: what each needs, and that models of each can be made."""

import subprocess
import sys

import pytest

from tests.patience import PROCESS_PATIENCE
from turnkeeper.agents.models.providers import ModelAccount, Wires, model_providers
from turnkeeper.core.errors import StartError

ADDRESSED = {name: ModelAccount(address="http://127.0.0.1:9/v1") for name in ("azure", "vllm", "compatible")}


async def test_a_model_of_every_provider_that_is_installed_can_be_made() -> None:
    wires = Wires()
    providers = model_providers(ADDRESSED, wires)
    usable = [name for name, provider in providers.items() if provider.missing is None]
    made = {name: await providers[name].make("tiny", "key") for name in usable}
    await wires.close()
    assert set(made) >= {
        "extractive", "openai", "azure", "mistral", "groq", "ollama", "vllm", "compatible", "anthropic", "google",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "needs_key", "missing"),
    [
        ("openai", True, None),
        ("mistral", True, None),
        ("groq", True, None),
        ("anthropic", True, None),
        ("google", True, None),
        ("ollama", False, None),
        ("azure", True, "TURNKEEPER_AZURE_BASE_URL"),
        ("vllm", False, "TURNKEEPER_VLLM_BASE_URL"),
        ("compatible", False, "TURNKEEPER_COMPATIBLE_BASE_URL"),
        ("bedrock", False, "pip install 'pydantic-ai-slim[bedrock]'"),
        ("cohere", True, "pip install 'pydantic-ai-slim[cohere]'"),
    ],
)
def test_what_a_provider_needs_is_said_by_name(name: str, *, needs_key: bool, missing: str | None) -> None:
    provider = model_providers({}, Wires())[name]
    assert provider.needs_key is needs_key
    assert (missing or "") in (provider.missing or "")
    assert (provider.missing is None) is (missing is None)


@pytest.mark.parametrize("name", ["openai", "anthropic", "mistral"])
def test_an_address_of_the_operators_needs_no_key(name: str) -> None:
    accounts = {name: ModelAccount(address="http://127.0.0.1:9/v1")}
    assert not model_providers(accounts, Wires())[name].needs_key


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("openai", ModelAccount(address="localhost:8080/v1")),
        ("anthropic", ModelAccount(address="gateway")),
        ("google", ModelAccount(address="gateway")),
        ("anthropic", ModelAccount(thinking="a lot")),
        ("anthropic", ModelAccount(thinking="100")),
    ],
)
def test_a_setting_that_is_not_understood_is_found_at_the_start(name: str, account: ModelAccount) -> None:
    with pytest.raises(StartError):
        model_providers({name: account}, Wires())


def test_the_table_loads_no_wire() -> None:
    code = (
        "import sys\n"
        "from turnkeeper.agents.models.providers import Wires, model_providers\n"
        "model_providers({}, Wires())\n"
        "print([name for name in ('aiohttp', 'pydantic_ai', 'httpx2', 'google.genai') if name in sys.modules])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=True
    )
    assert told.stdout.strip() == "[]"


async def test_wires_that_were_never_used_close_without_a_word() -> None:
    await Wires().close()
