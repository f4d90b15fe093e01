"""Routes of deposits that go back to guests, and of allowances."""
