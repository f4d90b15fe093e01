"""Payouts and runs as JSON. An IBAN is shown whole only to those who pay."""

from typing import Literal

from msgspec import UNSET, UnsetType

from festival_push.domain.payouts.ibans import masked
from festival_push.domain.payouts.rows import PayoutRunStatus
from festival_push.domain.rows import Payout
from festival_push.domain.values import (
    AccountKind,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    UserId,
    VendorId,
    rfc3339,
    till_owner,
    wallet_owner,
)
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import left_out


class PayoutView(View, frozen=True, kw_only=True):
    """A payout. `ownerId` is the person whose wallet, or the stall whose till it came from."""

    payout_id: PayoutId
    user_id: UserId
    name: str
    owner_id: str
    account: AccountKind
    vendor_id: VendorId | UnsetType = UNSET  # whose till
    amount: int
    fee: int | UnsetType = UNSET  # beside the amount; back where the payout was not made; left out: none
    status: PayoutStatus
    withdrawn: bool | UnsetType = UNSET  # rejected, by the person who asked; left out: not
    note: str | None
    iban: str | UnsetType = UNSET  # whole for organisers, masked for all others
    account_holder: str | UnsetType = UNSET
    run_id: PayoutRunId | UnsetType = UNSET  # with which it is paid
    reason: str | None
    created_at: str
    updated_at: str
    reversed: int | UnsetType = UNSET  # of the amount, back in the account by a reversal; left out: nothing
    at_desk: bool | UnsetType = UNSET  # true: it was paid in cash at the desk


class RunView(View, frozen=True, kw_only=True):
    """A payout run; `total` is in minor units."""

    run_id: PayoutRunId
    status: PayoutRunStatus
    account: Literal["wallet", "till"] | UnsetType = UNSET  # whose payouts it gathered; left out: all
    count: int
    total: int
    currency: str
    currency_digits: int
    execution_date: str  # `2026-07-06`
    created_by: UserId
    created_at: str
    settled_by: UserId | UnsetType = UNSET  # who has sent or undone it
    settled_at: str | UnsetType = UNSET


def payout_view(payout: Payout, *, pays: bool) -> PayoutView:
    """Return a payout's view.

    Args:
        pays: Whether it is for somebody who pays it.
    """
    vendor_id, iban = till_owner(payout.account_id), payout.iban
    return PayoutView(
        payout_id=payout.payout_id,
        user_id=payout.user_id,
        name=payout.name,
        owner_id=vendor_id or wallet_owner(payout.account_id) or "",
        account=AccountKind.WALLET if vendor_id is None else AccountKind.TILL,
        vendor_id=left_out(vendor_id),
        amount=payout.amount,
        fee=payout.fee or UNSET,
        status=payout.status,
        withdrawn=payout.withdrawn or UNSET,
        note=payout.note,
        iban=UNSET if iban is None else iban if pays else masked(iban),
        account_holder=left_out(payout.account_holder),
        run_id=left_out(payout.run_id),
        reason=payout.reason,
        created_at=rfc3339(payout.created_at),
        updated_at=rfc3339(payout.updated_at),
        reversed=payout.reversed or UNSET,
        at_desk=payout.drawer_id is not None or UNSET,
    )


def whole(payout: Payout) -> PayoutView:
    """Return a payout's view for those who pay."""
    return payout_view(payout, pays=True)


def own(payout: Payout) -> PayoutView:
    """Return a payout's view for all others."""
    return payout_view(payout, pays=False)
