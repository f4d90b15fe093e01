"""What the audit reads: bounded pages of rows, and of the answers that are kept for retries."""
