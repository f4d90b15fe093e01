"""Bugs put into running servers on purpose, so that we know that the table of faults would find them."""
