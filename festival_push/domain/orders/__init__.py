"""Orders: placed and paid, taken step by step, refunded; payment requests, pickup boards, and each stall's pace."""
