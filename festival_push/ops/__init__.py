"""For whoever runs the festival: logs, metrics, the watchdog, the audit, backup and restore.

`metrics/` reads what the parts count and writes it for Prometheus. `audit/` checks every promise on the live database,
`report.py` prints where all money is. Start with `audit/audit.py`.
"""
