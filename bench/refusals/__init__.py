"""What refusing a request costs our server: `python -m bench.refusals`."""
