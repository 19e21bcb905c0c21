"""What the native dialect promises of files."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/attachments.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.files.upload": Requirement(
        source=_OURS, behaviour="A file is uploaded as a form, once for its key, and described without its bytes."
    ),
    "native.files.content": Requirement(
        source=_OURS,
        behaviour="The bytes go out under headers that have them saved; pictures are shown if that is asked.",
    ),
    "native.files.ranges": Requirement(
        source="RFC 9110",
        behaviour="One range of the bytes is 206, one behind the end 416; If-Range and ETag are kept.",
    ),
    "native.files.delete": Requirement(
        source=_OURS, behaviour="A file is deleted unless a message with it is still to be answered."
    ),
    "native.files.of-conversation": Requirement(
        source=_OURS, behaviour="Messages, replies and conversations show their files, and who wrote them."
    ),
    "native.files.rights": Requirement(
        source=_OURS, behaviour="A file is its owner's until a message has it; other files are 404."
    ),
}
