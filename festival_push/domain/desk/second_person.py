"""The second person: what moves much money waits until another organiser confirms it."""

from typing import ClassVar, Final, Generic, TypeVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.desk.lost_wallets import MoveWallet, MoveWalletReply
from festival_push.domain.desk.payouts import DeskPayoutReply, PayOutAtDesk
from festival_push.domain.draft import Draft
from festival_push.domain.money.funds import TopUp
from festival_push.domain.money.held import AssignFunds, GiveBack, GiveBackReply
from festival_push.domain.money.providers.unread import BookUnread
from festival_push.domain.money.reversals import ReversalReply, ReverseTransfer
from festival_push.domain.needs import merge
from festival_push.domain.office.deeds import DeedKind, SubjectKind, subject_of
from festival_push.domain.office.events import ConfirmationUpdated
from festival_push.domain.office.refusals import AskerGone, ConfirmationExpired, ConfirmationSettled, SamePerson, TooNew
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.refunds import RefundOrder, is_own_sale
from festival_push.domain.orders.steps import cancels_own
from festival_push.domain.payouts.payouts import PayoutReply, SettlePayout
from festival_push.domain.payouts.runs import RunReply, SendPayoutRun
from festival_push.domain.people.relations import Act, Relation, relations
from festival_push.domain.refusals import Forbidden, NotFound, Refusals, Suspended
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    ConfirmationId,
    Instant,
    OrderStatus,
    PayoutStatus,
    Role,
    TransferKind,
    UserId,
    is_losses,
    rfc3339,
)

R = TypeVar("R")

CONFIRM_MS: Final = 60 * 60 * 1000
"""How long something may wait for its second person."""
SETTLED_MS: Final = 12 * 60 * 60 * 1000
"""How long somebody to whom another organiser gave their rights, or their PIN, is no second person, whether they ask or
confirm: else one organiser could make the second."""

Guarded = (
    TopUp | AssignFunds | BookUnread | GiveBack | ReverseTransfer | RefundOrder | SettlePayout | SendPayoutRun
    | ChangeOrderStatus | PayOutAtDesk | MoveWallet | GrantAllowance
)  # fmt: skip
_ACTS: Final[dict[type[Guarded], DeedKind]] = {
    TopUp: DeedKind.TOP_UP,
    AssignFunds: DeedKind.ASSIGN,
    BookUnread: DeedKind.BOOK_UNREAD,
    GiveBack: DeedKind.GIVE_BACK,
    ReverseTransfer: DeedKind.REVERSE,
    RefundOrder: DeedKind.REFUND,
    SettlePayout: DeedKind.COMPLETE_PAYOUT,
    PayOutAtDesk: DeedKind.PAY_OUT,
    SendPayoutRun: DeedKind.SEND_RUN,
    ChangeOrderStatus: DeedKind.CANCEL,
    MoveWallet: DeedKind.MOVE_WALLET,
    GrantAllowance: DeedKind.GRANT_ALLOWANCE,
}
_COMMANDS: Final[dict[DeedKind, type[Guarded]]] = {act: kind for kind, act in _ACTS.items()}


_PASSED_ON: Final[Refusals] = tuple(dict.fromkeys(refusal for kind in _ACTS for refusal in kind.REFUSES))


