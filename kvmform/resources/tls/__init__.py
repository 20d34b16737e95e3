"""Keys and certificates, made here and kept in the state."""
