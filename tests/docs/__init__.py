"""What the documents say to do is done: their lines are run."""
