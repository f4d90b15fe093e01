"""The desk's day and the treasurer's Monday: cash, deposits, payouts, and the figures that must come to the orders."""
