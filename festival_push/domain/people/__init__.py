"""People: adding them, their rights, their PINs and sessions."""
