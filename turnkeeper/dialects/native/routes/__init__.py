"""The routes: read who asks and what, call one action, tell the result in the dialect's words; one file a resource."""
