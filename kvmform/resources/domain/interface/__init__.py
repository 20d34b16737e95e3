"""The network interfaces of a domain, and what networks know of them: addresses and reservations."""
