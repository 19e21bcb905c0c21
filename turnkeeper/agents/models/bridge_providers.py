"""Providers that are reached through pydantic-ai, a line each: its name for them, their key, the package that they need."""

from collections.abc import Mapping
from dataclasses import dataclass

from turnkeeper.agents.model import ONLY_TEXT, Media

ONE_PICTURE = Media(images=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgedProvider:
    """What is particular about one provider."""

    title: str
    alias: str
    """The provider's name in pydantic-ai."""
    key_name: str
    """The name of its key, as its own documentation has it."""
    module: str
    """What must be importable beside pydantic-ai."""
    extra: str
    """The name of pydantic-ai's extra that brings it."""
    needs_key: bool = True
    shares_client: bool = False
    """Whether it takes the HTTP client and the address that we give it."""
    has_setting: bool = False
    """Whether the server may have a key of its own in its settings; if not, organizations bring theirs."""
    takes: Media = ONE_PICTURE
    """What its models take beside text. PDFs are known of those only that are tested here."""


BRIDGED_PROVIDERS: Mapping[str, BridgedProvider] = {
    "google": BridgedProvider(
        title="Google",
        alias="google",
        key_name="GOOGLE_API_KEY",
        module="google.genai",
        extra="google",
        shares_client=True,
        has_setting=True,
        # Gemini's page on documents: 1,000 pages; a whole request of 20 MB is taken everywhere.
        takes=Media(images=20, pdf_pages=1_000, pdf_bytes=14_000_000),
    ),
    # Without a key of its own Bedrock signs with what AWS's usual variables, files and roles give.
    "bedrock": BridgedProvider(
        title="Amazon Bedrock",
        alias="bedrock",
        key_name="AWS_BEARER_TOKEN_BEDROCK",
        module="boto3",
        extra="bedrock",
        needs_key=False,
    ),
    "cohere": BridgedProvider(
        title="Cohere", alias="cohere", key_name="CO_API_KEY", module="cohere", extra="cohere", takes=ONLY_TEXT
    ),
    "huggingface": BridgedProvider(
        title="Hugging Face", alias="huggingface", key_name="HF_TOKEN", module="huggingface_hub", extra="huggingface"
    ),
    "xai": BridgedProvider(title="xAI", alias="xai", key_name="XAI_API_KEY", module="xai_sdk", extra="xai"),
}