class WithSecond(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """Do what a member of staff asks for; if it is above `second_person_above`, keep it until somebody confirms it."""

    PASSES_ON: ClassVar[Refusals] = _PASSED_ON  # by the command

    command: Guarded
    confirmation_id: ConfirmationId

    def needs(self) -> Needs:
        return self.command.needs()

    def decide(self, book: Book, now: Instant) -> Decision[R | Confirmation]:
        """Decide the command, or keep it; what the rules refuse is refused at once. Raises as the command does."""
        decision: Decision[R] = self.command.decide(book, now)  # type: ignore[assignment]  # R is its reply
        above, stake = book.rules.second_person_above, _stake(self.command, book, now, decision)
        if not above or not stake or stake + _given_back(self.command, book) <= above:
            return decision
        confirmation = Confirmation(
            confirmation_id=self.confirmation_id,
            act=_ACTS[type(self.command)],
            subject=_subject(self.command),
            amount=stake,
            command=msgspec.json.encode(_pinned(self.command, stake)).decode(),
            asked_by=self.command.actor_id,
            status=ConfirmationStatus.WAITING,
            settled_by=None,
            created_at=now,
            expires_at=Instant(now + CONFIRM_MS),
            settled_at=None,
        )
        draft = Draft(book, now, user=self.command.actor_id)
        draft.new(confirmation)
        asked = {"act": confirmation.act.value, "subject": confirmation.subject, "amount": stake}
        draft.deed(DeedKind.ASK_SECOND, "confirmation", self.confirmation_id, after=asked)
        _tell(draft, confirmation)
        draft.notify(role_topic(Role.ADMIN), "second-wanted", amount=stake, act=confirmation.act.value)
        return draft.decision(confirmation)


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """Confirm, as a second organiser, what somebody has asked for; all rules are checked again."""

    REFUSES: ClassVar[Refusals] = (AskerGone, ConfirmationExpired, ConfirmationSettled, SamePerson, TooNew)
    PASSES_ON: ClassVar[Refusals] = _PASSED_ON

    actor_id: UserId
    confirmation_id: ConfirmationId
    command: Guarded  # as `waiting_command` has read it from the confirmation, which never changes it

    def needs(self) -> Needs:
        own = Needs(users=(self.actor_id,), confirmations=(self.confirmation_id,))
        return merge((own, self.command.needs()))

    def decide(self, book: Book, now: Instant) -> Decision[Confirmation]:
        """Do it, once; confirming it again changes nothing.

        Raises Forbidden, NotFound, SamePerson for whoever asked, TooNew for either of the two, AskerGone if they may
        not do it any more, ConfirmationExpired, ConfirmationSettled if it was refused; and as the command does.
        """
        confirmation = _of(book, self.actor_id, self.confirmation_id)
        assert _subject(self.command) == confirmation.subject, self.confirmation_id
        if confirmation.asked_by == self.actor_id:
            raise SamePerson
        _require_settled(book, self.actor_id, now)
        draft = Draft(book, now, user=self.actor_id)
        if confirmation.status is ConfirmationStatus.CONFIRMED:
            return draft.decision(confirmation)
        _require_waiting(confirmation, now)
        _require_settled(book, confirmation.asked_by, now)
        try:
            done: Decision[object] = self.command.decide(book, now)
        except (Forbidden, Suspended):
            raise AskerGone from None
        settled = _settle(draft, confirmation, ConfirmationStatus.CONFIRMED, self.actor_id)
        own = draft.decision(settled)
        return Decision(
            reply=settled,
            transfers=done.transfers,
            rows=(*done.rows, *own.rows),
            new=(*done.new, *own.new),
            dropped=done.dropped,
            events=(*done.events, *own.events),
            deeds=(*done.deeds, *own.deeds),
        )


class RefuseConfirmation(msgspec.Struct, frozen=True, kw_only=True):
    """Refuse, as an organiser, what somebody has asked for; whoever asked takes it back so."""

    REFUSES: ClassVar[Refusals] = (ConfirmationExpired, ConfirmationSettled)

    actor_id: UserId
    confirmation_id: ConfirmationId
    reason: str | None = None

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), confirmations=(self.confirmation_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Confirmation]:
        """Refuse it; doing so again changes nothing. Raises Forbidden, NotFound, ConfirmationExpired,
        ConfirmationSettled if it was confirmed."""
        confirmation = _of(book, self.actor_id, self.confirmation_id)
        draft = Draft(book, now, user=self.actor_id)
        if confirmation.status is not ConfirmationStatus.REFUSED:
            _require_waiting(confirmation, now)
            confirmation = _settle(draft, confirmation, ConfirmationStatus.REFUSED, self.actor_id, reason=self.reason)
        return draft.decision(confirmation)


def waiting_command(confirmation: Confirmation) -> Guarded:
    """Return the command that a confirmation keeps. Raises ConfirmationExpired for one of a version before."""
    try:
        return msgspec.json.decode(confirmation.command, type=_COMMANDS[confirmation.act])
    except msgspec.ValidationError:
        raise ConfirmationExpired from None


def _of(book: Book, actor_id: UserId, confirmation_id: ConfirmationId) -> Confirmation:
    book.organiser(actor_id, Act.CONFIRM)
    if (confirmation := book.confirmations.get(confirmation_id)) is None:
        raise NotFound(what="confirmation")
    return confirmation


def _require_waiting(confirmation: Confirmation, now: Instant) -> None:
    status = confirmation.status_at(now)
    if status is ConfirmationStatus.EXPIRED:
        raise ConfirmationExpired
    if status is not ConfirmationStatus.WAITING:
        raise ConfirmationSettled(confirmation_status=status.value)


def _require_settled(book: Book, user_id: UserId, now: Instant) -> None:
    if now - book.user(user_id).rights_at < SETTLED_MS:
        raise TooNew


