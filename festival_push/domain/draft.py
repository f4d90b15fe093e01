"""The draft: collects the decision of one command, and is the only way to move money."""

from typing import TypeVar

from festival_push.domain.book import Book, Decision, KeyTaken, Outgoing
from festival_push.domain.event import Event
from festival_push.domain.events import (
    BalanceUpdated,
    NewNotification,
    NewTransaction,
)
from festival_push.domain.ledger import wallet_kind
from festival_push.domain.money.amounts import amount_text
from festival_push.domain.office.deeds import Deed, DeedKind, State, SubjectKind, state_text, subject_of
from festival_push.domain.orders.rows import Order
from festival_push.domain.refusals import InsufficientFunds
from festival_push.domain.rows import Keeper, Row, Transfer
from festival_push.domain.topics import role_topic, stall_of, stall_topic, user_topic
from festival_push.domain.values import (
    AccountId,
    Actor,
    Instant,
    OrderId,
    ReceiptId,
    Role,
    Topic,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
    account_kind,
    allowance_owner,
    balance_kind,
    may_overdraw,
    rfc3339,
    till_owner,
    user_actor,
    wallet_owner,
)
from festival_push.domain.words.notices import SAID, TEXTS, Param, worded

R = TypeVar("R")


class Draft:
    """The decision of one command so far. New balances stay here, not in the book, until the decision is complete.

    Args:
        user: The person who does it, or `actor`, if it is no person. Moving money and telling deeds need one.
    """

    def __init__(self, book: Book, now: Instant, *, user: UserId | None = None, actor: Actor | None = None) -> None:
        self.book = book
        self.now = now
        self.actor = actor if user is None else user_actor(user)
        self.timestamp = rfc3339(now)
        self._balances: dict[AccountId, int] = {}
        self._transfers: list[Transfer] = []
        self._rows: list[Row] = []
        self._new: list[Row] = []
        self._dropped: list[Keeper] = []
        self._events: list[Outgoing] = []
        self._deeds: list[Deed] = []

    def balance(self, account_id: AccountId) -> int:
        """Return an account's balance in minor units, after the transfers of this draft."""
        known = self._balances.get(account_id)
        return self.book.account(account_id).balance if known is None else known

    @property
    def moved(self) -> tuple[Transfer, ...]:
        """Return the transfers of this draft so far, in their order."""
        return tuple(self._transfers)

    def transfer(
        self,
        kind: TransferKind,
        amount: int,
        *,
        debit: AccountId,
        credit: AccountId,
        transfer_id: TransferId,
        order_id: OrderId | None = None,
        note: str | None = None,
        receipt_id: ReceiptId | None = None,
        reverses: TransferId | None = None,
    ) -> Transfer:
        """Move money.

        Args:
            amount: Minor units, at least 1; the caller has parsed it and checked its bounds.
            transfer_id: Derived from the request, so that deciding it twice cannot move money twice.
            receipt_id: Of the provider's payment whose money it is.
            reverses: The transfer that this one takes back, wholly or in part.
        Raises:
            InsufficientFunds: The debited account has too little. Only system accounts may go below zero (the deposits
                may not), and a stall's till by a refund or a fee: by a refund, because the customer must get the money
                back even if the stall has spent it; by a fee, because it is taken out of the sale right before it, so
                that a stall that owes money is no worse off than before the sale.
        """
        assert amount > 0, amount
        assert debit != credit, debit
        assert self.actor is not None, kind
        left = self.balance(debit) - amount
        if left < 0 and not (may_overdraw(debit) or kind in (TransferKind.REFUND, TransferKind.FEE)):
            raise InsufficientFunds(balance=self.balance(debit), total=amount)
        transfer = Transfer(
            transfer_id=transfer_id,
            seq=self.book.transfer_seq + len(self._transfers) + 1,
            kind=kind,
            debit=debit,
            credit=credit,
            amount=amount,
            debit_balance=left,
            credit_balance=self.balance(credit) + amount,
            order_id=order_id,
            note=note,
            at=self.now,
            actor=self.actor,
            receipt_id=receipt_id,
            reverses=reverses,
        )
        self._balances[debit], self._balances[credit] = transfer.debit_balance, transfer.credit_balance
        self._transfers.append(transfer)
        return transfer

    def deed(
        self,
        act: DeedKind,
        kind: SubjectKind,
        name: str,
        *,
        before: State | None = None,
        after: State | None = None,
        actor: Actor | None = None,
    ) -> None:
        """Keep what a member of staff did, in the same transaction.

        Args:
            kind: What kind of thing it was done to, and `name`, its id.
            before: What changed of it, as it was, and `after`, as it is: plain values, no secrets.
            actor: Who did it, if it was not the one for whom the command acts.
        """
        by = actor or self.actor
        assert by is not None, act
        self._deeds.append(
            Deed(
                actor=by,
                act=act,
                subject=subject_of(kind, name),
                before=state_text(before or {}),
                after=state_text(after or {}),
            )
        )

    def new(self, *rows: Row) -> None:
        """Create rows, whose keys must be free; `decision` looks whether they are."""
        self._rows += rows
        self._new += rows

    def put(self, *rows: Row) -> None:
        """Replace rows by new versions; those that are kept once for each owner are created at the first time."""
        self._rows += rows

    def drop(self, keeper: Keeper) -> None:
        """Drop a person's part in a stall."""
        self._dropped.append(keeper)

    def tell(self, event: Event, *topics: Topic) -> None:
        """Append an event to the log, for the subscribers of these topics."""
        self._events.append(Outgoing(topics, event))

    def notify(
        self,
        topic: Topic,
        code: str,
        *,
        order_id: OrderId | None = None,
        said: str | None = None,
        **params: Param | None,
    ) -> None:
        """Append a notice to the log, for the readers of a topic.

        Args:
            code: Of `TEXTS`, which names its parameters; amounts are minor units. None: it is left out.
            said: What a person wrote, where the code is of that.
        """
        self.tell(self.notice(topic, code, order_id=order_id, said=said, **params), topic)

    def notice(
        self,
        topic: Topic,
        code: str,
        *,
        order_id: OrderId | None = None,
        said: str | None = None,
        **params: Param | None,
    ) -> NewNotification:
        """Return a notice, which is not told yet."""
        text = TEXTS[code]
        given = {name: value for name, value in params.items() if value is not None}
        words = given if said is None else {**given, SAID: said}
        return NewNotification(
            timestamp=self.timestamp,
            message=worded(text.words, words, self._money),
            type=text.kind,
            code=code,
            params=given,
            order_id=order_id,
            title=None if text.title is None else worded(text.title, words, self._money),
            priority=text.priority,
            vendor_id=stall_of(topic),
        )

    def _money(self, amount: int) -> str:
        return amount_text(amount, self.book.rules.currency)

    def tell_balance(self, account_id: AccountId, transfer: Transfer) -> None:
        """Tell the owner of one of a transfer's accounts, a wallet, till or allowance, how it changed the balance."""
        credited = transfer.credit == account_id
        self._tell_balance(
            account_id,
            transfer.credit_balance if credited else transfer.debit_balance,
            amount=transfer.amount if credited else -transfer.amount,
            reason=wallet_kind(transfer.kind, credited=credited),
            transfer=transfer,
        )

    def repeat_balance(self, account_id: AccountId) -> None:
        """Tell the owner of a wallet or a till its balance as it stands."""
        self._tell_balance(account_id, self.balance(account_id), amount=0, reason="refresh")

    def _tell_balance(
        self, account_id: AccountId, balance: int, *, amount: int, reason: str, transfer: Transfer | None = None
    ) -> None:
        vendor_id, kind = till_owner(account_id), balance_kind(account_id)
        assert kind is not None, account_id
        event = BalanceUpdated(
            timestamp=self.timestamp,
            account=kind,
            user_id=vendor_id or wallet_owner(account_id) or allowance_owner(account_id) or "",
            vendor_id=vendor_id,
            new_balance=balance,
            old_balance=balance - amount,
            amount=amount,
            reason=reason,
            transaction_id=None if transfer is None else transfer.transfer_id,
            order_id=None if transfer is None else transfer.order_id,
        )
        self.tell(event, topic_of(account_id))

    def tell_admins(
        self, transfer: Transfer, *, order: Order | None = None, user_id: UserId | VendorId | None = None
    ) -> None:
        """Show a transfer in the organiser's feed.

        Args:
            order: The order that it belongs to.
            user_id: Without an order, the person that it concerns, or the stall whose till it moved.
        """
        kinds = [kind for side in (transfer.debit, transfer.credit) if (kind := account_kind(side)) is not None]
        tills = (till_owner(transfer.debit), till_owner(transfer.credit))
        event = NewTransaction(
            timestamp=self.timestamp,
            transaction_id=transfer.transfer_id,
            kind=transfer.kind.value,
            amount=transfer.amount,
            debit=transfer.debit,
            credit=transfer.credit,
            platform_fee=order.platform_fee if order and transfer.kind is TransferKind.PURCHASE else 0,
            user_id=order.user_id if order else user_id,
            vendor_id=order.vendor_id if order else next((owner for owner in tills if owner is not None), None),
            order_id=order.order_id if order else None,
            account=kinds[0] if len(kinds) == 1 else None,
            reverses=transfer.reverses,
        )
        self.tell(event, role_topic(Role.ADMIN))

    def decision(self, reply: R) -> Decision[R]:
        """Return the collected decision, with the reply to the caller.

        Raises KeyTaken if the book has the key of a new row; if only the database has it, the command fails too. Only
        now, so that a refusal comes first either way.
        """
        for row in self._new:
            if self.book.knows(row):
                raise KeyTaken(type(row).__name__)
        return Decision(
            reply=reply,
            transfers=tuple(self._transfers),
            rows=tuple(self._rows),
            new=tuple(self._new),
            dropped=tuple(self._dropped),
            events=tuple(self._events),
            deeds=tuple(self._deeds),
        )


def topic_of(account_id: AccountId) -> Topic:
    """Return the topic of those who see an account: its person's, or its stall's."""
    if (vendor_id := till_owner(account_id)) is not None:
        return stall_topic(vendor_id)
    user_id = wallet_owner(account_id) or allowance_owner(account_id)
    assert user_id is not None, account_id
    return user_topic(user_id)
