"""Points in time and pauses."""
