"""What the audit compares of payout runs: each run beside the sum of its payouts."""

from typing import Final, NamedTuple

from festival_push.store.database import Database

_SUMS: Final = """
    SELECT r.run_id, r.status, r.count, r.total, COUNT(p.payout_id),
           CAST(COALESCE(SUM(p.amount - p.reversed), 0) AS BIGINT),
           COUNT(CASE WHEN (r.status = 'open' AND p.status <> 'requested')
                        OR (r.status = 'sent' AND p.status = 'requested') THEN 1 END)
      FROM payout_runs AS r LEFT JOIN payouts AS p ON p.run_id = r.run_id
     GROUP BY r.run_id, r.status, r.count, r.total
"""


class RunSum(NamedTuple):
    """A payout run, and the count and the sum of its payouts, with how many of those are not as the run is."""

    run_id: str
    status: str
    size: int
    total: int
    found: int
    due: int
    unlike: int


async def run_sums(database: Database) -> list[RunSum]:
    """Return every payout run with what its payouts say; there are few. Raises Unavailable."""
    (found,) = await database.read((_SUMS, ()))
    return [RunSum(*row) for row in found]
