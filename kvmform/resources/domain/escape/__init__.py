"""The way out of the table: a stylesheet, an overlay or a template of the user's own, laid over the definition."""
