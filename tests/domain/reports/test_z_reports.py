"""Z reports: numbered without a gap, each from where the one before ended, and never changed."""

import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.refusals import Forbidden, NotFound
from festival_push.domain.reports.figures import Figures, Sums
from festival_push.domain.reports.refusals import BooksClosed, NothingToClose
from festival_push.domain.reports.rows import ZReport
from festival_push.domain.reports.z_reports import CloseBooks
from festival_push.domain.values import Instant, Part, UserId, VendorId, user_actor
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, BEN, NOON, SUN, SUN_KEEPER, Festival

SOLD = Figures(sums=Sums(orders=2, sales=1_300, net=1_300), transfers=4)


def closing(
    number: int,
    after_seq: int,
    up_to_seq: int,
    *,
    actor_id: UserId = SUN_KEEPER,
    vendor_id: VendorId | None = SUN,
    figures: Figures = SOLD,
) -> CloseBooks:
    """A wish to close the books."""
    return CloseBooks(
        actor_id=actor_id, vendor_id=vendor_id, number=number, after_seq=after_seq, up_to_seq=up_to_seq, figures=figures
    )


def busy() -> Festival:
    """A festival with some transfers."""
    festival = Festival.opened(funds=5_000)
    for _ in range(3):
        festival.placed()
    return festival


def test_the_first_begins_with_the_first_transfer_and_the_next_where_it_ended() -> None:
    festival = busy()
    first = festival.do(closing(1, 0, 4))
    festival.now = Instant(NOON + 9)
    second = festival.do(closing(2, 4, 6, actor_id=ADMIN))
    assert first == ZReport(
        z_report_id="till:sun 1", scope="till:sun", number=1, after_seq=0, up_to_seq=4, after_at=None, at=NOON,
        actor=user_actor(SUN_KEEPER), figures=msgspec.json.encode(SOLD).decode(),
    )  # fmt: skip
    assert (second.number, second.after_seq, second.up_to_seq, second.after_at) == (2, 4, 6, NOON)


@pytest.mark.parametrize(
    ("number", "after_seq"),
    [(1, 0), (1, 4), (2, 0), (2, 3), (2, 5), (3, 4), (3, 0), (0, 0)],
)  # fmt: skip
def test_none_is_closed_twice_and_none_left_out(number: int, after_seq: int) -> None:
    festival = busy()
    festival.do(closing(1, 0, 4))
    with pytest.raises(BooksClosed):
        festival.do(closing(number, after_seq, 6))


def test_the_first_leaves_nothing_out() -> None:
    with pytest.raises(BooksClosed):
        busy().do(closing(1, 2, 4))
    with pytest.raises(BooksClosed):
        busy().do(closing(2, 0, 4))


def test_nothing_is_closed_where_nothing_moved() -> None:
    festival = busy()
    with pytest.raises(NothingToClose):
        festival.do(closing(1, 0, 4, figures=Figures(sums=Sums())))
    with pytest.raises(NothingToClose):
        festival.do(closing(1, 0, 0))


def test_what_is_not_committed_yet_is_not_closed() -> None:
    festival = busy()
    with pytest.raises(NothingToClose):
        festival.do(closing(1, 0, festival.book.transfer_seq + 1))


def test_stalls_and_the_festival_count_for_themselves() -> None:
    festival = busy()
    for vendor_id, actor_id in ((SUN, SUN_KEEPER), (VendorId("bar"), BAR_KEEPER), (None, ADMIN)):
        made = festival.do(closing(1, 0, 4, vendor_id=vendor_id, actor_id=actor_id))
        assert made.number == 1
    assert set(festival.book.z_reports) == {"till:sun 1", "till:bar 1", "festival 1"}


def test_an_owner_or_an_organiser_closes_a_stall_s_books_and_organisers_the_festival_s() -> None:
    festival = busy()
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.KEEPER))
    for actor_id, refused in ((BEN, Forbidden), (BAR_KEEPER, NotFound), (ANNA, Forbidden)):
        with pytest.raises(refused):
            festival.do(closing(1, 0, 4, actor_id=actor_id))
    for actor_id in (SUN_KEEPER, BEN, ANNA):
        with pytest.raises(Forbidden):
            festival.do(closing(1, 0, 4, actor_id=actor_id, vendor_id=None))


def test_the_deed_says_what_was_closed() -> None:
    (deed,) = busy().decided(closing(1, 0, 4)).deeds
    assert (deed.act, deed.subject) == (DeedKind.CLOSE_BOOKS, "z-report:till:sun 1")
    assert json.loads(deed.after) == {"net": 1_300, "number": 1, "orders": 2, "upTo": 4}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 7), st.integers(0, 8)), max_size=25))
def test_whatever_is_asked_the_reports_of_a_scope_are_one_chain(asked: list[tuple[int, int, int]]) -> None:
    festival = busy()
    for wish in asked:
        try:
            festival.do(closing(*wish))
        except (BooksClosed, NothingToClose):
            continue
    made = sorted(festival.book.z_reports.values(), key=lambda report: report.number)
    assert [report.number for report in made] == list(range(1, len(made) + 1))
    assert all(before.up_to_seq == after.after_seq for before, after in itertools.pairwise(made))
    assert not made or made[0].after_seq == 0


def test_the_figures_are_kept_as_they_were() -> None:
    festival = busy()
    made = festival.do(closing(1, 0, 4))
    assert msgspec.json.decode(made.figures, type=Figures) == SOLD
