"""What query strings say, checked; one file a resource."""
