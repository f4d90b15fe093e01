"""The figures of the reconciliation: sums over whole tables, all from one snapshot."""

# ruff: noqa: S608  # only names of columns and our own words are filled in

from typing import Final

from festival_push.domain.money.figures import ALLOWANCES, DRAWERS, PEOPLE, Figures, Flow, PaidOut, Received, Sold
from festival_push.domain.values import HELD, PayoutStatus, TransferKind
from festival_push.store.database import Database
from festival_push.store.tables import VENDORS

_AMOUNT: Final = "CAST(COALESCE(SUM({column}), 0) AS BIGINT)"


def _sum(column: str) -> str:
    return _AMOUNT.format(column=column)


def _party(account: str) -> str:
    """Return the SQL for an account's party.

    It is PEOPLE for all wallets, ALLOWANCES for all allowances, and its own id for tills and system accounts. `;` is
    the character after `:`.
    """
    wallet = f"WHEN {account} >= 'user:' AND {account} < 'user;' THEN '{PEOPLE}'"
    drawer = f"WHEN {account} >= 'drawer:' AND {account} < 'drawer;' THEN '{DRAWERS}'"
    allowance = f"WHEN {account} >= 'allowance:' AND {account} < 'allowance;' THEN '{ALLOWANCES}'"
    return f"CASE {wallet} {drawer} {allowance} ELSE {account} END"


_HEAD: Final = "SELECT position, transfer_seq FROM log_head"
_VENDORS: Final = f"SELECT {VENDORS.columns} FROM vendors ORDER BY vendor_id"
_BALANCES: Final = f"SELECT {_party('account_id')}, COUNT(*), {_sum('balance')} FROM accounts GROUP BY 1"
_FLOWS: Final = f"""
    SELECT {_party("debit")}, {_party("credit")}, kind, COUNT(*), {_sum("amount")} FROM transfers GROUP BY 1, 2, 3
"""
_RECEIVED: Final = f"""
    SELECT r.provider, COUNT(*), {_sum("r.amount")}, {_sum("r.held")}, {_sum("r.returned")},
           COUNT(CASE WHEN t.transfer_id IS NULL OR t.kind <> 'top-up' OR t.amount <> r.amount
                        OR t.debit <> 'provider:' || r.provider OR t.receipt_id <> r.receipt_id THEN 1 END)
      FROM receipts AS r LEFT JOIN transfers AS t ON t.transfer_id = r.transfer_id GROUP BY 1
"""
_ASSIGNED: Final = f"""
    SELECT r.provider, {_sum("CASE WHEN t.credit = 'held' THEN -t.amount ELSE t.amount END")}
      FROM transfers AS t JOIN receipts AS r ON r.receipt_id = t.receipt_id
      LEFT JOIN transfers AS back ON back.transfer_id = t.reverses
     WHERE (t.debit = '{HELD}' AND t.credit >= 'user:' AND t.credit < 'user;')
        OR (t.credit = '{HELD}' AND back.debit = '{HELD}')
     GROUP BY 1
"""
_CLAIMED: Final = f"SELECT provider, {_sum('taken + lost')} FROM claims WHERE status = 'taken' GROUP BY provider"
# Joins, because PostgreSQL can't hash a NOT IN that outgrows its memory, and then compares every pair.
_UNEXPLAINED: Final = """
    SELECT moved.account_id, COUNT(*)
      FROM (SELECT debit AS account_id, receipt_id FROM transfers WHERE debit >= 'provider:' AND debit < 'provider;'
            UNION ALL
            SELECT credit, receipt_id FROM transfers WHERE credit >= 'provider:' AND credit < 'provider;') AS moved
      LEFT JOIN receipts AS r ON r.receipt_id = moved.receipt_id AND 'provider:' || r.provider = moved.account_id
     WHERE r.receipt_id IS NULL
     GROUP BY moved.account_id
"""
_SOLD: Final = f"""
    SELECT vendor_id, COUNT(*), {_sum("total")}, {_sum("refunded + tip_refunded")},
           {_sum("platform_fee - fee_refunded")}, {_sum("tip")}, {_sum("deposit - deposit_refunded")},
           {_sum("allowance - allowance_refunded")}
      FROM orders GROUP BY vendor_id
"""
_GIVEN_BACK: Final = f"SELECT {_sum('total')} FROM give_backs WHERE claimed_by IS NOT NULL"
_LEFT: Final = "CASE WHEN status = 'rejected' THEN amount ELSE amount - reversed END"
_PAID_OUT: Final = f"""
    SELECT {_party("account_id")}, status, COUNT(*), {_sum(_LEFT)}, CASE WHEN drawer_id IS NULL THEN 0 ELSE 1 END
      FROM payouts GROUP BY 1, 2, 5
"""


async def read_figures(database: Database) -> Figures:
    """Return all figures of the reconciliation, from one snapshot. Raises Unavailable."""
    statements = (
        _HEAD, _VENDORS, _BALANCES, _FLOWS, _RECEIVED, _ASSIGNED, _CLAIMED, _UNEXPLAINED, _SOLD, _PAID_OUT, _GIVEN_BACK
    )  # fmt: skip
    found = await database.read(*((sql, ()) for sql in statements))
    head, vendors, balances, flows, received, assigned, claimed, unexplained, sold, paid_out, given_back = found
    by_hand: dict[str, int] = {provider: amount for provider, amount in assigned}
    taken_back: dict[str, int] = {provider: amount for provider, amount in claimed}
    return Figures(
        position=head[0][0],
        transfer_seq=head[0][1],
        vendors=[VENDORS.decode(row) for row in vendors],
        balances={party: (count, amount) for party, count, amount in balances},
        flows=[Flow(source, target, TransferKind(kind), *rest) for source, target, kind, *rest in flows],
        received=[Received(*(*row, by_hand.get(row[0], 0), taken_back.get(row[0], 0))) for row in received],
        unexplained={account: count for account, count in unexplained},
        sold=[Sold(*row) for row in sold],
        paid_out=[
            PaidOut(party, PayoutStatus(status), count, amount, bool(at_desk))
            for party, status, count, amount, at_desk in paid_out
        ],
        given_back=given_back[0][0],
    )
