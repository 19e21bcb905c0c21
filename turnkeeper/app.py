"""The one place that builds every room below the doors and joins them; opens and closes what lives."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata

from turnkeeper.actions.accounts import AccountActions
from turnkeeper.actions.agents import AgentActions
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.audit import AuditActions
from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.data_set_members import DataSetMemberActions
from turnkeeper.actions.data_sets import DataSetActions
from turnkeeper.actions.documents import DocumentActions
from turnkeeper.actions.erasures import ErasureActions
from turnkeeper.actions.events import EventActions
from turnkeeper.actions.file_reading import FileReader
from turnkeeper.actions.files import FileActions, FileLimits
from turnkeeper.actions.first_run import FirstRunAction
from turnkeeper.actions.health import HealthActions
from turnkeeper.actions.keeping import KeepingActions
from turnkeeper.actions.keys import KeyActions
from turnkeeper.actions.members import MemberActions
from turnkeeper.actions.messages import MessageActions
from turnkeeper.actions.models import ModelActions
from turnkeeper.actions.organizations import OrganizationActions
from turnkeeper.actions.overview import OverviewActions
from turnkeeper.actions.passwords import Hashing, hash_password
from turnkeeper.actions.rates import Rates
from turnkeeper.actions.retention import RetentionActions
from turnkeeper.actions.revisions import RevisionActions
from turnkeeper.actions.schedules import ScheduleActions
from turnkeeper.actions.sessions import SessionActions
from turnkeeper.actions.signin import SignIn
from turnkeeper.actions.syncs import SyncActions
from turnkeeper.actions.tools import ToolActions
from turnkeeper.actions.transcripts import TranscriptActions
from turnkeeper.actions.usage import UsageActions
from turnkeeper.actions.vault import VaultActions, VaultSecrets
from turnkeeper.actions.webhook_urls import WebhookUrls
from turnkeeper.actions.webhooks import WebhookActions
from turnkeeper.actions.wrong_keys import WrongKeys
from turnkeeper.agents.models.providers import ModelAccount, Wires, model_providers
from turnkeeper.agents.plugins import plugin_tools
from turnkeeper.agents.prices import Prices, read_prices
from turnkeeper.agents.registry import Registry
from turnkeeper.agents.secrets import NoSecrets
from turnkeeper.agents.toolbox import HTTP_TOOLS, Toolbox
from turnkeeper.agents.tools.http.look_up import SystemLookUp
from turnkeeper.agents.tools.read_attachment import ReadAttachment
from turnkeeper.agents.tools.search_documents import SearchDocuments
from turnkeeper.agents.tools.search_products import SearchProducts
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.agents.tools.write_file import WriteFile
from turnkeeper.core.nodes import NodeKind, process_name
from turnkeeper.retrieval.embedders.choice import ModelEmbedders
from turnkeeper.retrieval.embedders.minilm import MiniLm
from turnkeeper.retrieval.search import Search
from turnkeeper.retrieval.words import take_apart
from turnkeeper.settings import Settings, vault_old_keys_of
from turnkeeper.starting import data_dir_of
from turnkeeper.store.blobs import Blobs, FolderBlobs
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices
from turnkeeper.store.passages import PassageIndex
from turnkeeper.store.products import ProductIndex
from turnkeeper.store.signing_secrets import SigningSecrets
from turnkeeper.store.sync_changes import SyncChanges
from turnkeeper.store.tails import BEAT_TICKS, Tails
from turnkeeper.store.turn_files import ConversationFiles
from turnkeeper.store.vault_keys import KEY_FILE, VaultKeys
from turnkeeper.tasks.webhook_post import WebhookPost
from turnkeeper.telemetry.measures import Telemetry

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rooms:
    """What work on turns needs."""

    database: Database
    notices: Notices
    changes: Changes
    tails: Tails
    registry: Registry
    toolbox: Toolbox
    prices: Prices
    embedder: MiniLm
    embedders: ModelEmbedders
    blobs: Blobs
    signing: SigningSecrets
    webhook_post: WebhookPost
    sync_changes: SyncChanges


@dataclass(frozen=True, kw_only=True, slots=True)
class Turnkeeper:
    """An open Turnkeeper: what can be asked of it, what is behind, and how it tells what it does."""

    actions: Actions
    rooms: Rooms
    telemetry: Telemetry


@asynccontextmanager
async def opened(
    settings: Settings,
    database_url: str,
    *,
    works: bool,
    kind: NodeKind = "work",
    plugins: tuple[Tool, ...] | None = None,
    hashing: Hashing = hash_password,
) -> AsyncGenerator[Turnkeeper]:
    """Build everything over a database that is migrated, and close it at the end.

    `works` is whether this process will also answer turns, which makes an embedder that is loaded at the start part of its
    health; `kind` is what it is called among the processes. `plugins` are further tools; None looks for those that are
    installed. `hashing` is what becomes of passwords.

    Raises:
        TransientError: the database does not answer.
        StartError: a setting names something that does not exist.
    """
    prices = Prices(read_prices(settings.prices or ""))
    async with AsyncExitStack() as stack:
        database = Database(
            database_url,
            max_connections=settings.database_connections,
            direct_url=settings.direct_database_url,
            prepares=settings.prepared_statements,
            name=_process_name(kind),
        )
        await database.open()
        stack.push_async_callback(database.close)
        embedder = MiniLm()
        stack.push_async_callback(embedder.close)
        loading = embedder if works and settings.embed_at_start else None
        notices, telemetry, keys = Notices(database), Telemetry(), _vault_keys(settings)
        secrets = VaultSecrets(database, keys, notices)
        embedders = _embedders(settings, embedder, secrets)
        stack.push_async_callback(embedders.close)
        search = Search(PassageIndex(database), embedders)
        blobs, reader = _blobs(settings), FileReader()
        stack.callback(reader.close)
        files = FileActions(database, blobs, reader, _file_limits(settings))
        wires = Wires()
        stack.push_async_callback(wires.close)
        registry = Registry(
            providers=model_providers(_model_accounts(settings), wires),
            default_model=settings.model,
            secrets=secrets,
        )
        products = ProductIndex(database, take_apart)
        own_tools = (
            SearchDocuments(search),
            SearchProducts(products),
            ReadAttachment(ConversationFiles(database)),
            WriteFile(files),
        )
        toolbox = await stack.enter_async_context(
            Toolbox(tools=own_tools, plugins=_plugins(own_tools) if plugins is None else plugins, secrets=secrets)
        )
        changes, sync_changes = Changes(notices), SyncChanges(notices)
        idle, life = timedelta(days=settings.session_idle_days), timedelta(days=settings.session_days)
        rates = Rates(settings.requests_per_minute, database)
        wrong = WrongKeys(settings.wrong_keys_per_minute)
        signin = SignIn(database, notices, rates, wrong, session_idle=idle, refused=telemetry.key_refused)
        signing = SigningSecrets(keys)
        allowed = settings.webhook_private_addresses
        webhook_urls = WebhookUrls(SystemLookUp(), allows_private_addresses=allowed)
        webhook_post = await stack.enter_async_context(WebhookPost(allows_private_addresses=allowed))
        tails = Tails(
            database,
            changes,
            most_readers=settings.most_streams,
            tick_seconds=settings.stream_beat_seconds / BEAT_TICKS,
        )
        accounts = AccountActions(database, hashing=hashing)
        agents = AgentActions(database, registry, toolbox, admins_are_operators=settings.admins_are_operators)
        data_sets = DataSetActions(database, search, embedders)
        conversations = ConversationActions(database, changes, default_model=settings.model)
        actions = Actions(
            signin=signin,
            agents=agents,
            approvals=ApprovalActions(database, changes),
            audit=AuditActions(database),
            erasures=ErasureActions(database, signin),
            retention=RetentionActions(database),
            conversations=conversations,
            keeping=KeepingActions(database, changes, conversations, default_model=settings.model),
            messages=MessageActions(database, changes, conversations),
            events=EventActions(database, changes, tails, signin),
            accounts=accounts,
            keys=KeyActions(database, signin),
            members=MemberActions(database, signin, hashing=hashing),
            organizations=OrganizationActions(database),
            overview=OverviewActions(database, loading),
            data_sets=data_sets,
            data_set_members=DataSetMemberActions(database),
            documents=DocumentActions(database, products),
            files=files,
            models=ModelActions(registry, prices, embedders),
            revisions=RevisionActions(database, agents),
            health=HealthActions(database, telemetry, loading),
            first_run=FirstRunAction(database, accounts, agents, data_sets),
            sessions=SessionActions(database, signin, idle=idle, life=life, hashing=hashing),
            syncs=SyncActions(database, blobs, sync_changes, _file_limits(settings)),
            tools=ToolActions(database, toolbox),
            transcripts=TranscriptActions(database, files),
            usage=UsageActions(database),
            vault=VaultActions(database, keys),
            schedules=ScheduleActions(database, changes),
            webhooks=WebhookActions(database, notices, signing, webhook_urls),
        )
        # Should one of these fail, which is a bug, the group ends the server instead of letting it limp.
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for background in (notices.run(), signin.note_use_regularly(), rates.settle_regularly(), tails.run()):
            stack.callback(group.create_task(background).cancel)
        yield Turnkeeper(
            actions=actions,
            rooms=Rooms(
                database=database,
                notices=notices,
                changes=changes,
                tails=tails,
                registry=registry,
                toolbox=toolbox,
                prices=prices,
                embedder=embedder,
                embedders=embedders,
                blobs=blobs,
                signing=signing,
                webhook_post=webhook_post,
                sync_changes=sync_changes,
            ),
            telemetry=telemetry,
        )


def _process_name(kind: NodeKind) -> str:
    return process_name(
        version=metadata.version("turnkeeper"),
        kind=kind,
        host=socket.gethostname(),
        pid=os.getpid(),
        started_at=datetime.now(UTC),
    )


def _vault_keys(settings: Settings) -> VaultKeys:
    """The vault's keys: from the settings, and beside an embedded database from a file of its folder."""
    key_file = data_dir_of(settings) / KEY_FILE if settings.database_url is None else None
    return VaultKeys(key=settings.vault_key, old_keys=vault_old_keys_of(settings), key_file=key_file)


