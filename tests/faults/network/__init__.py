"""Hosts that are cut off: two servers, PostgreSQL and Redis, each on a host of its own, and the ways between them."""
