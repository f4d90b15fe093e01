"""Payouts: money leaves a wallet or a till when somebody asks for it, and returns if the payout is rejected.

A stall is paid out what it has earned: money of orders that are not completed may have to go back to the customers.
"""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft, topic_of
from festival_push.domain.ledger import payout_transfer
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import (
    InsufficientFunds,
    MoneyUnearned,
    NotFound,
    PayoutSettled,
    Refusals,
    TooManyPayouts,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Payout
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    PAYOUTS,
    AccountId,
    AccountKind,
    Instant,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
    account_kind,
    till_account,
    till_owner,
    user_account,
    wallet_owner,
)

PAYOUTS_MAX: Final = 10
"""How many payouts of one person may wait to be settled: organisers are told of each, and have to look at it."""


class PayoutReply(msgspec.Struct, frozen=True, kw_only=True):
    """A payout, and the balance of the account that it came from, in minor units."""

    payout: Payout
    balance: int


class RequestPayout(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for the money of one's own wallet, or of a stall's till, to be paid out."""

    REFUSES: ClassVar[Refusals] = (InsufficientFunds, MoneyUnearned, NotFound, TooManyPayouts)

    actor_id: UserId
    payout_id: PayoutId
    amount: int | None  # minor units; None: all that may be had
    note: str | None
    account: AccountKind | None = None  # None: of whoever keeps a stall the till, of everybody else the wallet
    vendor_id: VendorId | None = None  # whose till; None: of the first stall that the person keeps

    def needs(self) -> Needs:
        stalls = () if self.vendor_id is None else (self.vendor_id,)
        return Needs(users=(self.actor_id,), vendors=stalls, payout_counts=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[PayoutReply]:
        """Take the money out of the account at once, so that it can't be spent meanwhile.

        Raises Forbidden for a keeper who does not own the stall, NotFound for someone else's stall, InsufficientFunds,
        MoneyUnearned, TooManyPayouts.
        """
        actor = book.actor(self.actor_id)
        account_id = self._account(book)
        if book.payout_counts[actor.user_id] >= PAYOUTS_MAX:
            raise TooManyPayouts(payouts_max=PAYOUTS_MAX)
        draft = Draft(book, now, user=self.actor_id)
        balance, unearned = draft.balance(account_id), _unearned(book, account_id)
        amount = balance - unearned if self.amount is None else self.amount
        if unearned and balance - unearned < max(amount, 1) <= balance:
            raise MoneyUnearned(available=max(balance - unearned, 0), balance=balance)
        if not 0 < amount <= balance:
            raise InsufficientFunds(balance=balance, total=max(amount, 1))
        transfer = draft.transfer(
            TransferKind.PAYOUT, amount, debit=account_id, credit=PAYOUTS,
            transfer_id=payout_transfer(self.payout_id), note=self.note,
        )  # fmt: skip
        payout = Payout(
            payout_id=self.payout_id,
            seq=transfer.seq,
            user_id=actor.user_id,
            name=actor.name,
            account_id=account_id,
            amount=amount,
            status=PayoutStatus.REQUESTED,
            note=self.note,
            reason=None,
            created_at=now,
            updated_at=now,
        )
        draft.new(payout)
        if (vendor_id := till_owner(account_id)) is not None:
            after: State = {"balance": transfer.debit_balance, "amount": amount, "payoutId": self.payout_id}
            draft.deed(DeedKind.ASK_PAYOUT, "vendor", vendor_id, before={"balance": balance}, after=after)
        draft.tell_balance(account_id, transfer)
        draft.tell_admins(transfer, user_id=owner_of(account_id))
        draft.notify(role_topic(Role.ADMIN), "payout-asked", name=actor.name)
        if account_kind(account_id) is AccountKind.TILL:
            draft.notify(topic_of(account_id), "till-payout-asked", name=actor.name)
        return draft.decision(PayoutReply(payout=payout, balance=transfer.debit_balance))

    def _account(self, book: Book) -> AccountId:
        """Return the account that is meant, which the caller must be allowed to pay out."""
        actor = book.person(self.actor_id)
        vendor_id = self.vendor_id or actor.vendor_id
        is_till = self.vendor_id is not None or actor.vendor_id is not None
        if self.account is AccountKind.WALLET or (self.account is None and not is_till):
            require(actor, Act.PAY_OUT_WALLET, user_id=actor.user_id)
            return user_account(actor.user_id)
        if vendor_id is None:  # an organiser too has to say whose
            vendor_id = next(iter(actor.stalls), None)
        require(actor, Act.PAY_OUT_TILL, vendor_id=vendor_id, what="vendor")
        if vendor_id is None:
            raise NotFound(what="vendor")
        return till_account(book.vendor(vendor_id).vendor_id)


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
        """Settle the payout, once; a rejected one returns to the account. Raises NotFound, PayoutSettled."""
        assert self.status is not PayoutStatus.REQUESTED
        book.organiser(self.actor_id, Act.SETTLE_PAYOUT)
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
            amount = payout.amount - payout.reversed  # the rest is back already
            after: State = {"status": payout.status.value, "amount": amount, "userId": payout.user_id}
            draft.deed(act, "payout", payout.payout_id, before=before, after={**after, **_reason(self.reason)})
            self._move(draft, payout)
        return draft.decision(PayoutReply(payout=payout, balance=draft.balance(payout.account_id)))

    def _move(self, draft: Draft, payout: Payout) -> None:
        reader = user_topic(payout.user_id)
        if self.status is PayoutStatus.REJECTED:
            returned = draft.transfer(
                TransferKind.PAYOUT, payout.amount - payout.reversed, debit=PAYOUTS, credit=payout.account_id,
                transfer_id=TransferId(f"{payout.payout_id}-rejected"), note=self.reason,
                reverses=payout_transfer(payout.payout_id),
            )  # fmt: skip
            draft.tell_balance(payout.account_id, returned)
            draft.tell_admins(returned, user_id=owner_of(payout.account_id))
            of_till = account_kind(payout.account_id) is AccountKind.TILL
            draft.notify(reader, "till-payout-rejected" if of_till else "payout-rejected", reason=self.reason)
        else:
            draft.notify(reader, "payout-paid")


def _reason(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason}


def owner_of(account_id: AccountId) -> UserId | VendorId | None:
    """Return the person whose wallet an account is, or the stall whose till it is."""
    return till_owner(account_id) or wallet_owner(account_id)


def _unearned(book: Book, account_id: AccountId) -> int:
    """Return how much of an account is of orders that are not completed, in minor units; of a wallet nothing."""
    vendor_id = till_owner(account_id)
    return 0 if vendor_id is None else book.open_orders[vendor_id].held
