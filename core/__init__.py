"""Numbers and meaning: no host, no user interface, no weights of its own."""
