"""`make torture`: break the server in every way we know, and count whether a promise was broken (docs/torture.md)."""
