"""One folder per resource type, always with the same names, and the registry."""
