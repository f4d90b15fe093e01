"""What "sold out" costs: `python -m bench.taps`."""
