"""The door for people in a terminal: `chat` and `tail`. A client of the native dialect, over HTTP, like any other."""
