"""Top-ups: money comes in by a payment provider's webhook or at the cash desk. None of it is ever dropped."""

from enum import StrEnum
from hashlib import blake2b
from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import PaymentCompleted
from festival_push.domain.money.at_desk import CASH, count_top_up
from festival_push.domain.money.providers.claims import claims_of, settle
from festival_push.domain.money.rows import Claim
from festival_push.domain.money.wallets import heir
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.refusals import DailyLimit, NoDrawer
from festival_push.domain.people.codes import code_key, owner_of
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import BalanceLimit, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Receipt, Transfer, User
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    HELD,
    AccountId,
    AccountKind,
    DrawerId,
    Instant,
    ReceiptId,
    Role,
    TransferId,
    TransferKind,
    UserId,
    desk_account,
    drawer_account,
    provider_account,
    provider_actor,
    user_account,
)


class FundsStatus(StrEnum):
    """What became of a reported payment."""

    CREDITED = "credited"
    DUPLICATE = "duplicate"
    HELD = "held"
    CONFLICT = "conflict"  # the id is known with another amount: nothing moved, the organiser was told


class FundsReply(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a reported payment, and the transfer that moved its money."""

    status: FundsStatus
    transfer_id: TransferId


class TopUpReply(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet after money came in."""

    user_id: UserId
    transfer_id: TransferId
    amount: int
    balance: int
    drawer_id: DrawerId | None = None  # into which the cash went


def receipt_id(provider: str, external_id: str) -> ReceiptId:
    """Return the id of one payment of one provider: a hash, so that it fits in a URL whatever the provider's id is."""
    return ReceiptId(blake2b(f"{provider}\0{external_id}".encode(), digest_size=16).hexdigest())


class CreditFunds(msgspec.Struct, frozen=True, kw_only=True):
    """Credit a payment that a provider reports; its id is remembered for ever."""

    provider: str
    external_id: str
    amount: int
    transfer_id: TransferId
    user_id: UserId | None = None
    top_up_code: str | None = None  # as it was typed
    donor_name: str | None = None
    donor_email: str | None = None

    def needs(self) -> Needs:
        """Name the earlier receipt, and those who may be the owner."""
        payment = (receipt_id(self.provider, self.external_id),)
        return Needs(
            receipts=payment,
            claims_of=payment,  # a refund may have been reported before
            moved_by=payment,
            users=(self.user_id,) if self.user_id else (),
            top_up_codes=(code_key(self.top_up_code),) if self.top_up_code else (),
        )

    def decide(self, book: Book, now: Instant) -> Decision[FundsReply]:
        """Credit the owner, or hold the money for the organiser to assign; once, however often it is reported.

        An unknown owner, or a wallet that would hold more than `balance_max`, raises nothing: the money is held.
        """
        draft = Draft(book, now, actor=provider_actor(self.provider))
        known = book.receipts.get(receipt_id(self.provider, self.external_id))
        if known is not None:
            return self._again(draft, known)
        owner = self._owner(book)
        wanted = owner
        reason = "unknown-owner" if owner is None else None
        if owner is not None and _over_limit(draft, owner, self.amount):
            owner, reason = None, "balance-limit"
        transfer = draft.transfer(
            TransferKind.TOP_UP,
            self.amount,
            debit=provider_account(self.provider),
            credit=HELD if owner is None else user_account(owner.user_id),
            transfer_id=self.transfer_id,
            note=self.provider,
            receipt_id=receipt_id(self.provider, self.external_id),
        )
        receipt = Receipt(
            receipt_id=receipt_id(self.provider, self.external_id),
            provider=self.provider,
            external_id=self.external_id,
            amount=self.amount,
            transfer_id=self.transfer_id,
            user_id=None if owner is None else owner.user_id,
            held=0 if owner is not None else self.amount,
            held_reason=reason,
            wanted_user_id=self.user_id if wanted is None else wanted.user_id,
            wanted_code=self.top_up_code,
            donor_name=self.donor_name,
            donor_email=self.donor_email,
            at=now,
        )
        if owner is None:
            assert reason is not None
            draft.notify(
                role_topic(Role.ADMIN), "funds-held", amount=self.amount, provider=self.provider, reason=reason
            )
            if wanted is not None:
                draft.notify(user_topic(wanted.user_id), "money-kept", amount=self.amount, most=book.rules.balance_max)
        else:
            _tell_credit(draft, owner.user_id, transfer, method=self.provider)
        draft.tell_admins(transfer, user_id=receipt.user_id)
        claims, receipt = self._settle(draft, receipt)
        draft.new(receipt)
        draft.put(*claims)
        status = FundsStatus.HELD if owner is None else FundsStatus.CREDITED
        return draft.decision(FundsReply(status=status, transfer_id=self.transfer_id))

    def _owner(self, book: Book) -> User | None:
        owner = book.users.get(self.user_id) if self.user_id else None
        if owner is None and self.top_up_code:
            owner = owner_of(self.top_up_code, book.users.values())
        owner = None if owner is None else heir(book, owner)
        return None if owner is None or owner.erased_at is not None else owner

    def _again(self, draft: Draft, known: Receipt) -> Decision[FundsReply]:
        if known.amount == self.amount:
            self._find_owner(draft, known)
            return draft.decision(FundsReply(status=FundsStatus.DUPLICATE, transfer_id=known.transfer_id))
        if not known.flagged:  # so that a provider that repeats it a thousand times alarms the organiser once
            draft.put(msgspec.structs.replace(known, flagged=True))
            draft.notify(role_topic(Role.ADMIN), "payment-conflict", payment=known.external_id, provider=known.provider)
        return draft.decision(FundsReply(status=FundsStatus.CONFLICT, transfer_id=known.transfer_id))

    def _settle(self, draft: Draft, receipt: Receipt) -> tuple[list[Claim], Receipt]:
        """Take back at once what the provider has claimed before it reported the payment."""
        claims = claims_of(draft.book, receipt.receipt_id)
        if not claims:
            return [], receipt
        return settle(draft, receipt, claims, transfer_id=self.transfer_id, fresh=True)

    def _find_owner(self, draft: Draft, known: Receipt) -> None:
        """Credit held money to the owner whom another event of the same payment names, if the first named nobody.

        Not once anybody but the provider has moved it.
        """
        owner = self._owner(draft.book)
        if owner is None or not known.held or known.wanted_user_id or known.wanted_code:
            return
        moved = [each for each in draft.book.transfers.values() if each.receipt_id == known.receipt_id]
        if any(each.actor != draft.actor for each in moved) or _over_limit(draft, owner, known.amount):
            return
        transfer = draft.transfer(
            TransferKind.TOP_UP,
            known.held,
            debit=HELD,
            credit=user_account(owner.user_id),
            transfer_id=TransferId(f"{known.transfer_id}-assigned"),
            note=known.provider,
            receipt_id=known.receipt_id,
        )
        draft.put(
            msgspec.structs.replace(
                known, user_id=owner.user_id, held=0, held_reason=None,
                wanted_user_id=self.user_id, wanted_code=self.top_up_code,
            )
        )  # fmt: skip
        _tell_credit(draft, owner.user_id, transfer, method=known.provider)
        draft.tell_admins(transfer, user_id=owner.user_id)


class TopUp(msgspec.Struct, frozen=True, kw_only=True):
    """Top up a wallet with money that was taken at the cash desk."""

    REFUSES: ClassVar[Refusals] = (NotFound, BalanceLimit, DailyLimit, NoDrawer)

    actor_id: UserId
    user_id: UserId
    amount: int
    method: str  # `cash`, `card` …: names the funds account that the money comes from
    note: str | None
    transfer_id: TransferId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id), desk_sums=(self.actor_id,), drawers_of=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[TopUpReply]:
        """Credit the wallet; cash goes into the drawer that the caller has open.

        Raises Forbidden, NotFound, BalanceLimit, DailyLimit, NoDrawer for cash of a cashier who has none open;
        organisers may take it without.
        """
        actor = book.organiser(self.actor_id, Act.TOP_UP)
        draft = Draft(book, now, user=self.actor_id)
        drawer = book.open_drawer(self.actor_id) if self.method == CASH else None
        if self.method == CASH and drawer is None and not may(actor, Act.KEEP_ANY_DRAWER):
            raise NoDrawer
        count_top_up(draft, self.actor_id, self.amount)
        return credit(
            draft, self.user_id, self.amount,
            debit=desk_account(self.method) if drawer is None else drawer_account(drawer.drawer_id),
            transfer_id=self.transfer_id, method=self.method, note=self.note, act=DeedKind.TOP_UP,
            drawer_id=None if drawer is None else drawer.drawer_id,
        )  # fmt: skip


