"""The load: the client that holds streams and sends commands, and the C floor, both in C."""
