"""Tools of the operator: logs, metrics, the watchdog, the audit, backups.

`metrics/` reads the counts of the other packages and writes them for Prometheus. `audit/` checks every promise (an
invariant about money or events) on the live database; `backups/` copies that and brings copies back; `report.py` prints
where all money is. Start with `audit/audit.py`.
"""
