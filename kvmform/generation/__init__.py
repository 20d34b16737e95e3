"""Configuration for objects that are there already: which arguments are written, and how. Pure."""
