"""Our two commands on machines that have nothing: `make bare`."""
