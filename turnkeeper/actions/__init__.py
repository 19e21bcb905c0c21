"""What one may ask, answered at once: one method, one transaction."""
