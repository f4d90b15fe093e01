"""Takings, reports, X and Z reports, and settlements of many stalls, as JSON and for spreadsheets."""
