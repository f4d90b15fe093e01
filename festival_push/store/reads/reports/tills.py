"""What moved tills in a stretch of the ledger: in all, by stall, or by the quarter of an hour."""

# ruff: noqa: S608  # only names of columns and our own conditions are filled in

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, Literal

from festival_push.domain.money.settlements import Movement
from festival_push.domain.reports.days import QUARTER_MS
from festival_push.domain.reports.figures import Sums, sums_of
from festival_push.domain.values import AccountId, TransferKind, VendorId, till_owner
from festival_push.store.reads.reports.windows import INTO_TILLS, OUT_OF_TILLS, Window
from festival_push.store.sql import Rows, Statement

Split = Literal["none", "stall", "quarter"]
_GROUPS: Final[Mapping[Split, str]] = {"none": "0", "stall": "t.{side}", "quarter": f"t.at / {QUARTER_MS}"}


def movements(window: Window, vendor_id: VendorId | None, split: Split) -> Statement:
    """Return the SELECT for what moved one till, or all of them."""
    halves = [
        _half(window, vendor_id, _GROUPS[split].format(side=side), side, tills)
        for side, tills in (("credit", INTO_TILLS), ("debit", OUT_OF_TILLS))
    ]
    return " UNION ALL ".join(halves), window.params(vendor_id)


def _half(window: Window, vendor_id: VendorId | None, group: str, side: str, tills: str) -> str:
    stall = "" if vendor_id is None else f" AND t.{side} = $3"
    return f"""
        SELECT {group} AS part, t.kind, {int(side == "credit")}, COUNT(*), CAST(SUM(t.amount) AS BIGINT)
          FROM transfers AS t WHERE {tills} AND {window.condition}{stall} GROUP BY 1, 2
    """


def sums_by_part(rows: Rows) -> dict[str | int, Sums]:
    """Return the sums of each part: a till, the number of a quarter since 1970, or 0 for all."""
    parts: defaultdict[str | int, list[Movement]] = defaultdict(list)
    for part, kind, credited, count, amount in rows:
        moved = Movement(kind=TransferKind(kind), credited=bool(credited), count=count, amount=amount)
        parts[part].append(moved)
    return {part: sums_of(moved) for part, moved in parts.items()}


def stall_of(part: str | int) -> VendorId:
    """Return the stall of a part that is a till."""
    vendor_id = till_owner(AccountId(str(part)))
    assert vendor_id is not None, part
    return vendor_id
