"""Why a server cannot be used."""


class ServerAwayError(Exception):
    """The server cannot be used now; the message is a sentence that a model and a person may read."""


class SessionLostError(Exception):
    """The server forgot us before it looked at the call: connect again."""
