"""Reversals: any movement of money is taken back, wholly or in part, by a new one that names it."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft, topic_of
from festival_push.domain.ledger import asked_payout
from festival_push.domain.money.at_desk import (
    account_of_cash,
    booked_in,
    cash_place,
    count_back,
    is_booking,
    is_desk_payout,
    require_cash,
)
from festival_push.domain.money.held import hand_back
from festival_push.domain.money.payout_fees import return_fee
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.refusals import DrawerClosed, DrawerShort, ReversalLate
from festival_push.domain.orders.refunds import Back, refund
from festival_push.domain.orders.rows import Order
from festival_push.domain.payouts.refusals import PayoutInRun
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import (
    AlreadyReversed,
    Forbidden,
    InsufficientFunds,
    NotFound,
    NotReversible,
    Refusals,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    DONATIONS,
    HELD,
    LOSSES,
    PAYOUTS,
    AccountId,
    Instant,
    PayoutStatus,
    TransferId,
    TransferKind,
    UserId,
    account_kind,
    desk_method_of,
    drawer_of,
    till_owner,
    user_actor,
    wallet_owner,
)

TAKEN_BACK = "taken-back"
"""Why money is held that was in a wallet."""
OWN_BOOKING_MS: Final = 10 * 60 * 1000
"""How long a cashier may take their own booking at the desk back."""


class ReversalReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back, in minor units."""

    transfer_id: TransferId
    reverses: TransferId
    amount: int  # the loss included
    loss: int  # of it had been spent already
    balance: int | None  # of the wallet or the till that it concerns; None: of none


class ReverseTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """Take a transfer back: a top-up, an assignment, a payout, a donation, a purchase or a tip."""

    REFUSES: ClassVar[Refusals] = (
        AlreadyReversed, DrawerClosed, DrawerShort, InsufficientFunds, NotReversible, PayoutInRun, ReversalLate
    )  # fmt: skip

    actor_id: UserId
    transfer_id: TransferId  # the one to take back
    amount: int | None  # minor units; None: all that was not taken back yet
    reason: str
    accept_loss: bool = False  # the festival pays what the wallet no longer holds
    reversal_id: TransferId

    def needs(self) -> Needs:
        return Needs(
            users=(self.actor_id,), transfers=(self.transfer_id,), drawers_of=(self.actor_id,), sold_items=(1,)
        )

    def decide(self, book: Book, now: Instant) -> Decision[ReversalReply]:
        """Move the money back the way it came.

        Raises NotFound, NotReversible, AlreadyReversed if less is left than is asked for, InsufficientFunds if the
        wallet has spent it and the loss is not accepted, DrawerShort if a drawer has too little cash to give back; and
        what `_require_own` raises for a cashier.
        """
        person = book.organiser(self.actor_id, Act.REVERSE_OWN_BOOKING)
        if (target := book.transfers.get(self.transfer_id)) is None:
            raise NotFound(what="transfer")
        if not may(person, Act.REVERSE_TRANSFER):
            self._require_own(book, target, now)
        draft = Draft(book, now, user=self.actor_id)
        order = _order_of(book, target)
        before = _taken_back(book, target, order)
        left = min(target.amount - before, _left_of_payment(book, target))
        amount = left if self.amount is None else self.amount
        if target.reverses is not None:
            raise NotReversible
        if not 0 < amount <= left:
            raise AlreadyReversed(reversible=left)
        reply = self._move(draft, target, order, amount)
        after: State = {
            "reversed": before + amount, "amount": amount, "loss": reply.loss, "reason": self.reason,
            "kind": target.kind.value, "transactionId": reply.transfer_id,
        }  # fmt: skip
        draft.deed(DeedKind.REVERSE, "transfer", self.transfer_id, before={"reversed": before}, after=after)
        return draft.decision(reply)

    def _require_own(self, book: Book, target: Transfer, now: Instant) -> None:
        """Refuse a cashier all but their own bookings at the desk, which they may take back for a short while.

        Raises NotFound, Forbidden if the festival should pay for it, ReversalLate, DrawerClosed.
        """
        if not (is_booking(target) and target.actor == user_actor(self.actor_id)):
            raise NotFound(what="transfer")
        if self.accept_loss:
            raise Forbidden
        if now - target.at > OWN_BOOKING_MS:
            raise ReversalLate
        if (drawer_id := booked_in(target)) is not None and not book.drawer(drawer_id).is_open:
            raise DrawerClosed

    def _move(self, draft: Draft, target: Transfer, order: Order | None, amount: int) -> ReversalReply:
        if target.kind is TransferKind.TOP_UP and target.credit == HELD:
            assert target.receipt_id is not None, target.transfer_id
            receipt = draft.book.receipts[target.receipt_id]
            if amount > receipt.held:  # the rest is in somebody's wallet: their assignment is to be taken back first
                raise AlreadyReversed(reversible=receipt.held)
            hand_back(draft, receipt, amount, transfer_id=self.reversal_id, reason=self.reason)
            return self._reply(amount)
        if target.kind is TransferKind.TOP_UP:
            return self._take(draft, target, amount)
        if target.kind is TransferKind.PAYOUT and (target.credit == PAYOUTS or is_desk_payout(target)):
            return self._return_payout(draft, target, amount)
        is_moved = target.kind is TransferKind.ADJUSTMENT and None not in map(
            wallet_owner, (target.debit, target.credit)
        )
        if is_moved or target.kind is TransferKind.DONATION:
            put_back = self._return_moved if is_moved else self._return_donation
            return put_back(draft, target, amount)
        if order is not None and target.kind is TransferKind.PURCHASE:
            self._refund(draft, order, Back(amount=amount))
            return self._reply(amount, balance=draft.balance(target.debit))
        if order is not None and target.kind is TransferKind.TIP and amount == order.tip:
            self._refund(draft, order, Back(amount=0, tip=amount))
            return self._reply(amount, balance=draft.balance(target.debit))
        raise NotReversible

    def _refund(self, draft: Draft, order: Order, back: Back) -> None:
        refund(draft, order, back, transfer_id=self.reversal_id, reason=self.reason, reverses=self.transfer_id)

    def _take(self, draft: Draft, target: Transfer, amount: int) -> ReversalReply:
        """Take a top-up out of its wallet: desk money goes back to the desk, a provider's is held again."""
        if is_booking(target):
            count_back(draft, target, amount)
        wallet, holds = target.credit, draft.balance(target.credit)
        if holds < amount and not self.accept_loss:
            raise InsufficientFunds(balance=holds, total=amount)
        place = self._place(draft, target, amount)
        there = min(max(holds, 0), amount)
        for source, part, name in (
            (wallet, there, self.reversal_id),
            (LOSSES, amount - there, TransferId(f"{self.reversal_id}-loss") if there else self.reversal_id),
        ):
            if part:
                self._back(draft, target, part, source=source, place=place, transfer_id=name)
        if place == HELD and target.receipt_id is not None:
            receipt = draft.book.receipts[target.receipt_id]
            held = receipt.held + amount
            draft.put(msgspec.structs.replace(receipt, held=held, user_id=None, held_reason=TAKEN_BACK))
        if there:
            draft.notify(topic_of(wallet), "taken-back", amount=there, reason=self.reason)
        return self._reply(amount, loss=amount - there, balance=draft.balance(wallet))

    def _place(self, draft: Draft, target: Transfer, amount: int) -> AccountId:
        """Return the account to which a top-up's money goes back. Raises DrawerShort if it is a drawer with less."""
        if (drawer_id := drawer_of(target.debit)) is None:
            return HELD if desk_method_of(target.debit) is None else target.debit
        drawer = cash_place(draft.book, drawer_id, self.actor_id)
        if drawer is not None:
            require_cash(draft, drawer, amount)
        return account_of_cash(drawer)

    def _return_payout(self, draft: Draft, target: Transfer, amount: int) -> ReversalReply:
        """Put a payout back into its account. One that was not paid yet, and is back as a whole, is rejected."""
        payout_id = asked_payout(target)
        assert payout_id is not None
        payout = draft.book.payouts[payout_id]
        if payout.in_open_run:
            assert payout.run_id is not None
            raise PayoutInRun(run_id=payout.run_id)
        payout = msgspec.structs.replace(payout, reversed=payout.reversed + amount, updated_at=draft.now)
        if payout.status is PayoutStatus.REQUESTED and payout.reversed == payout.amount:
            payout = msgspec.structs.replace(payout, status=PayoutStatus.REJECTED, reason=self.reason)
            return_fee(draft, payout, self.reason)
        draft.put(payout)
        account, source = target.debit, PAYOUTS
        if (drawer_id := drawer_of(target.credit)) is not None:
            count_back(draft, target, amount)
            source = account_of_cash(cash_place(draft.book, drawer_id, self.actor_id))
        self._back(draft, target, amount, source=source, place=account, transfer_id=self.reversal_id)
        draft.notify(topic_of(account), "payout-returned", amount=amount, reason=self.reason)
        return self._reply(amount, balance=draft.balance(account))

    def _return_donation(self, draft: Draft, target: Transfer, amount: int) -> ReversalReply:
        """Put a donation back into its wallet: somebody gave more than they meant to."""
        wallet = target.debit
        self._back(draft, target, amount, source=DONATIONS, place=wallet, transfer_id=self.reversal_id)
        draft.notify(topic_of(wallet), "donation-returned", amount=amount, reason=self.reason)
        return self._reply(amount, balance=draft.balance(wallet))

    def _return_moved(self, draft: Draft, target: Transfer, amount: int) -> ReversalReply:
        """Put back what the desk has moved to another person's wallet. The old one stays as it is: frozen, mostly."""
        wallet = target.credit
        if (holds := draft.balance(wallet)) < amount:
            raise InsufficientFunds(balance=holds, total=amount)
        self._back(draft, target, amount, source=wallet, place=target.debit, transfer_id=self.reversal_id)
        draft.notify(topic_of(wallet), "taken-back", amount=amount, reason=self.reason)
        draft.notify(topic_of(target.debit), "money-arrived", amount=amount)
        return self._reply(amount, balance=draft.balance(wallet))

    def _back(
        self, draft: Draft, target: Transfer, amount: int, *, source: AccountId, place: AccountId,
        transfer_id: TransferId,
    ) -> None:  # fmt: skip
        own_kind = target.kind in (TransferKind.PAYOUT, TransferKind.DONATION)
        kind = target.kind if own_kind else TransferKind.ADJUSTMENT
        transfer = draft.transfer(
            kind, amount, debit=source, credit=place, transfer_id=transfer_id, note=self.reason,
            receipt_id=target.receipt_id, reverses=target.transfer_id,
        )  # fmt: skip
        for side in (source, place):
            if account_kind(side) is not None:
                draft.tell_balance(side, transfer)
        owner = next((side for side in (target.credit, target.debit) if account_kind(side) is not None), None)
        draft.tell_admins(transfer, user_id=None if owner is None else till_owner(owner) or wallet_owner(owner))

    def _reply(self, amount: int, *, loss: int = 0, balance: int | None = None) -> ReversalReply:
        return ReversalReply(
            transfer_id=self.reversal_id, reverses=self.transfer_id, amount=amount, loss=loss, balance=balance
        )


def _order_of(book: Book, target: Transfer) -> Order | None:
    return None if target.order_id is None else book.orders.get(target.order_id)


def _taken_back(book: Book, target: Transfer, order: Order | None) -> int:
    """Return how much of a transfer was taken back, in minor units; an order counts all its refunds."""
    if order is not None and target.kind is TransferKind.PURCHASE:
        return order.refunded
    if order is not None and target.kind is TransferKind.TIP:
        return order.tip_refunded
    return book.reversed[target.transfer_id]


def _left_of_payment(book: Book, target: Transfer) -> int:
    """Return how much of a provider's payment can be held again: not what the provider has had back, from losses too.

    Of all other transfers that is no bound.
    """
    if target.receipt_id is None or wallet_owner(target.credit) is None:
        return target.amount
    receipt = book.receipts[target.receipt_id]
    claims = (claim for claim in book.claims.values() if claim.receipt_id == receipt.receipt_id)
    gone = receipt.returned + sum(claim.taken + claim.lost for claim in claims)
    return max(receipt.amount - receipt.held - gone, 0)
