"""One client's stream, from its cursor to its end, over each of three ways; and the registry of all of them."""
