"""What goes over the wire: the bodies of requests and answers, in the dialect's own words; one file a resource."""
