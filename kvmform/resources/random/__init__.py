"""Random values, made once and kept in the state."""
