"""Items that say their tax, age, deposit and count, and the receipts of what was sold."""
