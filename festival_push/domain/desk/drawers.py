"""Drawers of cash: opened with a float, and closed with a count that says what is over or short.

Bookings of the desk go into the drawer that whoever books has open: `money/funds.py` takes cash in, and `payouts.py`
here gives it out. Between drawers cash goes over the safe.
"""

from enum import StrEnum
from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.draft import Draft
from festival_push.domain.money.at_desk import cash_in, require_cash
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.refusals import DifferenceUnexplained, DrawerClosed, DrawerOpen, DrawerShort
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import role_topic
from festival_push.domain.values import (
    DIFFERENCES,
    SAFE,
    DrawerId,
    Instant,
    Role,
    TransferId,
    TransferKind,
    UserId,
    drawer_account,
)


class Direction(StrEnum):
    """Which way cash goes between a drawer and the safe."""

    IN = "in"  # into the drawer
    OUT = "out"


def float_transfer(drawer_id: DrawerId) -> TransferId:
    """Return the id of the transfer that brings a drawer's float."""
    return TransferId(f"{drawer_id}-float")


def difference_transfer(drawer_id: DrawerId) -> TransferId:
    """Return the id of the transfer that books what was over or short at a drawer's closing."""
    return TransferId(f"{drawer_id}-difference")


def closing_transfer(drawer_id: DrawerId) -> TransferId:
    """Return the id of the transfer that brings a closed drawer's cash to the safe."""
    return TransferId(f"{drawer_id}-closed")


class CashReply(msgspec.Struct, frozen=True, kw_only=True):
    """A drawer after cash came or went, in minor units."""

    drawer_id: DrawerId
    transfer_id: TransferId
    amount: int
    cash: int  # that should be in it now


class ClosingReply(msgspec.Struct, frozen=True, kw_only=True):
    """How a drawer was closed, in minor units."""

    drawer_id: DrawerId
    expected: int
    counted: int
    difference: int  # counted less expected


class OpenDrawer(msgspec.Struct, frozen=True, kw_only=True):
    """Open a drawer at a desk, with the cash that it begins with."""

    REFUSES: ClassVar[Refusals] = (DrawerOpen,)

    actor_id: UserId  # its cashier
    drawer_id: DrawerId
    name: str
    float_amount: int  # minor units, 0 or more

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), drawers_of=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Drawer]:
        """Open it. Raises Forbidden, DrawerOpen if its cashier has one."""
        book.organiser(self.actor_id, Act.KEEP_DRAWER)
        if (known := book.open_drawer(self.actor_id)) is not None:
            raise DrawerOpen(drawer_id=known.drawer_id)
        draft = Draft(book, now, user=self.actor_id)
        drawer = Drawer(
            drawer_id=self.drawer_id, name=self.name, cashier_id=self.actor_id, opened_at=now,
            opened_after=book.transfer_seq, float_amount=self.float_amount,
        )  # fmt: skip
        draft.new(drawer)
        if self.float_amount:
            brought = draft.transfer(
                TransferKind.CASH, self.float_amount, debit=drawer_account(self.drawer_id), credit=SAFE,
                transfer_id=float_transfer(self.drawer_id), note=self.name,
            )  # fmt: skip
            draft.tell_admins(brought)
        after: State = {"name": self.name, "float": self.float_amount, "cashierId": self.actor_id}
        draft.deed(DeedKind.OPEN_DRAWER, "drawer", self.drawer_id, after=after)
        return draft.decision(drawer)


