"""One module a schema step, in the order of their numbers."""
