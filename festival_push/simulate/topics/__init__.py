"""What else a stream may follow than its own person: pickup boards, and rooms."""
