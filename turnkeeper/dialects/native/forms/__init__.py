"""What bodies say, checked; one file a resource."""
