"""What holds for all money that moves at the desk: whose cash it is, how much of it there is, and each day's sums."""

from typing import Final

import msgspec

from festival_push.domain.book import Book
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.draft import Draft
from festival_push.domain.office.refusals import DailyLimit, DrawerShort
from festival_push.domain.office.rows import DeskSum
from festival_push.domain.reports.days import business_day
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    SAFE,
    AccountId,
    DrawerId,
    TransferKind,
    UserId,
    actor_user,
    desk_method_of,
    drawer_account,
    drawer_of,
)

CASH: Final = "cash"
"""The method of the desk whose money lies in drawers."""


def cash_in(draft: Draft, drawer: Drawer) -> int:
    """Return how much cash should be in a drawer, in minor units."""
    return -draft.balance(drawer_account(drawer.drawer_id))


def require_cash(draft: Draft, drawer: Drawer, amount: int) -> None:
    """Refuse to take more out of a drawer than there is. Raises DrawerShort."""
    if amount > (cash := cash_in(draft, drawer)):
        raise DrawerShort(cash=cash)


def is_desk_payout(transfer: Transfer) -> bool:
    """Return whether a transfer paid somebody out in cash at the desk."""
    return transfer.kind is TransferKind.PAYOUT and drawer_of(transfer.credit) is not None


def is_booking(transfer: Transfer) -> bool:
    """Return whether a transfer is a top-up or a payout that somebody booked at the desk."""
    is_taken = desk_method_of(transfer.debit) is not None or drawer_of(transfer.debit) is not None
    return is_desk_payout(transfer) or (transfer.kind is TransferKind.TOP_UP and is_taken)


def booked_in(transfer: Transfer) -> DrawerId | None:
    """Return in which drawer the cash of a booking was; None: in none."""
    return drawer_of(transfer.debit) or drawer_of(transfer.credit)


def cash_place(book: Book, drawer_id: DrawerId, actor_id: UserId) -> Drawer | None:
    """Return the drawer through which a booking of `drawer_id` is taken back; None: it is cash of the safe.

    It is the same drawer while that is open, and after that the one of whoever takes it back.
    """
    drawer = book.drawer(drawer_id)
    return drawer if drawer.is_open else book.open_drawer(actor_id)


def account_of_cash(drawer: Drawer | None) -> AccountId:
    """Return the account of a drawer's cash, or of the safe's."""
    return SAFE if drawer is None else drawer_account(drawer.drawer_id)


def count_top_up(draft: Draft, actor_id: UserId, amount: int) -> None:
    """Add a top-up to the day's sum of whoever took the money. Raises DailyLimit."""
    known, most = _today(draft, actor_id), draft.book.rules.cashier_daily_max
    if most and known.amount + amount > most:
        raise DailyLimit(left=max(most - known.amount, 0), daily_max=most)
    draft.put(msgspec.structs.replace(known, amount=known.amount + amount))


def count_payout(draft: Draft, actor_id: UserId, amount: int) -> None:
    """Add a payout to the day's sum of whoever paid it. Raises DailyLimit."""
    known, most = _today(draft, actor_id), draft.book.rules.cashier_payout_daily_max
    if most and known.paid_out + amount > most:
        raise DailyLimit(left=max(most - known.paid_out, 0), daily_max=most)
    draft.put(msgspec.structs.replace(known, paid_out=known.paid_out + amount))


def count_back(draft: Draft, booking: Transfer, amount: int) -> None:
    """Take what is taken back of a booking out of the sum of its day, if that is still kept."""
    actor_id = actor_user(booking.actor)
    known = None if actor_id is None else draft.book.desk_sums.get(actor_id)
    if known is None or known.day != business_day(booking.at, draft.book.rules):
        return
    if booking.kind is TransferKind.PAYOUT:
        draft.put(msgspec.structs.replace(known, paid_out=max(known.paid_out - amount, 0)))
    else:
        draft.put(msgspec.structs.replace(known, amount=max(known.amount - amount, 0)))


def _today(draft: Draft, actor_id: UserId) -> DeskSum:
    day = business_day(draft.now, draft.book.rules)
    known = draft.book.desk_sums.get(actor_id)
    return known if known is not None and known.day == day else DeskSum(user_id=actor_id, day=day, amount=0)
