"""What a server answered to a call, as text for a model. Imports mcp, which is slow."""

from typing import assert_never

import msgspec
from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from turnkeeper.core.sentences import counted


def text_of(result: CallToolResult) -> str:
    """The texts; pictures, sounds and files are named. Structured content stands in where there is no text."""
    parts = [_printed(block) for block in result.content]
    if result.structured_content is not None and not any(isinstance(block, TextContent) for block in result.content):
        parts.append(msgspec.json.encode(result.structured_content).decode())
    return "\n\n".join(part for part in parts if part) or "The tool answered without content."


def _printed(block: ContentBlock) -> str:
    match block:
        case TextContent():
            return block.text
        case ImageContent():
            return f"[A picture ({block.mime_type}, {_size(block.data)}) that is not shown.]"
        case AudioContent():
            return f"[A sound ({block.mime_type}, {_size(block.data)}) that is not played.]"
        case ResourceLink():
            return f"[{block.title or block.name}: {block.uri}]"
        case EmbeddedResource():
            resource = block.resource
            if isinstance(resource, TextResourceContents):
                return f"[{resource.uri}]\n{resource.text}"
            return f"[A file ({resource.mime_type or 'of unknown type'}, {_size(resource.blob)}) at {resource.uri}.]"
        case _:
            assert_never(block)


def _size(base64: str) -> str:
    return counted(len(base64) * 3 // 4, "byte")
