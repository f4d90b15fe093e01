"""The office: deeds of staff, the second person, and the settings that money depends on. Start with `deeds.py`."""
