"""Keys that tokens are verified by: our own, and those of an identity provider (JWKS)."""
