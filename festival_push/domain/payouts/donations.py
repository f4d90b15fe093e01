"""Donations: guests give what is left in their wallets to the festival, or to whom it collects for."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.refusals import WalletFrozen
from festival_push.domain.payouts.refusals import NoDonations
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import InsufficientFunds, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import DONATIONS, Instant, TransferId, TransferKind, UserId, user_account


class DonationReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was given, and what the wallet still holds, in minor units."""

    transfer_id: TransferId
    amount: int
    balance: int


class Donate(msgspec.Struct, frozen=True, kw_only=True):
    """Give money of one's own wallet to the festival."""

    REFUSES: ClassVar[Refusals] = (InsufficientFunds, NoDonations, WalletFrozen)

    actor_id: UserId
    amount: int | None  # minor units; None: all of it
    transfer_id: TransferId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[DonationReply]:
        """Move the money to `donations`. Raises Suspended, WalletFrozen, NoDonations, InsufficientFunds."""
        actor = book.spender(self.actor_id)
        require(actor, Act.PAY_OUT_WALLET, user_id=actor.user_id)
        if not book.rules.donations:
            raise NoDonations
        draft = Draft(book, now, user=self.actor_id)
        balance = draft.balance(user_account(actor.user_id))
        amount = balance if self.amount is None else self.amount
        if not 0 < amount <= balance:
            raise InsufficientFunds(balance=balance, total=max(amount, 1))
        give(draft, actor.user_id, amount, self.transfer_id)
        reply = DonationReply(transfer_id=self.transfer_id, amount=amount, balance=balance - amount)
        return draft.decision(reply)


def give(draft: Draft, user_id: UserId, amount: int, transfer_id: TransferId) -> None:
    """Move money of a wallet to `donations`, and tell its owner and the office."""
    wallet = user_account(user_id)
    given = draft.transfer(TransferKind.DONATION, amount, debit=wallet, credit=DONATIONS, transfer_id=transfer_id)
    draft.tell_balance(wallet, given)
    draft.tell_admins(given, user_id=user_id)
