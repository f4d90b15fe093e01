"""Allowances: money that the festival grants its crew (drink tickets).

It buys at stalls, before the wallet does, and is never paid out. What an order has used comes back to it by a refund.
"""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import BalanceLimit, InsufficientFunds, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import user_topic
from festival_push.domain.values import CREW, Instant, TransferId, TransferKind, UserId, allowance_account

PEOPLE_MAX: Final = 500
"""How many people may be granted the same at once."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """A person's allowance after it changed, and the transfer that changed it."""

    user_id: UserId
    allowance: int
    amount: int
    transfer_id: TransferId


class GrantAllowance(msgspec.Struct, frozen=True, kw_only=True):
    """Grant several people the same amount each, all or none."""

    REFUSES: ClassVar[Refusals] = (BalanceLimit, NotFound)

    actor_id: UserId
    user_ids: tuple[UserId, ...]  # 1..PEOPLE_MAX, each once
    amount: int  # minor units, for each
    reason: str
    transfer_id: TransferId  # the transfers' ids are made from it

    @property
    def total(self) -> int:
        """Return how much is granted in all, in minor units."""
        return self.amount * len(set(self.user_ids))

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, *self.user_ids))

    def decide(self, book: Book, now: Instant) -> Decision[tuple[Allowance, ...]]:
        """Credit the allowances. Raises Forbidden, NotFound, BalanceLimit if one would hold more than a wallet may."""
        book.organiser(self.actor_id, Act.GRANT_ALLOWANCE)
        draft = Draft(book, now, user=self.actor_id)
        granted = tuple(self._grant(draft, user_id) for user_id in dict.fromkeys(self.user_ids))
        return draft.decision(granted)

    def _grant(self, draft: Draft, user_id: UserId) -> Allowance:
        draft.book.user(user_id)
        account, most = allowance_account(user_id), draft.book.rules.balance_max
        if (before := draft.balance(account)) + self.amount > most:
            raise BalanceLimit(balance=before, balance_max=most)
        transfer_id = TransferId(f"{self.transfer_id}-{user_id}")
        transfer = draft.transfer(
            TransferKind.ALLOWANCE, self.amount, debit=CREW, credit=account, transfer_id=transfer_id, note=self.reason
        )
        draft.tell_balance(account, transfer)
        draft.notify(user_topic(user_id), "allowance-granted", amount=self.amount, reason=self.reason)
        draft.tell_admins(transfer, user_id=user_id)
        draft.deed(
            DeedKind.GRANT_ALLOWANCE, "user", user_id, before={"allowance": before},
            after={"allowance": before + self.amount, "amount": self.amount, "reason": self.reason},
        )  # fmt: skip
        return Allowance(
            user_id=user_id, allowance=transfer.credit_balance, amount=self.amount, transfer_id=transfer_id
        )


class TakeBackAllowance(msgspec.Struct, frozen=True, kw_only=True):
    """Take back what a person has left of their allowance, or a part of it."""

    REFUSES: ClassVar[Refusals] = (InsufficientFunds, NotFound)

    actor_id: UserId
    user_id: UserId
    amount: int | None  # minor units; None: all that is left
    reason: str
    transfer_id: TransferId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id))

    def decide(self, book: Book, now: Instant) -> Decision[Allowance]:
        """Debit the allowance. Raises Forbidden, NotFound, InsufficientFunds if less is left, or nothing."""
        book.organiser(self.actor_id, Act.GRANT_ALLOWANCE)
        book.user(self.user_id)
        draft, account = Draft(book, now, user=self.actor_id), allowance_account(self.user_id)
        before = draft.balance(account)
        amount = before if self.amount is None else self.amount
        if not 0 < amount <= before:
            raise InsufficientFunds(balance=before, total=amount)
        transfer = draft.transfer(
            TransferKind.ALLOWANCE, amount, debit=account, credit=CREW, transfer_id=self.transfer_id, note=self.reason
        )
        draft.tell_balance(account, transfer)
        draft.notify(user_topic(self.user_id), "allowance-taken-back", amount=amount, reason=self.reason)
        draft.tell_admins(transfer, user_id=self.user_id)
        draft.deed(
            DeedKind.TAKE_BACK_ALLOWANCE, "user", self.user_id, before={"allowance": before},
            after={"allowance": transfer.debit_balance, "amount": amount, "reason": self.reason},
        )  # fmt: skip
        return draft.decision(
            Allowance(
                user_id=self.user_id, allowance=transfer.debit_balance, amount=amount, transfer_id=self.transfer_id
            )
        )
