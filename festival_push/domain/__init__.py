"""The rules of money, orders and events: pure values and functions, without I/O, clock or randomness."""
