"""Reads for the cash desk: `finding` finds a guest by what they say or show, `cards` reads what it is shown of one."""
