"""Payouts: money leaves a wallet or a till when somebody asks for it, and returns if the payout is rejected.

A stall is paid out what it has earned: money of orders that are not completed may have to go back to the customers.
What has a bank account may be paid by a run (`runs.py`).
"""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft, topic_of
from festival_push.domain.ledger import payout_transfer
from festival_push.domain.money.payout_fees import return_fee, take_fee
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.refusals import WalletFrozen
from festival_push.domain.payouts.donations import give
from festival_push.domain.payouts.refusals import NoDonations, PayoutInRun, PayoutsOver, PayoutTooSmall
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import (
    Forbidden,
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
    rfc3339,
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
    donated: int = 0  # of the wallet, along with it


class RequestPayout(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for the money of one's own wallet, or of a stall's till, to be paid out."""

    REFUSES: ClassVar[Refusals] = (
        InsufficientFunds, MoneyUnearned, NoDonations, NotFound, PayoutTooSmall, PayoutsOver, TooManyPayouts,
        WalletFrozen,
    )  # fmt: skip

    actor_id: UserId
    payout_id: PayoutId
    amount: int | None  # minor units, that the bank pays; None: all that may be had, less the fee
    note: str | None
    iban: str | None = None  # as `parse_iban` returns it
    account_holder: str | None = None
    donate_rest: bool = False  # what is left in the wallet is given to the festival
    account: AccountKind | None = None  # None: of whoever keeps a stall the till, of everybody else the wallet
    vendor_id: VendorId | None = None  # whose till; None: of the first stall that the person keeps

    def needs(self) -> Needs:
        stalls = () if self.vendor_id is None else (self.vendor_id,)
        return Needs(
            users=(self.actor_id,), vendors=stalls, payout_counts=(self.actor_id,), reserves=stalls
        )  # fmt: skip

    def decide(self, book: Book, now: Instant) -> Decision[PayoutReply]:
        """Take the money out of the account at once, so that it can't be spent meanwhile.

        The fee, the least amount and the deadline are for wallets: a stall has its platform fee, and is settled after
        the festival.

        Raises Forbidden for a keeper who does not own the stall and for the rest of a till, NotFound for someone else's
        stall, InsufficientFunds, MoneyUnearned, TooManyPayouts, PayoutTooSmall, PayoutsOver, NoDonations; WalletFrozen
        for the money of a frozen wallet.
        """
        actor = book.actor(self.actor_id)
        account_id = self._account(book)
        if book.payout_counts[actor.user_id] >= PAYOUTS_MAX:
            raise TooManyPayouts(payouts_max=PAYOUTS_MAX)
        draft = Draft(book, now, user=self.actor_id)
        balance = draft.balance(account_id)
        is_till = till_owner(account_id) is not None
        fee = 0 if is_till else book.rules.payout_fee
        if not is_till:
            _require_open(book, now)
        if self.donate_rest:
            _require_donations(book, is_till=is_till)
        amount = self._amount(book, account_id, balance, fee)
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
            fee=fee,
            iban=self.iban,
            account_holder=self.account_holder,
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
        take_fee(draft, payout.payout_id, account_id, fee)
        donated = draft.balance(account_id) if self.donate_rest else 0
        if donated:
            give(draft, actor.user_id, donated, TransferId(f"{self.payout_id}-donated"))
        draft.notify(role_topic(Role.ADMIN), "payout-asked", name=actor.name)
        if is_till:
            draft.notify(topic_of(account_id), "till-payout-asked", name=actor.name)
        return draft.decision(PayoutReply(payout=payout, balance=draft.balance(account_id), donated=donated))

    def _amount(self, book: Book, account_id: AccountId, balance: int, fee: int) -> int:
        """Return what is paid out, in minor units, which the account holds with the fee."""
        unearned = _unearned(book, account_id)
        amount = balance - unearned - fee if self.amount is None else self.amount
        if unearned and balance - unearned < max(amount, 1) <= balance:
            raise MoneyUnearned(available=max(balance - unearned, 0), balance=balance)
        if amount < 1 or amount + fee > balance:
            raise InsufficientFunds(balance=balance, total=max(amount, 1) + fee)
        if till_owner(account_id) is None and amount < book.rules.payout_min:
            raise PayoutTooSmall(payout_min=book.rules.payout_min)
        return amount

    def _account(self, book: Book) -> AccountId:
        """Return the account that is meant, which the caller must be allowed to pay out."""
        actor = book.person(self.actor_id)
        vendor_id = self.vendor_id or actor.vendor_id
        is_till = self.vendor_id is not None or actor.vendor_id is not None
        if self.account is AccountKind.WALLET or (self.account is None and not is_till):
            require(actor, Act.PAY_OUT_WALLET, user_id=book.spender(actor.user_id).user_id)
            return user_account(actor.user_id)
        if vendor_id is None:  # an organiser too has to say whose
            vendor_id = next(iter(actor.stalls), None)
        require(actor, Act.PAY_OUT_TILL, vendor_id=vendor_id, what="vendor")
        if vendor_id is None:
            raise NotFound(what="vendor")
        return till_account(book.vendor(vendor_id).vendor_id)


class SettlePayout(msgspec.Struct, frozen=True, kw_only=True):
    """Record that the organiser has paid a payout, or has rejected it."""

    REFUSES: ClassVar[Refusals] = (PayoutInRun, PayoutSettled)

    actor_id: UserId
    payout_id: PayoutId
    status: PayoutStatus  # completed or rejected
    reason: str | None  # why it was rejected

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payouts=(self.payout_id,))

    def decide(self, book: Book, now: Instant) -> Decision[PayoutReply]:
        """Settle the payout, once; a rejected one returns to the account, and its fee with it.

        Raises NotFound, PayoutInRun, PayoutSettled.
        """
        assert self.status is not PayoutStatus.REQUESTED
        book.organiser(self.actor_id, Act.SETTLE_PAYOUT)
        if (payout := book.payouts.get(self.payout_id)) is None:
            raise NotFound(what="payout")
        draft = Draft(book, now, user=self.actor_id)
        if payout.status is not self.status:
            require_waiting(payout)
            before = {"status": payout.status.value}
            payout = msgspec.structs.replace(payout, status=self.status, reason=self.reason, updated_at=now)
            draft.put(payout)
            act = DeedKind.COMPLETE_PAYOUT if self.status is PayoutStatus.COMPLETED else DeedKind.REJECT_PAYOUT
            after: State = {"status": payout.status.value, "amount": payout.due, "userId": payout.user_id}
            draft.deed(act, "payout", payout.payout_id, before=before, after={**after, **_reason(self.reason)})
            self._move(draft, payout)
        return draft.decision(PayoutReply(payout=payout, balance=draft.balance(payout.account_id)))

    def _move(self, draft: Draft, payout: Payout) -> None:
        reader = user_topic(payout.user_id)
        if self.status is PayoutStatus.REJECTED:
            give_back(draft, payout, TransferId(f"{payout.payout_id}-rejected"), self.reason)
            of_till = account_kind(payout.account_id) is AccountKind.TILL
            draft.notify(reader, "till-payout-rejected" if of_till else "payout-rejected", reason=self.reason)
        else:
            draft.notify(reader, "payout-paid")


class WithdrawPayout(msgspec.Struct, frozen=True, kw_only=True):
    """Take a payout back that one has asked for, while it waits: all of it returns to its account."""

    REFUSES: ClassVar[Refusals] = (PayoutInRun, PayoutSettled)

    actor_id: UserId
    payout_id: PayoutId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payouts=(self.payout_id,))

    def decide(self, book: Book, now: Instant) -> Decision[PayoutReply]:
        """Withdraw it; doing so again changes nothing.

        Raises Suspended, NotFound for somebody else's, Forbidden for an organiser, who rejects it; PayoutInRun,
        PayoutSettled.
        """
        actor = book.actor(self.actor_id)
        if (payout := book.payouts.get(self.payout_id)) is None:
            raise NotFound(what="payout")
        require(actor, Act.PAY_OUT_WALLET, user_id=payout.user_id, what="payout")
        draft = Draft(book, now, user=self.actor_id)
        if not payout.withdrawn:
            require_waiting(payout)
            before: State = {"status": payout.status.value}
            payout = msgspec.structs.replace(payout, status=PayoutStatus.REJECTED, withdrawn=True, updated_at=now)
            draft.put(payout)
            give_back(draft, payout, TransferId(f"{payout.payout_id}-withdrawn"), None)
            if till_owner(payout.account_id) is not None:
                after: State = {"status": payout.status.value, "amount": payout.due}
                draft.deed(DeedKind.WITHDRAW_PAYOUT, "payout", payout.payout_id, before=before, after=after)
        return draft.decision(PayoutReply(payout=payout, balance=draft.balance(payout.account_id)))


def require_waiting(payout: Payout) -> None:
    """Refuse what can only be done to a payout that waits by itself. Raises PayoutInRun, PayoutSettled."""
    if payout.in_open_run:
        assert payout.run_id is not None
        raise PayoutInRun(run_id=payout.run_id)
    if payout.status is not PayoutStatus.REQUESTED:
        raise PayoutSettled(payout_status=payout.status)


def give_back(draft: Draft, payout: Payout, transfer_id: TransferId, reason: str | None) -> None:
    """Return what is due of a payout that is not made to its account, with the fee."""
    returned = draft.transfer(
        TransferKind.PAYOUT, payout.due, debit=PAYOUTS, credit=payout.account_id, transfer_id=transfer_id, note=reason,
        reverses=payout_transfer(payout.payout_id),
    )  # fmt: skip
    draft.tell_balance(payout.account_id, returned)
    draft.tell_admins(returned, user_id=owner_of(payout.account_id))
    return_fee(draft, payout, reason)


def _require_open(book: Book, now: Instant) -> None:
    """Raises PayoutsOver after the last moment at which guests may ask."""
    until = book.rules.payouts_until
    if until is not None and now >= until:
        raise PayoutsOver(until=rfc3339(until))


def _require_donations(book: Book, *, is_till: bool) -> None:
    """Raises NoDonations, and Forbidden for a till, whose money is the stall's."""
    if is_till:
        raise Forbidden
    if not book.rules.donations:
        raise NoDonations


def _reason(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason}


def owner_of(account_id: AccountId) -> UserId | VendorId | None:
    """Return the person whose wallet an account is, or the stall whose till it is."""
    return till_owner(account_id) or wallet_owner(account_id)


def _unearned(book: Book, account_id: AccountId) -> int:
    """Return how much of an account may have to go back to customers, in minor units; of a wallet nothing.

    Orders that are not completed; and with `stall_reserve_ms` also what was sold shortly before.
    """
    vendor_id = till_owner(account_id)
    return 0 if vendor_id is None else book.open_orders[vendor_id].held + book.reserves.get(vendor_id, 0)
