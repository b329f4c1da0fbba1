"""Pages people open from a message: the worker's task page and the resident's own page."""
