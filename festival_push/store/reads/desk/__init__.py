"""Reads of the cash desk: the drawers and their bookings."""