def _settle(
    draft: Draft,
    confirmation: Confirmation,
    status: ConfirmationStatus,
    actor_id: UserId,
    *,
    reason: str | None = None,
) -> Confirmation:
    settled = msgspec.structs.replace(confirmation, status=status, settled_by=actor_id, settled_at=draft.now)
    draft.put(settled)
    act = DeedKind.CONFIRM if status is ConfirmationStatus.CONFIRMED else DeedKind.REFUSE
    told: dict[str, str | int | bool | None] = {
        "act": settled.act.value, "subject": settled.subject, "amount": settled.amount, "askedBy": settled.asked_by
    }  # fmt: skip
    if reason is not None:
        told["reason"] = reason
    draft.deed(act, "confirmation", settled.confirmation_id, after=told)
    _tell(draft, settled)
    draft.notify(
        user_topic(settled.asked_by), "second-confirmed" if act is DeedKind.CONFIRM else "second-refused",
        amount=settled.amount, act=settled.act.value, reason=reason,
    )  # fmt: skip
    return settled


def _tell(draft: Draft, confirmation: Confirmation) -> None:
    event = ConfirmationUpdated(
        timestamp=draft.timestamp,
        confirmation_id=confirmation.confirmation_id,
        act=confirmation.act,
        subject=confirmation.subject,
        amount=confirmation.amount,
        asked_by=confirmation.asked_by,
        status=confirmation.status.value,
        expires_at=rfc3339(confirmation.expires_at),
    )
    draft.tell(event, role_topic(Role.ADMIN))


def _pinned(command: Guarded, stake: int) -> Guarded:
    """Return the command as it is kept: all of a wallet is what it held when that was asked for, and not what has come
    in by the time somebody confirms it."""
    return msgspec.structs.replace(command, amount=stake) if isinstance(command, PayOutAtDesk) else command


def _stake(command: Guarded, book: Book, now: Instant, decision: Decision[object]) -> int:
    """Return how much money a decision moves because one member of staff says so, in minor units."""
    if isinstance(command, TopUp | BookUnread | GrantAllowance):
        return command.total if isinstance(command, GrantAllowance) else command.amount
    if isinstance(decision.reply, GiveBackReply | ReversalReply | DeskPayoutReply | MoveWalletReply):
        beside = decision.reply.allowance if isinstance(decision.reply, MoveWalletReply) else 0
        return decision.reply.amount + beside
    if isinstance(command, SettlePayout):  # its money has left the wallet already, and now leaves the festival
        assert isinstance(decision.reply, PayoutReply)
        leaves = command.status is PayoutStatus.COMPLETED and bool(decision.rows)
        return decision.reply.payout.due if leaves else 0
    if isinstance(command, SendPayoutRun):
        assert isinstance(decision.reply, RunReply)
        return decision.reply.run.total if decision.rows else 0
    if isinstance(command, ChangeOrderStatus | RefundOrder) and _gives_own(command, book, now):
        return sum(transfer.amount for transfer in decision.transfers if is_losses(transfer.debit))  # it is not theirs
    kinds = {TransferKind.REFUND, TransferKind.TOP_UP, TransferKind.DEPOSIT}
    return sum(transfer.amount for transfer in decision.transfers if transfer.kind in kinds)


def _gives_own(command: ChangeOrderStatus | RefundOrder, book: Book, now: Instant) -> bool:
    """Return whether a stall gives its own money back, or a customer takes the order back by their own rules."""
    actor, order = book.person(command.actor_id), book.order(command.order_id)
    if isinstance(command, RefundOrder):
        return order.vendor_id in actor.stalls and is_own_sale(order, actor, rules=book.rules, now=now)
    attended = book.vendor(order.vendor_id).attended
    part = relations(actor, user_id=order.user_id, vendor_id=order.vendor_id)
    is_own = cancels_own(order, command.status, actor, rules=book.rules, now=now, attended=attended)
    return command.status is not OrderStatus.CANCELLED or is_own or Relation.KEEPER in part


def _given_back(command: Guarded, book: Book) -> int:
    """Return how much of the same order was refunded before: in pieces it needs a second person too."""
    if not isinstance(command, RefundOrder | ChangeOrderStatus):
        return 0
    order = book.order(command.order_id)
    return order.back


def _subject(command: Guarded) -> str:
    kind: SubjectKind
    match command:
        case TopUp() | AssignFunds() | MoveWallet() | PayOutAtDesk():
            kind, name = "user", str(command.user_id)
        case GrantAllowance(user_ids=(only,)):
            kind, name = "user", str(only)
        case GrantAllowance():
            kind, name = "allowance", str(command.transfer_id)
        case BookUnread():
            kind, name = "funds", str(command.unread_id)
        case GiveBack():
            kind, name = "funds", str(command.funds_id)
        case ReverseTransfer():
            kind, name = "transfer", str(command.transfer_id)
        case SettlePayout():
            kind, name = "payout", str(command.payout_id)
        case SendPayoutRun():
            kind, name = "payout-run", str(command.run_id)
        case RefundOrder() | ChangeOrderStatus():
            kind, name = "order", str(command.order_id)
    return subject_of(kind, name)
