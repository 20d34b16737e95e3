"""Texts rendered from templates, as before the language had a function for it."""
