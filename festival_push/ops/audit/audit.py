"""The audit: checks that the database keeps every promise (invariant) about money and events. It only reads, and may
run beside a server.

Rows are read in bounded pages, each in a short database snapshot of its own. The first snapshot fixes how far the
ledger and the log are checked: the rows up to there never change, so that later snapshots still show the same.
"""

import logging
from collections.abc import Iterable
from typing import Final

from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.orders.boards import NUMBER_MAX
from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    HELD,
    OrderId,
    OrderStatus,
    PaymentRequestId,
    TransferKind,
    allowance_account,
    is_known_account,
    till_account,
    user_account,
)
from festival_push.ops.audit.answers import check_answers
from festival_push.ops.audit.deeds import DeedAudit
from festival_push.ops.audit.drawers import DrawerAudit
from festival_push.ops.audit.findings import Finding, Findings, Severity
from festival_push.ops.audit.ledger import LedgerAudit
from festival_push.ops.audit.log import LogAudit
from festival_push.ops.audit.money import MoneyAudit
from festival_push.ops.audit.runs import check_runs
from festival_push.ops.audit.z_reports import check_z_reports
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable
from festival_push.store.reads.audit.evidence import AuditReads, Totals
from festival_push.store.reads.figures import read_figures

_LOG: Final = logging.getLogger(__name__)
PAGE: Final = 1000
"""Rows read in one database snapshot; a thousand take a few milliseconds."""


async def audit(database: Database, *, providers: Iterable[str] = (), page: int = PAGE) -> list[Finding]:
    """Check every promise that can be read off the database.

    Args:
        providers: Payment providers that are configured; those that have reported money are known anyway.
        page: Rows to read at a time, at least 1.
    Returns:
        The broken promises, and what else the organiser should know of, each with its severity; an empty list if
        there is nothing.
    Raises:
        Unavailable: The database can't be read.
    """
    findings = Findings()
    try:
        await _check_all(database, findings, providers, page)
    except Unavailable:
        raise
    except Exception as error:  # of a decoder, or of SQL on other tables than ours: what was found so far still counts
        _LOG.debug("the audit can't read on", exc_info=True)
        findings.add("unreadable", f"The audit can't read on: {type(error).__name__}: {error}.")
    return findings.all()


async def _check_all(database: Database, findings: Findings, providers: Iterable[str], page: int) -> None:
    evidence = AuditReads(database)
    await _check_sqlite(evidence, findings)
    standing = await evidence.standing()
    _check_standing(standing, findings)
    for user_id, noted, present in await evidence.miscounted_factors(page):
        findings.add("factors", f"Person {user_id} has {present} second factors, but {noted} are noted.")
    ledger = LedgerAudit(evidence, findings, standing, page)
    balances = await ledger.run()
    await LogAudit(evidence, findings, standing, page).run(balances)
    await DeedAudit(evidence, findings, standing, page).run()
    await _check_orders(evidence, findings, page)
    await _check_payment_requests(evidence, findings, page)
    await check_z_reports(database, findings, page)
    await MoneyAudit(evidence, findings, page).run()
    await check_runs(database, findings)
    await DrawerAudit(evidence, findings, standing, page).run()
    await check_answers(database, findings, page)
    for pair in reconcile(await read_figures(database), providers).comparisons:
        if pair.difference:
            text = f"{pair.what}: {pair.one} make {pair.one_total}, {pair.other} {pair.other_total}."
            findings.add("totals", text)


async def _check_sqlite(evidence: AuditReads, findings: Findings) -> None:
    for pragma, healthy in (("integrity_check", [("ok",)]), ("foreign_key_check", []), ("journal_mode", [("wal",)])):
        said = await evidence.sqlite_says(pragma)
        if said == [("delete",)]:  # a server that opens it sets that, and reads it back
            findings.add("sqlite", "No server has opened this file since it was restored.", Severity.NOTE)
        elif said is not None and said != healthy:
            findings.add("sqlite", f"SQLite's {pragma} says: {'; '.join(map(str, said[:5]))}.")


