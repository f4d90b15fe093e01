"""Orders: placing and paying them, changing their status, refunds; payment requests, boards, and each stall's pace."""
