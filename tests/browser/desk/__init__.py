"""The cash desk's page: a day of it, what it shows of a guest, and hands that are in a hurry."""
