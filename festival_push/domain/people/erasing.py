"""Erasing a person: their name and all that is theirs goes, and what the festival's books need stays without it."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import PersonErased
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.erased import ERASED_NAME, Erased
from festival_push.domain.people.refusals import OrdersOpen, StillStaff, WalletNotEmpty
from festival_push.domain.people.relations import Act, Person, is_staff, require
from festival_push.domain.refusals import NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.sessions import end_sessions
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import (
    CREW,
    Instant,
    TransferId,
    TransferKind,
    UserId,
    allowance_account,
    staff_actor,
    user_account,
)


class ErasePerson(msgspec.Struct, frozen=True, kw_only=True):
    """Erase a person: they themselves, an organiser, or the command line.

    Their transfers and orders stay, of an erased guest. The store erases what no command reads: `store/writing/
    erasing.py` says what, by the decision's `erased`.
    """

    REFUSES: ClassVar[Refusals] = (NotFound, OrdersOpen, StillStaff, WalletNotEmpty)

    actor_id: UserId | None  # None: the command line
    user_id: UserId
    reason: str | None = None  # of an organiser
    top_up_code: str  # a new one, which nobody knows: what is paid with the old one is held

    def needs(self) -> Needs:
        """Name both people, and what would be in the way."""
        actor = () if self.actor_id is None else (self.actor_id,)
        return Needs(
            users=tuple(dict.fromkeys((*actor, self.user_id))),
            sessions_of=(self.user_id,),
            payout_counts=(self.user_id,),
            order_counts=(self.user_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Erase them; an allowance goes back to the festival.

        Raises NotFound, also if they are erased already; Forbidden; StillStaff; OrdersOpen; WalletNotEmpty, also
        while a payout waits to be settled.
        """
        if self.actor_id is not None:
            act = Act.USE_ACCOUNT if self.actor_id == self.user_id else Act.MANAGE_PEOPLE
            require(book.actor(self.actor_id), act, user_id=self.user_id)
        person = book.person(self.user_id)
        draft = Draft(book, now, actor=staff_actor(self.actor_id))
        _require_erasable(draft, person)
        if allowance := draft.balance(allowance_account(self.user_id)):
            transfer = draft.transfer(
                TransferKind.ALLOWANCE, allowance, debit=allowance_account(self.user_id), credit=CREW,
                transfer_id=TransferId(f"erased:{self.user_id}"),
            )  # fmt: skip
            draft.tell_admins(transfer, user_id=self.user_id)
        user = end_sessions(draft, msgspec.structs.replace(
            person.user, name=ERASED_NAME, name_words="", pin_hash=None, pin_digits=0, sign_in=None, sign_in_key=None,
            factors=0, top_up_code=self.top_up_code, suspended=True, frozen=False, rights_at=now, erased_at=now,
        ))  # fmt: skip
        draft.put(user)
        draft.tell(PersonErased(timestamp=draft.timestamp, user_id=self.user_id), SYSTEM)
        draft.deed(DeedKind.ERASE, "user", self.user_id, after={"reason": self.reason} if self.reason else None)
        decision = draft.decision(user)
        return msgspec.structs.replace(decision, erased=(Erased(self.user_id, person.name),))


def _require_erasable(draft: Draft, person: Person) -> None:
    user_id, book = person.user_id, draft.book
    if person.user.erased_at is not None:
        raise NotFound(what="user")
    if is_staff(person):
        raise StillStaff
    if orders := book.order_counts[user_id]:
        raise OrdersOpen(orders=orders)
    balance, payouts = draft.balance(user_account(user_id)), book.payout_counts[user_id]
    if balance or payouts:
        raise WalletNotEmpty(balance=balance, payouts=payouts)
