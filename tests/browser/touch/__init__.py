"""What a finger or a key that is too quick must not do, on every page."""
