"""Close the books: keep the figures since the last Z report for good, under the next number."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import Refusals
from festival_push.domain.reports.figures import Figures
from festival_push.domain.reports.refusals import BooksClosed, NothingToClose
from festival_push.domain.reports.rows import ZReport, scope_of, z_report_id
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import Instant, UserId, VendorId, user_actor


class CloseBooks(msgspec.Struct, frozen=True, kw_only=True):
    """Keep the figures of all transfers between two of them as the next Z report of a stall, or of the festival.

    The figures are read before, without the write lock: what moved up to a transfer that is committed stays as it is.
    Here it is decided that they are of all transfers since the last Z report, so that none is in two, or in none.
    """

    REFUSES: ClassVar[Refusals] = (BooksClosed, NothingToClose)

    actor_id: UserId
    vendor_id: VendorId | None  # None: the festival's
    number: int
    after_seq: int  # of the last transfer of the Z report before; 0: there is none
    up_to_seq: int
    figures: Figures  # of the transfers after the one, up to the other

    def needs(self) -> Needs:
        scope = scope_of(self.vendor_id)
        reports = (z_report_id(scope, self.number - 1), z_report_id(scope, self.number))
        stalls = () if self.vendor_id is None else (self.vendor_id,)
        return Needs(users=(self.actor_id,), vendors=stalls, z_reports=reports)

    def decide(self, book: Book, now: Instant) -> Decision[ZReport]:
        """Keep them. Raises NotFound, Forbidden, BooksClosed, NothingToClose."""
        if self.vendor_id is None:
            book.organiser(self.actor_id, Act.CLOSE_BOOKS)
        else:
            book.own_stall(self.actor_id, self.vendor_id, Act.CLOSE_TILL)
        scope = scope_of(self.vendor_id)
        last, key = book.z_reports.get(z_report_id(scope, self.number - 1)), z_report_id(scope, self.number)
        goes_on = self.number == 1 if last is None else last.up_to_seq == self.after_seq
        if key in book.z_reports or not goes_on or (last is None and self.after_seq):
            raise BooksClosed
        if not self.figures.transfers or not self.after_seq < self.up_to_seq <= book.transfer_seq:
            raise NothingToClose
        report = ZReport(
            z_report_id=key,
            scope=scope,
            number=self.number,
            after_seq=self.after_seq,
            up_to_seq=self.up_to_seq,
            after_at=None if last is None else last.at,
            at=now,
            actor=user_actor(self.actor_id),
            figures=msgspec.json.encode(self.figures).decode(),
        )
        draft = Draft(book, now, user=self.actor_id)
        draft.new(report)
        sums = self.figures.sums
        draft.deed(
            DeedKind.CLOSE_BOOKS, "z-report", key,
            after={"number": self.number, "upTo": self.up_to_seq, "orders": sums.orders, "net": sums.net},
        )  # fmt: skip
        return draft.decision(report)
