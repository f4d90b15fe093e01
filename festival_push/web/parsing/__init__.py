"""From bytes that nobody has checked to types that hold; and the problems that say what was wrong."""
