"""Checks payout runs: each holds the payouts that it says, and these stand as it does."""

from festival_push.ops.audit.findings import Findings
from festival_push.store.database import Database
from festival_push.store.reads.payouts.run_sums import RunSum, run_sums


async def check_runs(database: Database, findings: Findings) -> None:
    """Check every payout run. Raises Unavailable."""
    for run in await run_sums(database):
        if (fault := run_fault(run)) is not None:
            findings.add("payouts", f"Payout run {run.run_id} {fault}.")


def run_fault(run: RunSum) -> str | None:
    """Return what is wrong with a payout run; None if nothing is. What was sent may have come back since."""
    expected = 0 if run.status == "undone" else run.size
    if run.found != expected:
        return f"is {run.status}, and has {run.found} payouts instead of {expected}"
    if run.status == "open" and run.due != run.total:
        return f"over {run.total} has payouts over {run.due}"
    return f"is {run.status}, and {run.unlike} of its payouts are not" if run.unlike else None