def credit(
    draft: Draft,
    user_id: UserId,
    amount: int,
    *,
    debit: AccountId,
    transfer_id: TransferId,
    method: str,
    note: str | None,
    act: DeedKind,
    receipt_id: ReceiptId | None = None,
    drawer_id: DrawerId | None = None,
) -> Decision[TopUpReply]:
    """Decide to move money that came in into a wallet, and tell of it. Raises NotFound, BalanceLimit."""
    owner = draft.book.user(user_id)
    if owner.erased_at is not None:
        raise NotFound(what="user")
    if _over_limit(draft, owner, amount):
        balance = draft.balance(user_account(user_id))
        raise BalanceLimit(balance=balance, balance_max=draft.book.rules.balance_max)
    transfer = draft.transfer(
        TransferKind.TOP_UP, amount, debit=debit, credit=user_account(user_id), transfer_id=transfer_id, note=note,
        receipt_id=receipt_id,
    )  # fmt: skip
    _tell_credit(draft, user_id, transfer, method=method)
    draft.tell_admins(transfer, user_id=user_id)
    after: State = {
        "amount": amount,
        "balance": transfer.credit_balance,
        "method": method,
        "transactionId": transfer_id,
        **({} if drawer_id is None else {"drawerId": drawer_id}),
    }
    draft.deed(act, "user", user_id, before={"balance": transfer.credit_balance - amount}, after=after)
    reply = TopUpReply(
        user_id=user_id, transfer_id=transfer_id, amount=amount, balance=transfer.credit_balance, drawer_id=drawer_id
    )
    return draft.decision(reply)


def _over_limit(draft: Draft, owner: User, amount: int) -> bool:
    return draft.balance(user_account(owner.user_id)) + amount > draft.book.rules.balance_max


def _tell_credit(draft: Draft, user_id: UserId, transfer: Transfer, *, method: str) -> None:
    """Append three events: the new balance, the completed payment, and a notification to read."""
    draft.tell_balance(user_account(user_id), transfer)
    completed = PaymentCompleted(
        timestamp=draft.timestamp,
        account=AccountKind.WALLET,
        user_id=user_id,
        amount=transfer.amount,
        new_balance=transfer.credit_balance,
        payment_method=method,
        transaction_id=transfer.transfer_id,
    )
    draft.tell(completed, user_topic(user_id))
    draft.notify(user_topic(user_id), "money-arrived", amount=transfer.amount)
