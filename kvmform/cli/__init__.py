"""One file per command: parse and call. Exit codes in one place."""
