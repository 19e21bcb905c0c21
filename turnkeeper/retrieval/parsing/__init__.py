"""Reading files: bytes in, documents and products out."""

from turnkeeper.retrieval.parsing.apart import parse_apart as parse_apart
from turnkeeper.retrieval.parsing.parse import parse as parse
from turnkeeper.retrieval.parsing.parsed import Parsed as Parsed
from turnkeeper.retrieval.parsing.parsed import ParsedDocument as ParsedDocument
from turnkeeper.retrieval.parsing.parsed import ParsedProduct as ParsedProduct
from turnkeeper.retrieval.parsing.parsed import Unreadable as Unreadable