class MoveCash(msgspec.Struct, frozen=True, kw_only=True):
    """Bring cash from the safe to a drawer, or from it to the safe."""

    REFUSES: ClassVar[Refusals] = (DrawerClosed, DrawerShort, NotFound)

    actor_id: UserId
    drawer_id: DrawerId
    direction: Direction
    amount: int
    reason: str
    transfer_id: TransferId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), drawers=(self.drawer_id,))

    def decide(self, book: Book, now: Instant) -> Decision[CashReply]:
        """Move it. Raises Forbidden, NotFound, DrawerClosed, DrawerShort if the drawer has less."""
        drawer = _open_drawer(book, self.actor_id, self.drawer_id)
        draft = Draft(book, now, user=self.actor_id)
        before, account = cash_in(draft, drawer), drawer_account(self.drawer_id)
        if self.direction is Direction.OUT:
            require_cash(draft, drawer, self.amount)
        debit, credit = (account, SAFE) if self.direction is Direction.IN else (SAFE, account)
        moved = draft.transfer(
            TransferKind.CASH, self.amount, debit=debit, credit=credit, transfer_id=self.transfer_id, note=self.reason
        )
        draft.tell_admins(moved)
        cash = cash_in(draft, drawer)
        after: State = {
            "cash": cash, "amount": self.amount, "direction": self.direction.value, "reason": self.reason,
            "transactionId": self.transfer_id,
        }  # fmt: skip
        draft.deed(DeedKind.MOVE_CASH, "drawer", self.drawer_id, before={"cash": before}, after=after)
        return draft.decision(
            CashReply(drawer_id=self.drawer_id, transfer_id=self.transfer_id, amount=self.amount, cash=cash)
        )


class CloseDrawer(msgspec.Struct, frozen=True, kw_only=True):
    """Close a drawer with the cash that was counted; it all goes to the safe, and a difference is booked."""

    REFUSES: ClassVar[Refusals] = (DifferenceUnexplained, DrawerClosed, NotFound)

    actor_id: UserId
    drawer_id: DrawerId
    counted: int  # minor units, 0 or more
    reason: str | None

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), drawers=(self.drawer_id,))

    def decide(self, book: Book, now: Instant) -> Decision[ClosingReply]:
        """Close it. Raises Forbidden, NotFound, DrawerClosed, DifferenceUnexplained if it has no reason."""
        drawer = _open_drawer(book, self.actor_id, self.drawer_id)
        draft = Draft(book, now, user=self.actor_id)
        expected = cash_in(draft, drawer)
        difference = self.counted - expected
        if difference and not self.reason:
            raise DifferenceUnexplained(expected=expected, counted=self.counted, difference=difference)
        reason = self.reason if difference else None
        self._move(draft, difference, reason)
        closed = msgspec.structs.replace(
            drawer, closed_at=now, closed_after=book.transfer_seq + len(draft.moved), closed_by=self.actor_id,
            counted=self.counted, difference=difference, reason=reason,
        )  # fmt: skip
        draft.put(closed)
        after: State = {"counted": self.counted, "expected": expected, "difference": difference, "reason": reason}
        draft.deed(DeedKind.CLOSE_DRAWER, "drawer", self.drawer_id, after=after)
        if difference:
            draft.notify(
                role_topic(Role.ADMIN), "cash-over" if difference > 0 else "cash-missing", desk=drawer.name,
                name=book.user(drawer.cashier_id).name, amount=abs(difference), reason=reason,
            )  # fmt: skip
        return draft.decision(
            ClosingReply(drawer_id=self.drawer_id, expected=expected, counted=self.counted, difference=difference)
        )

    def _move(self, draft: Draft, difference: int, reason: str | None) -> None:
        account = drawer_account(self.drawer_id)
        if difference:
            debit, credit = (account, DIFFERENCES) if difference > 0 else (DIFFERENCES, account)
            found = draft.transfer(
                TransferKind.ADJUSTMENT, abs(difference), debit=debit, credit=credit,
                transfer_id=difference_transfer(self.drawer_id), note=reason,
            )  # fmt: skip
            draft.tell_admins(found)
        if self.counted:
            brought = draft.transfer(
                TransferKind.CASH, self.counted, debit=SAFE, credit=account,
                transfer_id=closing_transfer(self.drawer_id),
            )  # fmt: skip
            draft.tell_admins(brought)


def _open_drawer(book: Book, actor_id: UserId, drawer_id: DrawerId) -> Drawer:
    """Return an open drawer that the caller may keep: their own, or, for an organiser, anybody's.

    Raises Forbidden, NotFound also for somebody else's, DrawerClosed.
    """
    person = book.organiser(actor_id, Act.KEEP_DRAWER)
    drawer = book.drawer(drawer_id)
    if drawer.cashier_id != actor_id and not may(person, Act.KEEP_ANY_DRAWER):
        raise NotFound(what="drawer")
    if not drawer.is_open:
        raise DrawerClosed
    return drawer
