"""The routes of the dialect, one file a resource."""
