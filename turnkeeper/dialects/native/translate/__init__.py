"""Between our nouns and the dialect's words; one file a resource."""
