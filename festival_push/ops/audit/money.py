"""Checks the rows that say why money moved besides orders, against their transfers.

They are receipts, claims, payouts and give-backs.
"""

from collections.abc import Sequence

from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.ledger import payout_fee_transfer, payout_transfer
from festival_push.domain.money.rows import Claim, ClaimStatus
from festival_push.domain.rows import Payout, Receipt, Transfer
from festival_push.domain.values import (
    DEPOSITS,
    FEES,
    HELD,
    PAYOUTS,
    GiveBackId,
    PayoutId,
    PayoutStatus,
    ReceiptId,
    TransferKind,
    drawer_account,
    is_cash,
    provider_account,
    user_account,
)
from festival_push.ops.audit.findings import Findings
from festival_push.store.reads.audit.evidence import AuditReads


class MoneyAudit:
    """Reads receipts and payouts once, each page with the transfers of its rows.

    Args:
        evidence: Reads the rows.
        findings: Where findings are added.
        page: Rows to read at a time.
    """

    def __init__(self, evidence: AuditReads, findings: Findings, page: int) -> None:
        self._evidence = evidence
        self._findings = findings
        self._page = page

    async def run(self) -> None:
        """Check every receipt with its claims, every payout, and every deposit that a stall gave back."""
        after = ReceiptId("")
        while receipts := await self._evidence.receipts(after, self._page):
            for receipt, moves, claims in receipts:
                for fault in (receipt_fault(receipt, moves), claims_fault(receipt, moves, claims)):
                    if fault is not None:
                        name = f"Receipt {receipt.receipt_id} ({receipt.provider} {receipt.external_id})"
                        self._findings.add("receipts", f"{name} {fault}.")
            after = receipts[-1][0].receipt_id
        last = PayoutId("")
        while payouts := await self._evidence.payouts(last, self._page):
            for payout, moves in payouts:
                if (fault := payout_fault(payout, moves)) is not None:
                    self._findings.add("payouts", f"Payout {payout.payout_id} of {payout.account_id} {fault}.")
            last = payouts[-1][0].payout_id
        claimed_to = GiveBackId("")
        while claimed := await self._evidence.claimed(claimed_to, self._page):
            for offer, transfer in claimed:
                if (fault := give_back_fault(offer, transfer)) is not None:
                    self._findings.add("give-backs", f"Give-back {offer.give_back_id} of {offer.vendor_id} {fault}.")
            claimed_to = claimed[-1][0].give_back_id


def receipt_fault(receipt: Receipt, moves: Sequence[Transfer]) -> str | None:
    """Return what is wrong with a receipt, given all transfers of its money; None if nothing is."""
    received = next((move for move in moves if move.transfer_id == receipt.transfer_id), None)
    if received is None:
        return f"names the transfer {receipt.transfer_id}, which does not exist, or is not of its money"
    brought = (received.kind, received.debit, received.amount)
    if brought != (TransferKind.TOP_UP, provider_account(receipt.provider), receipt.amount):
        return f"over {receipt.amount} names the transfer {receipt.transfer_id}, a {received.kind} of {received.amount}"
    held = sum(move.amount * ((move.credit == HELD) - (move.debit == HELD)) for move in moves)
    if held != receipt.held:
        return f"says that {receipt.held} of it is held, but its transfers leave {held} there"
    if (receipt.held == 0) != (receipt.held_reason is None):
        return f"has {receipt.held} held for the reason {receipt.held_reason}"
    if receipt.user_id is not None and all(move.credit != user_account(receipt.user_id) for move in moves):
        return f"belongs to {receipt.user_id}, who did not get the money"
    return None


def claims_fault(receipt: Receipt, moves: Sequence[Transfer], claims: Sequence[Claim]) -> str | None:
    """Return what is wrong with what went back of a payment; None if nothing is."""
    account, adjusted = provider_account(receipt.provider), TransferKind.ADJUSTMENT
    signs = ((move, (move.credit == account) - (move.debit == account)) for move in moves if move.kind is adjusted)
    back = sum(move.amount * sign for move, sign in signs)
    claimed = sum(claim.taken + claim.lost for claim in claims if claim.status is ClaimStatus.TAKEN)
    if back != receipt.returned + claimed:
        said = f"{receipt.returned} of it was given back, and {claimed} claimed"
        return f"says that {said}, but its transfers give back {back}"
    return None


def give_back_fault(offer: GiveBackOffer, transfer: Transfer | None) -> str | None:
    """Return what is wrong with a give-back that was claimed, given its transfer; None if nothing is."""
    if (total := sum(line.deposit * line.quantity for line in offer.lines)) != offer.total:
        return f"has the total {offer.total}, but its lines sum to {total}"
    if transfer is None or offer.claimed_by is None:
        return f"over {offer.total} was claimed by {offer.claimed_by}, and no transfer did it"
    way = (transfer.kind, transfer.debit, transfer.credit, transfer.amount)
    if way != (TransferKind.DEPOSIT, DEPOSITS, user_account(offer.claimed_by), offer.total):
        return f"over {offer.total} was claimed by {offer.claimed_by}, but {transfer.amount} went to {transfer.credit}"
    return None


def payout_fault(payout: Payout, moves: Sequence[Transfer]) -> str | None:
    """Return what is wrong with a payout, given the transfers out of its account and back; None if nothing is."""
    account_id, asked_id = payout.account_id, payout_transfer(payout.payout_id)
    asked = next((move for move in moves if move.transfer_id == asked_id), None)
    out = None if asked is None else (asked.seq, asked.kind, asked.debit, asked.credit, asked.amount)
    place = PAYOUTS if payout.drawer_id is None else drawer_account(payout.drawer_id)
    if out != (payout.seq, TransferKind.PAYOUT, account_id, place, payout.amount):
        return f"over {payout.amount} says that transfer {payout.seq} took it out of the account, which is not so"
    returned = [move for move in moves if move.reverses == asked_id]
    froms = {move.debit for move in returned} - {place}  # cash may be given back out of another drawer, or the safe
    ways = {(move.kind, move.credit) for move in returned} - {(TransferKind.PAYOUT, account_id)}
    if ways or not all(payout.drawer_id is not None and is_cash(account) for account in froms):
        return f"over {payout.amount} did not go back as it came"
    expected = payout.amount if payout.status is PayoutStatus.REJECTED else payout.reversed
    if (back := sum(move.amount for move in returned)) != expected:
        return f"is {payout.status}, and {expected} of it should be in the account again, but {back} is"
    return _payout_fee_fault(payout, moves)


def _payout_fee_fault(payout: Payout, moves: Sequence[Transfer]) -> str | None:
    """Return what is wrong with the fee of a payout; None if nothing is."""
    account_id, fee_id = payout.account_id, payout_fee_transfer(payout.payout_id)
    found = {
        (move.kind, move.debit, move.credit, move.amount, move.reverses)
        for move in moves
        if fee_id in (move.transfer_id, move.reverses)
    }
    taken = (TransferKind.FEE, account_id, FEES, payout.fee, None)
    returned = (TransferKind.FEE, FEES, account_id, payout.fee, fee_id)
    moved = {taken, returned} if payout.status is PayoutStatus.REJECTED else {taken}
    if found == (moved if payout.fee else set()):
        return None
    return f"is {payout.status}, and its fee of {payout.fee} did not move so"
