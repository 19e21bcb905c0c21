"""Providers that speak OpenAI's chat completions, a few lines each: where they are, how they are asked, how they differ.

Sources: the providers' own references of chat completions, and for what they refuse the error messages that they are known
to answer with (Mistral: 422 `extra_forbidden` for `stream_options` and `max_completion_tokens`, ids of nine letters). For
PDFs OpenAI's page on file inputs: chat completions take PDFs, with models that see from gpt-4o on, 50 MB a request together.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from yarl import URL

from turnkeeper.agents.model import ONLY_TEXT, Media
from turnkeeper.core.errors import InvalidError, StartError

LimitField = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatProvider:
    """What is particular about one provider."""

    title: str
    address: str | None
    """What stands before `/chat/completions`; None where only the operator can know it."""
    needs_key: bool = True
    """Whether its own address wants a key. An address of the operator's may do without."""
    key_header: Literal["Authorization", "api-key"] = "Authorization"
    limit_field: LimitField = "max_tokens"
    """OpenAI's newer models refuse `max_tokens`; most compatible servers know nothing else."""
    asks_for_usage: bool = True
    """Whether `stream_options` must be sent for the usage to come; who sends it anyway may refuse to be asked."""
    short_call_ids: bool = False
    """Ids of tool calls must be nine letters and digits."""
    seeing: str = ""
    """A regular expression: models whose names have it take pictures. Empty: all of them, as far as we know."""
    blind: str = r"(?!)"
    """A regular expression: models whose names have it do not."""
    images: int = 1
    """How many pictures one request is known to take; one where servers differ."""
    pdf_reading: str = r"(?!)"
    """A regular expression: models that see and whose names have it take PDFs as they are. None do, as far as we know."""

    def authorization(self, key: str | None) -> Mapping[str, str]:
        """The header that says who asks."""
        if not key:
            return {}
        return {self.key_header: f"Bearer {key}" if self.key_header == "Authorization" else key}

    def takes(self, model: str) -> Media:
        """What models of this name take beside text, as far as that is known."""
        name = model.lower()
        if re.search(self.seeing, name) is None or re.search(self.blind, name) is not None:
            return ONLY_TEXT
        if re.search(self.pdf_reading, name) is None:
            return Media(images=self.images)
        return Media(images=self.images, pdf_pages=_PDF_PAGES, pdf_bytes=_PDF_BYTES)


_PDF_PAGES = 100
"""OpenAI names no limit; so many scanned pages fit into the window of every model that takes them."""
_PDF_BYTES = 50_000_000

CHAT_PROVIDERS: Mapping[str, ChatProvider] = {
    "openai": ChatProvider(
        title="OpenAI",
        address="https://api.openai.com/v1",
        limit_field="max_completion_tokens",
        blind=r"^gpt-3\.5|^gpt-4$|^gpt-4-(0|32k)|^o1-(mini|preview)|^o3-mini",
        images=20,
        pdf_reading=r"^(?!gpt-4-)",
    ),
    "azure": ChatProvider(
        title="Azure OpenAI", address=None, key_header="api-key", limit_field="max_completion_tokens", images=20
    ),
    "mistral": ChatProvider(
        title="Mistral",
        address="https://api.mistral.ai/v1",
        asks_for_usage=False,
        short_call_ids=True,
        blind=r"codestral|devstral|open-mistral|open-mixtral|mistral-(tiny|embed)",
        images=8,
    ),
    "groq": ChatProvider(
        title="Groq",
        address="https://api.groq.com/openai/v1",
        limit_field="max_completion_tokens",
        seeing=r"llama-4|vision|-vl",
        images=5,
    ),
    "ollama": ChatProvider(
        title="Ollama",
        address="http://localhost:11434/v1",
        needs_key=False,
        seeing=r"llava|vision|vl\b|-v\b|gemma-?[34]|llama-?4|mistral-small3|moondream|qwen3\.5|kimi-k2\.5",
    ),
    "vllm": ChatProvider(title="vLLM", address=None, needs_key=False),
    "compatible": ChatProvider(title="the compatible endpoint", address=None, needs_key=False),
}

_AZURE_DEPLOYMENT = re.compile(r"[\w.-]+")
AZURE_V1 = "v1"
"""The api version that needs no version: deployments are named in the body, as OpenAI's models are."""


def chat_url(name: str, address: str, model: str, *, api_version: str | None = None) -> URL:
    """Where the model is asked. `address` is what stands before `/chat/completions`, or Azure's resource.

    Raises:
        StartError: the address is not an absolute http or https URL.
        InvalidError: the model's name cannot be a deployment's.
    """
    base = http_address(address, name)
    if name != "azure":
        return base / "chat/completions"
    if (api_version or AZURE_V1) == AZURE_V1:
        return (base if base.path.rstrip("/").endswith("/openai/v1") else base / "openai/v1") / "chat/completions"
    if not _AZURE_DEPLOYMENT.fullmatch(model):
        raise InvalidError(
            "model", f"{model!r} is no name of an Azure deployment; it has letters, digits, -, _ and '.'."
        )
    path = base / "openai/deployments" / model / "chat/completions"
    return path.with_query({"api-version": str(api_version)})


def http_address(address: str, name: str) -> URL:
    """The address as a URL.

    Raises:
        StartError: it is not an absolute http or https URL.
    """
    try:
        url = URL(address.strip())
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise StartError(
            f"The address {address!r} of the model provider {name} is not an http or https URL; "
            "write it like http://host:8080/v1."
        )
    return url


def provider_at(name: str, address: str) -> ChatProvider:
    """What is particular about the provider at this address: another server than OpenAI's own that is called
    `openai` is taken for a compatible one."""
    own = CHAT_PROVIDERS[name]
    if name == "openai" and own.address is not None and URL(address.strip()).host != URL(own.address).host:
        return CHAT_PROVIDERS["compatible"]
    return own
