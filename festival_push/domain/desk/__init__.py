"""The desk: what cashiers do for guests, and the second person for what moves much money."""
