"""What each route says of itself: parameters, shapes, examples, errors; one file a resource."""
