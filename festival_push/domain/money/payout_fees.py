"""The fee of a payout: taken when the payout is asked for, and given back if it is not made."""

from festival_push.domain.draft import Draft
from festival_push.domain.ledger import payout_fee_transfer
from festival_push.domain.rows import Payout
from festival_push.domain.values import FEES, AccountId, PayoutId, TransferId, TransferKind, till_owner, wallet_owner


def take_fee(draft: Draft, payout_id: PayoutId, account_id: AccountId, fee: int) -> None:
    """Take the fee of a new payout out of its account; nothing if there is none."""
    if not fee:
        return
    taken = draft.transfer(
        TransferKind.FEE, fee, debit=account_id, credit=FEES, transfer_id=payout_fee_transfer(payout_id)
    )
    draft.tell_balance(account_id, taken)
    draft.tell_admins(taken, user_id=till_owner(account_id) or wallet_owner(account_id))


def return_fee(draft: Draft, payout: Payout, reason: str | None) -> None:
    """Give the fee of a payout that is not made back to its account."""
    if not payout.fee:
        return
    taken, account_id = payout_fee_transfer(payout.payout_id), payout.account_id
    returned = draft.transfer(
        TransferKind.FEE, payout.fee, debit=FEES, credit=account_id, transfer_id=TransferId(f"{taken}-back"),
        note=reason, reverses=taken,
    )  # fmt: skip
    draft.tell_balance(account_id, returned)
    draft.tell_admins(returned, user_id=till_owner(account_id) or wallet_owner(account_id))
