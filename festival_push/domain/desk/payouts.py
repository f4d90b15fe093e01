"""Payouts in cash at the desk: also for guests who are suspended, whose wallet is frozen, or who have no phone."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.ledger import payout_transfer
from festival_push.domain.money.at_desk import count_payout, require_cash
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.refusals import DailyLimit, DrawerShort, NoDrawer
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import InsufficientFunds, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Payout, Transfer, User
from festival_push.domain.topics import user_topic
from festival_push.domain.values import (
    DrawerId,
    Instant,
    PayoutId,
    PayoutStatus,
    TransferId,
    TransferKind,
    UserId,
    drawer_account,
    user_account,
)


class DeskPayoutReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid out, and what the wallet has left, in minor units."""

    user_id: UserId
    payout_id: PayoutId
    transfer_id: TransferId
    drawer_id: DrawerId
    amount: int
    balance: int


class PayOutAtDesk(msgspec.Struct, frozen=True, kw_only=True):
    """Pay money of a guest's wallet out in cash, from the drawer that the caller has open."""

    REFUSES: ClassVar[Refusals] = (DailyLimit, DrawerShort, InsufficientFunds, NoDrawer, NotFound)

    actor_id: UserId
    user_id: UserId
    payout_id: PayoutId
    amount: int | None  # minor units; None: all that the wallet holds
    reason: str | None

    def needs(self) -> Needs:
        people = (self.actor_id, self.user_id)
        return Needs(users=people, drawers_of=(self.actor_id,), desk_sums=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[DeskPayoutReply]:
        """Pay it. Raises Forbidden, NotFound, NoDrawer, InsufficientFunds, DrawerShort, DailyLimit."""
        book.organiser(self.actor_id, Act.PAY_OUT_AT_DESK)
        guest = book.user(self.user_id)
        if (drawer := book.open_drawer(self.actor_id)) is None:
            raise NoDrawer
        draft = Draft(book, now, user=self.actor_id)
        wallet = user_account(self.user_id)
        balance = draft.balance(wallet)
        amount = balance if self.amount is None else self.amount
        if not 0 < amount <= balance:
            raise InsufficientFunds(balance=balance, total=max(amount, 1))
        require_cash(draft, drawer, amount)
        count_payout(draft, self.actor_id, amount)
        transfer = draft.transfer(
            TransferKind.PAYOUT, amount, debit=wallet, credit=drawer_account(drawer.drawer_id),
            transfer_id=payout_transfer(self.payout_id), note=self.reason,
        )  # fmt: skip
        draft.new(self._row(guest, transfer, drawer.drawer_id))
        draft.tell_balance(wallet, transfer)
        draft.tell_admins(transfer, user_id=self.user_id)
        draft.notify(user_topic(self.user_id), "paid-at-desk", amount=amount)
        after: State = {
            "amount": amount, "balance": transfer.debit_balance, "drawerId": drawer.drawer_id,
            "payoutId": self.payout_id, "transactionId": transfer.transfer_id, "reason": self.reason,
        }  # fmt: skip
        draft.deed(DeedKind.PAY_OUT, "user", self.user_id, before={"balance": balance}, after=after)
        reply = DeskPayoutReply(
            user_id=self.user_id, payout_id=self.payout_id, transfer_id=transfer.transfer_id,
            drawer_id=drawer.drawer_id, amount=amount, balance=transfer.debit_balance,
        )  # fmt: skip
        return draft.decision(reply)

    def _row(self, guest: User, transfer: Transfer, drawer_id: DrawerId) -> Payout:
        """Return the payout as its guest finds it among the others: it is paid already."""
        return Payout(
            payout_id=self.payout_id,
            seq=transfer.seq,
            user_id=guest.user_id,
            name=guest.name,
            account_id=transfer.debit,
            amount=transfer.amount,
            status=PayoutStatus.COMPLETED,
            note=self.reason,
            reason=None,
            created_at=transfer.at,
            updated_at=transfer.at,
            drawer_id=drawer_id,
        )
