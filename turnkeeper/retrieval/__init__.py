"""What the server knows: sources become passages, passages become vectors, and both are searched."""
