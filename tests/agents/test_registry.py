"""Which models an agent may have."""

import pytest

from turnkeeper.agents.model import LanguageModel
from turnkeeper.agents.models.extractive import Extractive
from turnkeeper.agents.providers import Provider
from turnkeeper.agents.registry import Registry
from turnkeeper.core.errors import InvalidError, TransientError

EXTRACTIVE = Extractive()
OURS, THEIRS = 1, 2
"""Two organizations; the first has a key of its own."""


class Vault:
    """The secrets of our organization."""

    def __init__(self) -> None:
        self.secrets = {(OURS, "REMOTE_API_KEY"): "own"}

    async def secret(self, organization_id: int, name: str) -> str | None:
        return self.secrets.get((organization_id, name))


class AwayVault:
    """A vault whose database is away."""

    async def secret(self, organization_id: int, name: str) -> str | None:
        raise TransientError("database", "The database is away.")


class Remote:
    """A provider that remembers with which key its models were made."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str | None]] = []

    async def make(self, name: str, key: str | None) -> LanguageModel:
        self.made.append((name, key))
        return EXTRACTIVE


async def extractive(name: str, key: str | None) -> LanguageModel:
    return EXTRACTIVE


def registry(
    default_model: str = "extractive", *, remote: Remote | None = None, key: str | None = None, away: bool = False
) -> Registry:
    make = (remote or Remote()).make
    return Registry(
        providers={
            "extractive": Provider(make=extractive, has_models=False),
            "remote": Provider(
                make=make,
                title="Remote",
                key_name="REMOTE_API_KEY",
                key_setting="TURNKEEPER_REMOTE_API_KEY",
                key=key,
                needs_key=True,
            ),
            "absent": Provider(make=make, missing="The extra is not installed."),
        },
        default_model=default_model,
        secrets=AwayVault() if away else Vault(),
    )


async def test_a_model_is_found_by_its_name_or_by_default() -> None:
    assert await registry().model("extractive", OURS) is EXTRACTIVE
    assert await registry().model(None, OURS) is EXTRACTIVE
    assert registry().model_name(None) == "extractive"


@pytest.mark.parametrize("name", ["gpt-4o", "openai:gpt-4o", ":x", "Extractive"])
async def test_an_unknown_provider_is_refused_by_field(name: str) -> None:
    with pytest.raises(InvalidError, match="The providers: absent, extractive, remote") as caught:
        await registry().check(name, OURS)
    assert caught.value.field == "model"


@pytest.mark.parametrize(
    "name",
    [
        "extractive:x",
        "extractive:",
        "remote",
        "remote:",
        "remote: ",
        "remote:../x",
        "remote:a b",
        "remote:x?y",
        "remote:" + "x" * 201,
    ],
)
async def test_a_name_that_can_be_no_model_is_refused_by_field(name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await registry().check(name, OURS)
    assert caught.value.field == "model"


async def test_the_organizations_own_key_wins_over_the_servers() -> None:
    remote = Remote()
    for organization in (OURS, THEIRS):
        await registry(remote=remote, key="the server's").model("remote:org/tiny:v1", organization)
    assert remote.made == [("org/tiny:v1", "own"), ("org/tiny:v1", "the server's")]


async def test_a_missing_key_is_told_when_the_agent_is_saved_with_what_to_do() -> None:
    with pytest.raises(InvalidError) as caught:
        await registry().check("remote:tiny", THEIRS)
    assert (caught.value.field, caught.value.why) == (
        "model",
        (
            "The model 'remote:tiny' cannot be used: there is no key for Remote; the operator sets "
            "TURNKEEPER_REMOTE_API_KEY, or an admin puts REMOTE_API_KEY into the organization's vault."
        ),
    )


@pytest.mark.parametrize("key", ["two\nlines", "\u043a\u043b\u044e\u0447", "nul\0"])
async def test_a_key_that_can_be_none_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await registry(key=key).check("remote:tiny", THEIRS)
    assert caught.value.field == "model"
    assert key not in caught.value.why
    states = await registry(key=key).provider_states(THEIRS)
    assert [state.problem is None for state in states if state.name == "remote"] == [False]


async def test_space_around_a_key_is_left_out() -> None:
    remote = Remote()
    await registry(remote=remote, key=" key\n").model("remote:tiny", THEIRS)
    assert remote.made == [("tiny", "key")]


async def test_a_missing_extra_is_told_when_the_agent_is_saved() -> None:
    with pytest.raises(InvalidError, match="The extra is not installed") as caught:
        await registry().check("absent:tiny", OURS)
    assert caught.value.field == "model"


async def test_a_vault_that_is_away_is_no_missing_key() -> None:
    with pytest.raises(TransientError):
        await registry(away=True).check("remote:tiny", OURS)


async def test_the_state_of_every_provider_is_told_for_one_organization() -> None:
    states = await registry().provider_states(THEIRS)
    assert [(state.name, state.problem is None) for state in states] == [
        ("absent", False),
        ("extractive", True),
        ("remote", False),
    ]
    assert all(state.problem is None for state in await registry().provider_states(OURS) if state.name == "remote")


@pytest.mark.parametrize("name", ["openai:tiny", "absent:tiny", "remote:"])
def test_a_default_model_that_nobody_could_use_is_found_at_the_start(name: str) -> None:
    with pytest.raises(InvalidError):
        registry(default_model=name)


def test_a_default_model_whose_keys_are_in_the_vault_only_is_no_mistake() -> None:
    assert registry(default_model="remote:tiny").default_model == "remote:tiny"
