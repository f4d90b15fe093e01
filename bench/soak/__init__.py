"""The table of faults, with more load and for longer than the tests have time for, and what it measures."""
