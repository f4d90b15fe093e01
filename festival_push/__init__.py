"""Festival Push: cashless payment and real-time push for a festival."""
