"""A festival in fast motion against a running server, as its clients see it: no code of the server's is in here."""