def _embedders(settings: Settings, minilm: MiniLm, secrets: VaultSecrets) -> ModelEmbedders:
    return ModelEmbedders(
        minilm=minilm,
        secrets=secrets,
        openai_base_url=settings.openai_base_url,
        openai_api_key=settings.openai_api_key,
        ollama_base_url=settings.ollama_base_url,
    )


def _plugins(own: Sequence[Tool]) -> tuple[Tool, ...]:
    """The tools of plug-ins, none of which may have the name of one of our own."""
    return plugin_tools([tool.spec.name for tool in own] + [*HTTP_TOOLS], _log.warning)


def check_model(settings: Settings) -> str:
    """A sentence about the server's default model; the provider is not asked.

    Raises:
        StartError: a setting of models cannot be understood.
        InvalidError: there is no such model here.
    """
    providers = model_providers(_model_accounts(settings), Wires())
    Registry(providers=providers, default_model=settings.model, secrets=NoSecrets())
    provider = providers[settings.model.partition(":")[0]]
    if not provider.has_models:
        return "extractive: answers are quoted from the data set; no key is needed."
    key = "with a key" if provider.key else "with keys from the vault only" if provider.needs_key else "without a key"
    return f"{settings.model} at {provider.title}, {key}; the provider was not asked."


def _model_accounts(settings: Settings) -> dict[str, ModelAccount]:
    """What the settings say about the providers of models, by the providers' names."""
    return {
        "openai": ModelAccount(key=settings.openai_api_key, address=settings.openai_base_url),
        "azure": ModelAccount(
            key=settings.azure_api_key, address=settings.azure_base_url, api_version=settings.azure_api_version
        ),
        "mistral": ModelAccount(key=settings.mistral_api_key, address=settings.mistral_base_url),
        "groq": ModelAccount(key=settings.groq_api_key, address=settings.groq_base_url),
        "ollama": ModelAccount(key=settings.ollama_api_key, address=settings.ollama_base_url),
        "vllm": ModelAccount(key=settings.vllm_api_key, address=settings.vllm_base_url),
        "compatible": ModelAccount(key=settings.compatible_api_key, address=settings.compatible_base_url),
        "anthropic": ModelAccount(
            key=settings.anthropic_api_key, address=settings.anthropic_base_url, thinking=settings.anthropic_thinking
        ),
        "google": ModelAccount(key=settings.google_api_key, address=settings.google_base_url),
    }


def _blobs(settings: Settings) -> Blobs:
    """Where files lie: the bucket of the settings, else a folder in the data folder."""
    if settings.files_url is None:
        return FolderBlobs(data_dir_of(settings) / "files")
    from turnkeeper.store.bucket import BucketBlobs  # noqa: PLC0415 - slow import

    return BucketBlobs(settings.files_url, endpoint=settings.files_endpoint)


def _file_limits(settings: Settings) -> FileLimits:
    return FileLimits(
        upload_bytes=settings.most_upload_mb * 1_000_000, organization_bytes=settings.most_files_mb * 1_000_000
    )
