"""Held money: an organiser gives it to its owner, wholly or in part, or back to whoever paid it."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.money.funds import TopUpReply, credit
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import AlreadyAssigned, BalanceLimit, MoreThanHeld, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Receipt, Transfer
from festival_push.domain.topics import user_topic
from festival_push.domain.values import (
    HELD,
    Instant,
    ReceiptId,
    TransferId,
    TransferKind,
    UserId,
    provider_account,
)


class GiveBackReply(msgspec.Struct, frozen=True, kw_only=True):
    """Held money that was given back, and what is still held of its payment, in minor units."""

    transfer_id: TransferId
    funds_id: ReceiptId
    amount: int
    held: int


class AssignFunds(msgspec.Struct, frozen=True, kw_only=True):
    """Assign held money to its owner, whom the organiser has found out."""

    REFUSES: ClassVar[Refusals] = (AlreadyAssigned, MoreThanHeld, BalanceLimit)

    actor_id: UserId
    funds_id: ReceiptId
    user_id: UserId
    amount: int | None = None  # minor units; None: all that is held
    transfer_id: TransferId | None = None  # None: made from the payment's, which goes once

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id), receipts=(self.funds_id,))

    def decide(self, book: Book, now: Instant) -> Decision[TopUpReply]:
        """Move the money from `held` to the owner's wallet.

        Raises NotFound, AlreadyAssigned if nothing is held any more, MoreThanHeld, BalanceLimit.
        """
        book.organiser(self.actor_id, Act.ASSIGN_FUNDS)
        receipt, amount = _share(book, self.funds_id, self.amount)
        draft = Draft(book, now, user=self.actor_id)
        left = released(receipt, amount)
        draft.put(msgspec.structs.replace(left, user_id=None if left.held else self.user_id))
        return credit(
            draft, self.user_id, amount, debit=HELD,
            transfer_id=self.transfer_id or TransferId(f"{receipt.transfer_id}-assigned"), method=receipt.provider,
            note=receipt.provider, act=DeedKind.ASSIGN, receipt_id=receipt.receipt_id,
        )  # fmt: skip


class GiveBack(msgspec.Struct, frozen=True, kw_only=True):
    """Give held money back to whoever paid it: the organiser pays it back at the provider, and records that here."""

    REFUSES: ClassVar[Refusals] = (AlreadyAssigned, MoreThanHeld)

    actor_id: UserId
    funds_id: ReceiptId
    amount: int | None  # minor units; None: all that is held
    reason: str
    transfer_id: TransferId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), receipts=(self.funds_id,), moved_by=(self.funds_id,))

    def decide(self, book: Book, now: Instant) -> Decision[GiveBackReply]:
        """Move the money from `held` to the provider's account.

        Raises NotFound, AlreadyAssigned if nothing is held any more, MoreThanHeld.
        """
        book.organiser(self.actor_id, Act.GIVE_BACK_FUNDS)
        receipt, amount = _share(book, self.funds_id, self.amount)
        draft = Draft(book, now, user=self.actor_id)
        left, transfer = hand_back(draft, receipt, amount, transfer_id=self.transfer_id, reason=self.reason)
        after: State = {"held": left.held, "amount": amount, "reason": self.reason, "transactionId": self.transfer_id}
        draft.deed(DeedKind.GIVE_BACK, "funds", self.funds_id, before={"held": receipt.held}, after=after)
        reply = GiveBackReply(
            transfer_id=transfer.transfer_id, funds_id=self.funds_id, amount=amount, held=left.held
        )  # fmt: skip
        return draft.decision(reply)


def hand_back(
    draft: Draft, receipt: Receipt, amount: int, *, transfer_id: TransferId, reason: str
) -> tuple[Receipt, Transfer]:
    """Move held money back to its provider, tell of it whoever it was meant for, and return the receipt after that."""
    left = released(receipt, amount)
    left = msgspec.structs.replace(left, returned=receipt.returned + amount)
    draft.put(left)
    transfer = draft.transfer(
        TransferKind.ADJUSTMENT, amount, debit=HELD, credit=provider_account(receipt.provider),
        transfer_id=transfer_id, note=reason, receipt_id=receipt.receipt_id,
        reverses=brought_by(draft.book, receipt, amount),
    )  # fmt: skip
    draft.tell_admins(transfer, user_id=receipt.wanted_user_id)
    if receipt.wanted_user_id is not None and receipt.held_reason == "balance-limit":  # else nobody knows whose it is
        draft.notify(user_topic(receipt.wanted_user_id), "money-returned", amount=amount, reason=reason)
    return left, transfer


def released(receipt: Receipt, amount: int) -> Receipt:
    """Return a receipt of which that much less is held."""
    held = receipt.held - amount
    return msgspec.structs.replace(receipt, held=held, held_reason=receipt.held_reason if held else None)


def brought_by(book: Book, receipt: Receipt, amount: int) -> TransferId | None:
    """Return the transfer that has brought that much of a payment into `held`, which its reversal names.

    None if the payment went to a wallet and came back from it, or if less of that transfer is left: the provider has
    taken some of it back since, and given it back by another.
    """
    transfer = book.transfers.get(receipt.transfer_id)
    if transfer is None or transfer.credit != HELD:
        return None
    return receipt.transfer_id if amount <= transfer.amount - book.reversed[transfer.transfer_id] else None


def _share(book: Book, funds_id: ReceiptId, amount: int | None) -> tuple[Receipt, int]:
    if (receipt := book.receipts.get(funds_id)) is None:
        raise NotFound(what="funds")
    if not receipt.held:
        raise AlreadyAssigned
    if amount is not None and amount > receipt.held:
        raise MoreThanHeld(held=receipt.held)
    return receipt, receipt.held if amount is None else amount
