"""Every other device of a domain, each with its table."""
