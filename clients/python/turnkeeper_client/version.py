"""The version of the client, which servers are told."""

VERSION = "0.1.0"
USER_AGENT = f"turnkeeper-client/{VERSION}"
