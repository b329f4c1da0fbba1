"""The WeChat official account: callbacks in, customer messages, templates and subscribe notices out."""
