"""Values and types of the language; see model and types."""
