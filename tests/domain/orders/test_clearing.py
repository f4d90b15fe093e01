"""Clearing: all ready orders of a stall are completed in one step, and nothing else is touched."""

import pytest

from festival_push.domain.events import OrderStatusChanged
from festival_push.domain.orders.boards import board_changes
from festival_push.domain.orders.clearing import ClearReady
from festival_push.domain.refusals import Forbidden, NotFound
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, UserId
from tests.support.festival import ANNA, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival, step

READY, COMPLETED = OrderStatus.READY, OrderStatus.COMPLETED


def clear(festival: Festival, until: Instant | None = None, *, actor_id: UserId = SUN_KEEPER) -> tuple[OrderId, ...]:
    return festival.do(ClearReady(actor_id=actor_id, vendor_id=SUN, called_until=until)).order_ids


@pytest.fixture
def festival() -> Festival:
    """Three orders of Anna's that are ready, each called a minute after the one before, and one that is not."""
    festival = Festival.opened(funds=5_000)
    orders = [festival.placed().order_id for _ in range(4)]
    for order_id in orders[:3]:
        festival.do(step(order_id, SUN_KEEPER, READY))
        festival.now = Instant(festival.now + 60_000)
    board_changes(festival.book, festival.now)
    return festival


def statuses(festival: Festival) -> list[OrderStatus]:
    return [order.status for order in festival.book.orders.values()]


def test_every_ready_order_is_completed_and_told_and_the_board_is_told_once(festival: Festival) -> None:
    before, ids = len(festival.events), list(festival.book.orders)
    assert list(clear(festival)) == ids[:3]
    assert statuses(festival) == [COMPLETED, COMPLETED, COMPLETED, OrderStatus.PREPARING]
    told = festival.told(user_topic(ANNA), after=before)
    assert [(event.order_id, event.status) for event in told if isinstance(event, OrderStatusChanged)] == [
        (order_id, COMPLETED) for order_id in ids[:3]
    ]
    (board,) = board_changes(festival.book, festival.now)
    assert (board.event.ready, board.event.preparing) == ((), (4,))  # type: ignore[attr-defined]


def test_what_was_called_after_the_page_looked_stays(festival: Festival) -> None:
    second = festival.book.orders[list(festival.book.orders)[1]]
    assert len(clear(festival, second.called_at)) == 2
    assert statuses(festival)[:3] == [COMPLETED, COMPLETED, READY]


def test_it_is_undone_by_recalls(festival: Festival) -> None:
    for order_id in clear(festival):
        festival.do(step(order_id, SUN_KEEPER, READY))
    assert statuses(festival)[:3] == [READY, READY, READY]


def test_nothing_ready_is_no_error(festival: Festival) -> None:
    clear(festival)
    before = len(festival.events)
    assert clear(festival) == ()
    assert len(festival.events) == before


def test_only_the_stall_clears_its_board(festival: Festival) -> None:
    for actor_id, refused in ((ANNA, Forbidden), (BEN, Forbidden), (BAR_KEEPER, NotFound)):
        with pytest.raises(refused):
            clear(festival, actor_id=actor_id)
