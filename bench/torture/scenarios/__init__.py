"""One file a kind of harm."""
