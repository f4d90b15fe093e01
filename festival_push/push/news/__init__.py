"""What processes tell each other, and the tail that follows the log whether they do or not."""
