"""The commands of `turnkeeper`, one file a group. They read settings and ask the actions, as doors do."""
