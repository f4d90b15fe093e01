"""What a simulation does to itself and to its servers, on request. Start with `inflict.py`."""
