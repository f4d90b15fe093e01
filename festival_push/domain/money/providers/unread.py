"""Unread receipts: reports that a provider has proved, and that could not be taken as they are.

They are kept for organisers, who book the money or dismiss the report. Nothing that is proved is ever dropped.
"""

from hashlib import blake2b
from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.money.funds import CreditFunds, FundsStatus, receipt_id
from festival_push.domain.money.rows import UnreadReceipt, UnreadStatus
from festival_push.domain.needs import merge
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import AlreadyExists, NotAPayment, NotFound, Refusals, UnreadAnswered
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import role_topic
from festival_push.domain.values import Instant, Role, TransferId, UnreadId, UserId, provider_actor


def unread_id(provider: str, body: bytes) -> UnreadId:
    """Return the id of a report: a hash, so that the same report counts once however often it is sent."""
    return UnreadId(blake2b(provider.encode() + b"\0" + body, digest_size=16).hexdigest())


class KeepUnread(msgspec.Struct, frozen=True, kw_only=True):
    """Keep a proven report that could not be taken, and tell the organisers, once."""

    provider: str
    unread_id: UnreadId
    external_id: str | None
    meaning: str  # as far as it was understood: paid, refunded …; empty: not at all
    field: str
    detail: str
    body: str

    def needs(self) -> Needs:
        return Needs(unread_receipts=(self.unread_id,))

    def decide(self, book: Book, now: Instant) -> Decision[UnreadReceipt]:
        """Keep it; the same report again changes nothing."""
        draft = Draft(book, now, actor=provider_actor(self.provider))
        if (known := book.unread_receipts.get(self.unread_id)) is not None:
            return draft.decision(known)
        kept = UnreadReceipt(
            unread_id=self.unread_id,
            provider=self.provider,
            external_id=self.external_id,
            meaning=self.meaning,
            field=self.field,
            detail=self.detail,
            body=self.body,
            created_at=now,
            updated_at=now,
        )
        draft.new(kept)
        draft.notify(role_topic(Role.ADMIN), "receipt-unread", provider=self.provider, payment=self.external_id or None)
        return draft.decision(kept)


class BookReply(msgspec.Struct, frozen=True, kw_only=True):
    """A booked report, and where its money is."""

    unread: UnreadReceipt
    status: FundsStatus
    transfer_id: TransferId
    amount: int


class BookUnread(msgspec.Struct, frozen=True, kw_only=True):
    """Book the money of an unread receipt, as an organiser has read it."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, NotAPayment, UnreadAnswered)

    actor_id: UserId
    unread_id: UnreadId
    provider: str  # of the report, which never changes
    amount: int
    external_id: str
    user_id: UserId | None
    transfer_id: TransferId

    def needs(self) -> Needs:
        own = Needs(users=(self.actor_id,), unread_receipts=(self.unread_id,))
        return merge((own, self._credit.needs()))

    @property
    def _credit(self) -> CreditFunds:
        return CreditFunds(
            provider=self.provider,
            external_id=self.external_id,
            amount=self.amount,
            transfer_id=self.transfer_id,
            user_id=self.user_id,
        )

    def decide(self, book: Book, now: Instant) -> Decision[BookReply]:
        """Credit the wallet, or hold the money if nobody is named or the wallet would hold too much.

        Raises Forbidden, NotFound, UnreadAnswered; NotAPayment for a refund or a dispute; AlreadyExists if the payment
        was credited meanwhile.
        """
        book.organiser(self.actor_id, Act.ASSIGN_FUNDS)
        unread = _waiting(book, self.unread_id)
        assert unread.provider == self.provider, self.unread_id
        if unread.meaning not in ("", "paid"):
            raise NotAPayment
        if receipt_id(self.provider, self.external_id) in book.receipts:
            raise AlreadyExists(what="payment")
        if self.user_id is not None:
            book.user(self.user_id)
        done = self._credit.decide(book, now)
        draft = Draft(book, now, user=self.actor_id)
        booked = _answered(
            draft, unread, UnreadStatus.BOOKED, self.actor_id, receipt_id=receipt_id(self.provider, self.external_id)
        )
        after: State = {"amount": self.amount, "externalId": self.external_id, "userId": self.user_id or "",
                 "status": done.reply.status.value, "transactionId": self.transfer_id}  # fmt: skip
        draft.deed(DeedKind.BOOK_UNREAD, "funds", self.unread_id, after=after)
        own = draft.decision(
            BookReply(unread=booked, status=done.reply.status, transfer_id=done.reply.transfer_id, amount=self.amount)
        )
        return Decision(
            reply=own.reply,
            transfers=done.transfers,
            rows=(*done.rows, *own.rows),
            new=(*done.new, *own.new),
            events=(*done.events, *own.events),
            deeds=own.deeds,
        )


class DismissUnread(msgspec.Struct, frozen=True, kw_only=True):
    """Dismiss an unread receipt, because it is no money or was dealt with otherwise. The report stays."""

    REFUSES: ClassVar[Refusals] = (UnreadAnswered,)

    actor_id: UserId
    unread_id: UnreadId
    reason: str

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), unread_receipts=(self.unread_id,))

    def decide(self, book: Book, now: Instant) -> Decision[UnreadReceipt]:
        """Dismiss it. Raises Forbidden, NotFound, UnreadAnswered."""
        book.organiser(self.actor_id, Act.ASSIGN_FUNDS)
        unread = _waiting(book, self.unread_id)
        draft = Draft(book, now, user=self.actor_id)
        dismissed = _answered(draft, unread, UnreadStatus.DISMISSED, self.actor_id, reason=self.reason)
        draft.deed(DeedKind.DISMISS_UNREAD, "funds", self.unread_id, after={"reason": self.reason})
        return draft.decision(dismissed)


def _waiting(book: Book, wanted: UnreadId) -> UnreadReceipt:
    if (unread := book.unread_receipts.get(wanted)) is None:
        raise NotFound(what="funds")
    if unread.status is not UnreadStatus.WAITING:
        raise UnreadAnswered(unread_status=unread.status.value)
    return unread


def _answered(
    draft: Draft, unread: UnreadReceipt, status: UnreadStatus, actor_id: UserId, **changes: str
) -> UnreadReceipt:
    answered = msgspec.structs.replace(
        unread, status=status, answered_by=actor_id, updated_at=draft.now, **changes
    )  # fmt: skip
    draft.put(answered)
    return answered
