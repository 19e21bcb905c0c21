"""Every setting, its unit and its default. The only reader of the environment.

A setting named `data_dir` is the environment variable `TURNKEEPER_DATA_DIR` and the flag `--data-dir`; the flag wins.
`TURNKEEPER_DATA_DIR_FILE` names a file that holds it, which is how containers and systemd hand over secrets.
"""

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

from turnkeeper.core.errors import StartError
from turnkeeper.core.web_origins import is_origin

PREFIX = "TURNKEEPER_"
FILE = "_FILE"
"""Stands behind a setting's variable when it names a file that holds the value."""
Group = Literal["database", "server", "client"]
LOG_FORMATS = ("auto", "json", "text")
LOG_LEVELS = ("debug", "info", "warning", "error")
_VAULT_KEY_BYTES = 32
_LARGEST_FILE_BYTES = 65_536
_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is said of a setting. `also` is another variable that is read when ours is not set."""

    help: str
    group: Group = "server"
    also: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What an operator may decide. Nothing needs to be set."""

    data_dir: Annotated[
        Path | None,
        About(
            help="Folder of the embedded PostgreSQL and of files. "
            "Default: /var/lib/turnkeeper for root, else the user's data folder.",
            group="database",
        ),
    ] = None
    database_url: Annotated[
        str | None,
        About(
            help="An external PostgreSQL (15 or newer, with pgvector), such as postgresql://user:password@host/name. "
            "Default: the embedded one.",
            group="database",
        ),
    ] = None
    direct_database_url: Annotated[
        str | None,
        About(
            help="The same database past a pooler such as PgBouncer, when DATABASE_URL goes through one that pools "
            "transactions: what needs a session of its own, hearing hints and migrating, goes here.",
            group="database",
        ),
    ] = None
    prepared_statements: Annotated[
        bool,
        About(
            help="Statements are planned once for each connection. Turn it off behind a pooler that cannot carry them: "
            "PgBouncer before 1.22, or with max_prepared_statements = 0.",
            group="database",
        ),
    ] = True
    postgres_bin: Annotated[
        Path | None,
        About(help="Folder with the programs of another PostgreSQL 18 for the embedded mode.", group="database"),
    ] = None
    log_level: Annotated[str, About(help="How much is logged: debug, info, warning or error.", group="database")] = (
        "info"
    )
    log_format: Annotated[str, About(help="json, text, or auto: text on a terminal, else json.", group="database")] = (
        "auto"
    )
    url: Annotated[
        str | None,
        About(
            help="The server to talk to, such as https://talk.example.com. Default: the one of this machine.",
            group="client",
        ),
    ] = None
    key: Annotated[
        str | None,
        About(
            help="The API key to talk to it with. Default, on this machine: one that lives as long as the command.",
            group="client",
        ),
    ] = None
    host: Annotated[str, About(help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, About(help="Port to listen on; 0 takes a free one.")] = 8000
    database_connections: Annotated[int, About(help="The most connections of one process to the database.")] = 8
    concurrency: Annotated[int, About(help="Turns that one process runs at the same time.")] = 64
    most_streams: Annotated[
        int, About(help="The most event streams that one process holds open; who comes beyond is asked to try again.")
    ] = 12_000
    stream_beat_seconds: Annotated[
        float,
        About(
            help="How often an event stream on which nothing happens shows that it lives, in seconds, up to 15; for proxies "
            "that cut what is silent."
        ),
    ] = 15.0
    most_connections: Annotated[
        int, About(help="The most connections of clients to one process; who comes beyond is answered 503.")
    ] = 20_000
    most_connections_by_address: Annotated[
        int,
        About(
            help="The most of them from one address (of IPv6: from one /64), this machine's and trusted proxies' left out; "
            "who comes beyond is answered 429."
        ),
    ] = 1_000
    trusted_proxies: Annotated[
        str,
        About(
            help="Addresses or networks of reverse proxies, separated by commas, such as 10.0.0.0/8: the client's address "
            "is what they say in X-Forwarded-For, from right to left. Default: nobody is believed."
        ),
    ] = ""
    embed_at_start: Annotated[
        bool, About(help="Load the built-in embedding model when a worker starts, not when the first text comes.")
    ] = True
    drain_seconds: Annotated[float, About(help="At shutdown, how long turns under way may go on, in seconds.")] = 30.0
    model: Annotated[
        str,
        About(
            help="The model of agents that name none: extractive (no key needed), or PROVIDER:NAME such as "
            "openai:gpt-4.1-mini. Providers: openai, azure, mistral, groq, ollama, vllm, compatible, anthropic, and with "
            "the extra `bridge` google, bedrock, cohere, huggingface, xai."
        ),
    ] = "extractive"
    openai_base_url: Annotated[
        str | None,
        About(
            help="An address in place of OpenAI's own, such as http://localhost:8080/v1; then a key is not required."
        ),
    ] = None
    openai_api_key: Annotated[
        str | None, About(help="The key for OpenAI; OPENAI_API_KEY is read too.", also="OPENAI_API_KEY")
    ] = None
    azure_base_url: Annotated[
        str | None,
        About(
            help="The Azure OpenAI resource, such as https://NAME.openai.azure.com. AZURE_OPENAI_ENDPOINT is read too.",
            also="AZURE_OPENAI_ENDPOINT",
        ),
    ] = None
    azure_api_key: Annotated[
        str | None, About(help="Its key; AZURE_OPENAI_API_KEY is read too.", also="AZURE_OPENAI_API_KEY")
    ] = None
    azure_api_version: Annotated[
        str,
        About(help="v1, or a date such as 2024-10-21: then models are named by deployment, in the address."),
    ] = "v1"
    mistral_base_url: Annotated[str | None, About(help="An address in place of Mistral's own.")] = None
    mistral_api_key: Annotated[
        str | None, About(help="The key for Mistral; MISTRAL_API_KEY is read too.", also="MISTRAL_API_KEY")
    ] = None
    groq_base_url: Annotated[str | None, About(help="An address in place of Groq's own.")] = None
    groq_api_key: Annotated[
        str | None, About(help="The key for Groq; GROQ_API_KEY is read too.", also="GROQ_API_KEY")
    ] = None
    ollama_base_url: Annotated[
        str | None,
        About(
            help="Where Ollama listens, for models that write and models that embed. Default: http://localhost:11434/v1."
        ),
    ] = None
    ollama_api_key: Annotated[str | None, About(help="A key for Ollama; it needs none of itself.")] = None
    vllm_base_url: Annotated[str | None, About(help="Where vLLM listens, such as http://gpu-box:8000/v1.")] = None
    vllm_api_key: Annotated[str | None, About(help="The key that vLLM was started with, if any.")] = None
    compatible_base_url: Annotated[
        str | None, About(help="Any other endpoint that speaks OpenAI's chat completions, up to its /v1.")
    ] = None
    compatible_api_key: Annotated[str | None, About(help="The key for that endpoint, if it wants one.")] = None
    anthropic_base_url: Annotated[
        str | None, About(help="An address in place of Anthropic's own, such as http://gateway:8080.")
    ] = None
    anthropic_api_key: Annotated[
        str | None, About(help="The key for Anthropic; ANTHROPIC_API_KEY is read too.", also="ANTHROPIC_API_KEY")
    ] = None
    anthropic_thinking: Annotated[
        str | None,
        About(
            help="How models of Anthropic think: adaptive (4.6 and newer), or a number of tokens from 1024 on (older "
            "ones), which come on top of the answer's. Default: as the model does by itself."
        ),
    ] = None
    google_base_url: Annotated[str | None, About(help="An address in place of the Gemini API's own.")] = None
    google_api_key: Annotated[
        str | None, About(help="The key for the Gemini API; GOOGLE_API_KEY is read too.", also="GOOGLE_API_KEY")
    ] = None
    prices: Annotated[
        str | None,
        About(
            help="Prices of models, before those of the list that comes with the server: MODEL=INPUT/OUTPUT, or "
            "MODEL=INPUT/OUTPUT/CACHE-READ/CACHE-WRITE, in US dollars per million tokens, separated by commas, such as "
            "openai:my-model=0.40/1.60; a * at a name's end stands for the rest. @FILE reads them from a file, one a line."
        ),
    ] = None
    vault_key: Annotated[
        str | None,
        About(
            help="The key of the vault of secrets: 32 bytes in base64. "
            "Default: with the embedded database, one made in the data folder at first use."
        ),
    ] = None
    vault_old_keys: Annotated[
        str, About(help="Earlier keys of the vault, separated by commas, until `turnkeeper vault rotate` was run.")
    ] = ""
    files_url: Annotated[
        str | None,
        About(
            help="Where attachments lie: s3://bucket/prefix, with the usual AWS_* variables. "
            "Default: the folder files/ in the data folder."
        ),
    ] = None
    files_endpoint: Annotated[
        str | None,
        About(
            help="Address of an S3-compatible service that is not Amazon's, such as http://minio:9000; "
            "AWS_ENDPOINT_URL is read too.",
            also="AWS_ENDPOINT_URL",
        ),
    ] = None
    most_upload_mb: Annotated[int, About(help="The largest file that may be uploaded, in MB.")] = 25
    most_files_mb: Annotated[
        int, About(help="The most that the files of one organization may take together, in MB.")
    ] = 10_000
    webhook_private_addresses: Annotated[
        bool,
        About(
            help="Webhooks may point to addresses that are not of the public internet, and to http://. "
            "For servers whose receivers stand in the same network."
        ),
    ] = False
    admins_are_operators: Annotated[
        bool,
        About(
            help="Whether admins may, over HTTP, have agents start programs on this machine (MCP servers by command) and "
            "speak to private addresses. When not, only `turnkeeper agents apply` can."
        ),
    ] = False
    requests_per_minute: Annotated[
        int,
        About(
            help="How many requests a minute one key may make, at all nodes together, when the key says nothing else; "
            "0 counts none."
        ),
    ] = 0
    wrong_keys_per_minute: Annotated[int, About(help="Wrong keys a minute that one address may try at a process.")] = 60
    session_idle_days: Annotated[
        int, About(help="After how many days without use somebody who is signed in with a browser must sign in again.")
    ] = 14
    session_days: Annotated[
        int, About(help="After how many days at the latest somebody must sign in again, however much was done.")
    ] = 90
    cors_origins: Annotated[
        str,
        About(
            help="Web origins whose pages may call the API from a browser, separated by commas, such as "
            "https://shop.example.com; https://*.example.com is all below it, * every one."
        ),
    ] = ""
    demo: Annotated[bool, About(help="Make the demo data set and its agent at the first start.")] = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting as the command line and the reference show it."""

    name: str
    variable: str
    flag: str
    default: object
    help: str
    group: Group
    also: str | None
    kind: type


def all_settings() -> tuple[Setting, ...]:
    """Every setting, in the order of the class."""
    hints = get_type_hints(Settings, include_extras=True)
    return tuple(_setting(each.name, each.default, hints[each.name]) for each in fields(Settings))


def load(environment: Mapping[str, str], flags: Mapping[str, object] | None = None) -> Settings:
    """The settings from the environment, overruled by flags that are not None.

    Raises:
        StartError: a value cannot be understood, its file not be read, or a variable with our prefix is no setting.
    """
    known = all_settings()
    names = {name for setting in known for name in (setting.variable, setting.variable + FILE)}
    for variable in sorted(environment.keys() - names):
        if variable.startswith(PREFIX):
            raise StartError(f"There is no setting {variable}; `turnkeeper serve --help` lists them all.")
    values: dict[str, object] = {}
    for setting in known:
        raw = environment.get(setting.variable) or _in_file(setting, environment)
        raw = raw or environment.get(setting.also or "")
        if raw:
            values[setting.name] = _read(setting, raw)
    values |= {name: value for name, value in (flags or {}).items() if value is not None}
    settings = Settings(**values)  # pyright: ignore[reportArgumentType] - each was read by its kind
    _check(settings)
    return settings


def _setting(name: str, default: object, hint: object) -> Setting:
    annotation, about = get_args(hint)
    return Setting(
        name=name,
        variable=PREFIX + name.upper(),
        flag="--" + name.replace("_", "-"),
        default=default,
        help=about.help,
        group=about.group,
        also=about.also,
        kind=next(kind for kind in (Path, bool, int, float, str) if kind in {annotation, *get_args(annotation)}),
    )


def _in_file(setting: Setting, environment: Mapping[str, str]) -> str | None:
    """What a file holds that is named in place of the value; its last line's end does not belong to it."""
    variable = setting.variable + FILE
    path = environment.get(variable)
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise StartError(f"{variable} names the file {path}, which cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST_FILE_BYTES:
        raise StartError(f"{variable} names the file {path}, which is larger than {_LARGEST_FILE_BYTES:,} bytes.")
    try:
        return content.decode().strip()
    except UnicodeDecodeError as error:
        raise StartError(f"{variable} names the file {path}, which is no text.") from error


def _read(setting: Setting, raw: str) -> object:
    text = raw.strip()
    try:
        return _BOOLEANS[text.lower()] if setting.kind is bool else setting.kind(text)
    except (ValueError, KeyError) as error:
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}.get(setting.kind, "text")
        raise StartError(f"{setting.variable} is {raw!r}; it must be {wanted}.") from error


def _check(settings: Settings) -> None:
    _check_choice("LOG_FORMAT", settings.log_format, LOG_FORMATS)
    _check_choice("LOG_LEVEL", settings.log_level, LOG_LEVELS)
    _check_range("PORT", settings.port, 0, 65_535)
    _check_range("DATABASE_CONNECTIONS", settings.database_connections, 4, 1_000)
    _check_range("CONCURRENCY", settings.concurrency, 1, 10_000)
    _check_range("MOST_STREAMS", settings.most_streams, 1, 1_000_000)
    _check_range("STREAM_BEAT_SECONDS", settings.stream_beat_seconds, 1, 15)
    _check_range("MOST_CONNECTIONS", settings.most_connections, 10, 1_000_000)
    _check_range("MOST_CONNECTIONS_BY_ADDRESS", settings.most_connections_by_address, 1, 1_000_000)
    _check_networks("TRUSTED_PROXIES", settings.trusted_proxies)
    _check_range("DRAIN_SECONDS", settings.drain_seconds, 0, 86_400)
    if settings.direct_database_url is not None and settings.database_url is None:
        raise StartError(
            f"{PREFIX}DIRECT_DATABASE_URL goes with {PREFIX}DATABASE_URL, which is not set; set both, or neither."
        )
    for name, key in (("VAULT_KEY", settings.vault_key), *_old_keys(settings)):
        _check_vault_key(name, key)
    _check_range("MOST_UPLOAD_MB", settings.most_upload_mb, 1, 64)
    _check_range("MOST_FILES_MB", settings.most_files_mb, 1, 1_000_000_000)
    _check_range("REQUESTS_PER_MINUTE", settings.requests_per_minute, 0, 1_000_000)
    _check_range("WRONG_KEYS_PER_MINUTE", settings.wrong_keys_per_minute, 1, 1_000_000)
    _check_range("SESSION_IDLE_DAYS", settings.session_idle_days, 1, 3_650)
    _check_range("SESSION_DAYS", settings.session_days, 1, 3_650)
    for origin in cors_origins_of(settings):
        if not is_origin(origin):
            raise StartError(
                f"{PREFIX}CORS_ORIGINS has {origin!r}; an origin is like https://shop.example.com, without a path or a "
                "slash at its end."
            )
    if settings.files_url is not None and not settings.files_url.startswith("s3://"):
        raise StartError(
            f"{PREFIX}FILES_URL is {settings.files_url!r}; it must be like s3://bucket or s3://bucket/prefix."
        )


def cors_origins_of(settings: Settings) -> tuple[str, ...]:
    """The web origins that may call, one by one."""
    return tuple(origin.strip() for origin in settings.cors_origins.split(",") if origin.strip())


def vault_old_keys_of(settings: Settings) -> tuple[str, ...]:
    """The earlier keys of the vault, one by one."""
    return tuple(key.strip() for key in settings.vault_old_keys.split(",") if key.strip())


def _old_keys(settings: Settings) -> list[tuple[str, str | None]]:
    return [("VAULT_OLD_KEYS", key) for key in vault_old_keys_of(settings)]


def _check_vault_key(name: str, text: str | None) -> None:
    """Raises: StartError, without the key."""
    if text is None:
        return
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        key = b""
    if len(key) != _VAULT_KEY_BYTES:
        raise StartError(
            f"{PREFIX}{name} is no key of {_VAULT_KEY_BYTES} bytes in base64; make one: openssl rand -base64 32"
        )


def _check_networks(name: str, text: str) -> None:
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise StartError(f"{PREFIX}{name} names {part!r}, which is no address and no network: {error}.") from error


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise StartError(f"{PREFIX}{name} is {value!r}; it must be one of {', '.join(choices)}.")


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise StartError(f"{PREFIX}{name} is {value:g}; it must be from {least:g} to {most:g}.")
