"""Data sources: the machine that a host is. Attributes, values and ids are those of provider 0.8."""
