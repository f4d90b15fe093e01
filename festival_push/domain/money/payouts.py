"""Payouts: leftover money leaves a wallet when its owner asks for it, and returns if the payout is rejected."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.deeds import DeedKind
from festival_push.domain.draft import Draft
from festival_push.domain.events import NotificationType
from festival_push.domain.refusals import InsufficientFunds, NotFound, PayoutSettled, Refusals, TooManyPayouts
from festival_push.domain.rows import Payout
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    PAYOUTS,
    Instant,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    TransferKind,
    UserId,
    user_account,
)

PAYOUTS_MAX: Final = 10
"""How many payouts of one person may wait to be settled: organisers are told of each, and have to look at it."""


class PayoutReply(msgspec.Struct, frozen=True, kw_only=True):
    """A payout, and the balance of the wallet that it came from, in minor units."""

    payout: Payout
    balance: int


class RequestPayout(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for leftover money to be paid out; a stall keeper asks for money of the stall's till."""

    REFUSES: ClassVar[Refusals] = (InsufficientFunds, TooManyPayouts)

    actor_id: UserId
    payout_id: PayoutId
    amount: int | None  # minor units; None: the whole balance
    note: str | None

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payout_counts=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[PayoutReply]:
        """Take the money out of the wallet at once, so that it can't be spent meanwhile.

        Raises InsufficientFunds, TooManyPayouts.
        """
        actor = book.actor(self.actor_id, Role.CUSTOMER, Role.VENDOR)
        if book.payout_counts[actor.user_id] >= PAYOUTS_MAX:
            raise TooManyPayouts(payouts_max=PAYOUTS_MAX)
        owner_id = actor.account_owner
        draft = Draft(book, now, user=self.actor_id)
        balance = draft.balance(user_account(owner_id))
        amount = balance if self.amount is None else self.amount
        if not 0 < amount <= balance:
            raise InsufficientFunds(balance=balance, total=max(amount, 1))
        transfer = draft.transfer(
            TransferKind.PAYOUT, amount, debit=user_account(owner_id), credit=PAYOUTS,
            transfer_id=TransferId(f"{self.payout_id}-asked"), note=self.note,
        )  # fmt: skip
        payout = Payout(
            payout_id=self.payout_id,
            seq=transfer.seq,
            user_id=actor.user_id,
            name=actor.name,
            owner_id=owner_id,
            amount=amount,
            status=PayoutStatus.REQUESTED,
            note=self.note,
            reason=None,
            created_at=now,
            updated_at=now,
        )
        draft.put(payout)
        draft.tell_balance(owner_id, transfer)
        draft.tell_admins(transfer, user_id=owner_id)
        draft.notify(role_topic(Role.ADMIN), f"{actor.name} asks for a payout.", "info")
        return draft.decision(PayoutReply(payout=payout, balance=transfer.debit_balance))


class SettlePayout(msgspec.Struct, frozen=True, kw_only=True):
    """Record that the organiser has paid a payout, or has rejected it."""

    REFUSES: ClassVar[Refusals] = (PayoutSettled,)

    actor_id: UserId
    payout_id: PayoutId
    status: PayoutStatus  # completed or rejected
    reason: str | None  # why it was rejected

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payouts=(self.payout_id,))

    def decide(self, book: Book, now: Instant) -> Decision[PayoutReply]:
        """Settle the payout, once; a rejected one returns to the wallet. Raises NotFound, PayoutSettled."""
        assert self.status is not PayoutStatus.REQUESTED
        book.actor(self.actor_id, Role.ADMIN)
        if (payout := book.payouts.get(self.payout_id)) is None:
            raise NotFound(what="payout")
        draft = Draft(book, now, user=self.actor_id)
        if payout.status is not self.status:
            if payout.status is not PayoutStatus.REQUESTED:
                raise PayoutSettled(payout_status=payout.status)
            before = {"status": payout.status.value}
            payout = msgspec.structs.replace(payout, status=self.status, reason=self.reason, updated_at=now)
            draft.put(payout)
            act = DeedKind.COMPLETE_PAYOUT if self.status is PayoutStatus.COMPLETED else DeedKind.REJECT_PAYOUT
            after = {"status": payout.status.value, "amount": payout.amount, "userId": payout.user_id}
            draft.deed(act, "payout", payout.payout_id, before=before, after=after | _reason(self.reason))
            self._move(draft, payout)
        return draft.decision(PayoutReply(payout=payout, balance=draft.balance(user_account(payout.owner_id))))

    def _move(self, draft: Draft, payout: Payout) -> None:
        kind: NotificationType = "success"
        message = "Your payout is on its way."
        if self.status is PayoutStatus.REJECTED:
            kind = "warning"
            message = f"Your payout could not be made ({self.reason}); the money is back in your wallet."
            returned = draft.transfer(
                TransferKind.PAYOUT, payout.amount, debit=PAYOUTS, credit=user_account(payout.owner_id),
                transfer_id=TransferId(f"{payout.payout_id}-rejected"), note=self.reason,
            )  # fmt: skip
            draft.tell_balance(payout.owner_id, returned)
            draft.tell_admins(returned, user_id=payout.owner_id)
        draft.notify(user_topic(payout.user_id), message, kind)


def _reason(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason}