def _check_standing(standing: Totals, findings: Findings) -> None:
    if total := sum(account.balance for account in standing.accounts):
        findings.add("sum", f"The balances of all accounts sum to {total} instead of 0.")
    tills = {till_account(vendor_id) for vendor_id in standing.stalls}
    for account in standing.accounts:
        if not is_known_account(account.account_id):
            findings.add("accounts", f"Account {account.account_id} is of no kind that this version knows.")
        if account.balance < 0 and account.account_id in tills:
            text = f"Stall {account.account_id} is below zero by refunds: {account.balance}."
            findings.add("overdrawn", text, Severity.NOTE)
        elif account.account_id == HELD and account.balance != standing.held:
            text = f"Account held has {account.balance}, but the receipts without an owner sum to {standing.held}."
            findings.add("held", text)
    if standing.held and not any(account.account_id == HELD for account in standing.accounts):
        findings.add("held", f"Receipts without an owner sum to {standing.held}, but there is no account held.")
    for vendor_id, kept in standing.stalls.items():
        if kept.attended is not (kept.active > 0):
            says = "attended" if kept.attended else "unattended"
            text = f"Stall {vendor_id} is kept as {says}, but {kept.active} of its keepers are not suspended."
            findings.add("keepers", text)
        if not kept.owners:
            text = f"Stall {vendor_id} has no owner: nobody there can ask for its money."
            findings.add("keepers", text, Severity.NOTE)
    for vendor_id, number, count in standing.doubled_numbers:
        findings.add("numbers", f"Pickup number {number} of stall {vendor_id} is held by {count} open orders.")


async def _check_orders(evidence: AuditReads, findings: Findings, page: int) -> None:
    after = OrderId("")
    while orders := await evidence.orders(after, page):
        for order, paid in orders:
            for fault in _order_faults(order, paid):
                findings.add("orders", f"Order {order.order_id} {fault}.")
        after = orders[-1][0].order_id


def _order_faults(order: Order, paid: Transfer | None) -> list[str]:
    cancelled, completed = order.status is OrderStatus.CANCELLED, order.status is OrderStatus.COMPLETED
    wallet, allowance = user_account(order.user_id), allowance_account(order.user_id)
    way = (TransferKind.PURCHASE, order.order_id, order.total, wallet, till_account(order.vendor_id))
    if order.allowance:  # it is used first
        way = (TransferKind.ALLOWANCE, order.order_id, order.allowance, allowance, wallet)
    deposit = sum((line.deposit or 0) * line.quantity for line in order.lines)
    back = sum((line.refunded or 0) * line.unit_price for line in order.lines)
    by_wallet = order.paid - order.allowance
    tests = {
        f"has the total {order.total}, but its lines sum to {sum(line.total for line in order.lines)}":
            order.total != sum(line.total for line in order.lines),
        "has a line whose total is not quantity × unit price":
            any(line.total != line.quantity * line.unit_price for line in order.lines),
        "has a line of which more was given back than was sold":
            any(not 0 <= (line.refunded or 0) <= line.quantity for line in order.lines),
        f"gave lines back that cost {back}, but only {order.refunded} was refunded": back > order.refunded,
        f"was handed over at once, but is {order.status}": order.at_once and not completed,
        f"was refunded {order.refunded} of {order.total}": not 0 <= order.refunded <= order.total,
        f"was given back {order.tip_refunded} of a tip of {order.tip}": order.tip_refunded not in (0, order.tip),
        f"is cancelled, but its tip of {order.tip} did not go back": cancelled and order.tip_refunded != order.tip,
        f"is cancelled, but only {order.refunded} of {order.total} was refunded":
            cancelled and order.refunded != order.total,
        f"is cancelled, but of its fee {order.platform_fee} only {order.fee_refunded} went back":
            cancelled and order.fee_refunded != order.platform_fee,
        f"has the pickup number {order.number}": not 1 <= order.number <= NUMBER_MAX,
        "is ready, but was never called": order.status is OrderStatus.READY and order.called_at is None,
        "is completed, but has no time of that": completed and order.completed_at is None,
        f"is {order.status}, but has a time when it was completed": not completed and order.completed_at is not None,
        f"says that transfer {order.placed} paid for it, which is not so":
            paid is None or way != (paid.kind, paid.order_id, paid.amount, paid.debit, paid.credit),
        f"has a deposit of {order.deposit}, but its lines sum to {deposit}": order.deposit != deposit,
        f"is cancelled, but only {order.deposit_refunded} of its deposit of {order.deposit} went back":
            cancelled and order.deposit_refunded != order.deposit,
        f"has {order.allowance_refunded} of {order.allowance} back in the allowance, of {order.back} that went back":
            order.allowance_refunded != max(order.back - by_wallet, 0),
    }  # fmt: skip
    return [fault for fault, found in tests.items() if found]


async def _check_payment_requests(evidence: AuditReads, findings: Findings, page: int) -> None:
    after = PaymentRequestId("")
    while requests := await evidence.paid_requests(after, page):
        for request, order in requests:
            asked = (request.vendor_id, request.total)
            if order is None or asked != (order.vendor_id, order.total):
                became = "does not exist" if order is None else f"is over {order.total} at stall {order.vendor_id}"
                text = (
                    f"over {request.total} at stall {request.vendor_id} became order {request.order_id}, which {became}"
                )
                findings.add("payment-requests", f"Payment request {request.request_id} {text}.")
        after = requests[-1][0].request_id
