"""Lists of orders, and the boards."""

import pytest

from festival_push.domain.orders.boards import board_of, queue_position
from festival_push.domain.values import OrderId, OrderStatus, UserId, VendorId
from festival_push.store.database import Database
from festival_push.store.log import EventLog
from festival_push.store.reads.orders import BoardSeen, orders_page
from festival_push.store.reads.reads import Reads
from tests.store.plans import analyze, plan_of
from tests.store.populated import Populated, populated
from tests.support.festival import (
    ANNA,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    coming,
    order_of,
    step,
    top_up,
)

PENDING, CONFIRMED, PREPARING, READY, COMPLETED, CANCELLED = OrderStatus

# Both customers at both stalls, in every status; the same in memory and in the database.
COMMANDS: list[AnyCommand] = [
    top_up(ANNA, 20_000, number=1),
    top_up(BEN, 20_000, number=2),
    *(
        order_of(item, 1, customer_id=customer, number=number)
        for number, (item, customer) in enumerate([(FALAFEL, ANNA), (BEER, BEN), (BEER, ANNA), (FALAFEL, BEN)] * 4, 10)
    ),
    *(
        step(OrderId(f"o{number}"), SUN_KEEPER, status)
        for number, status in ((10, READY), (13, CANCELLED), (14, READY))
    ),
    *(step(OrderId(order_id), SUN_KEEPER, COMPLETED) for order_id in ("o10", "o14")),
    step(OrderId("o10"), SUN_KEEPER, READY),  # recalled: it is the oldest again
    coming(OrderId("o10")),
    *(
        step(OrderId(f"o{number}"), BAR_KEEPER, status)
        for number, status in ((11, CONFIRMED), (12, READY), (15, PREPARING))
    ),
]


def in_memory() -> Festival:
    festival = Festival.opened()
    for command in COMMANDS:
        festival.do(command)
    return festival


FESTIVAL = in_memory()


def expected(
    user_id: UserId | None, vendor_id: VendorId | None, status: OrderStatus | None
) -> list[tuple[OrderId, int | None]]:
    book = FESTIVAL.book
    return [
        (order.order_id, queue_position(order.placed, order.status, book.open_orders[order.vendor_id].values()))
        for order in sorted(book.orders.values(), key=lambda order: -order.placed)
        if user_id in (None, order.user_id) and vendor_id in (None, order.vendor_id) and status in (None, order.status)
    ]


async def test_lists_are_filtered_newest_first_and_know_the_queues(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(COMMANDS)
        reads = Reads(database)
        for user_id in (None, ANNA, BEN):
            for vendor_id in (None, SUN, BAR):
                for status in (None, *OrderStatus):
                    found = await reads.orders(user_id=user_id, vendor_id=vendor_id, status=status, limit=100)
                    assert [(seen.order.order_id, seen.queue_position) for seen in found] == expected(
                        user_id, vendor_id, status
                    )
        assert {seen.order.order_id: seen.order for seen in await reads.orders(limit=100)} == FESTIVAL.book.orders


@pytest.mark.parametrize("limit", [1, 3, 16, 50])
async def test_pages_follow_one_another(database: Database, limit: int) -> None:
    async with populated(database) as festival:
        await festival.do(COMMANDS)
        found, before = [], None
        while page := await Reads(database).orders(vendor_id=SUN, before=before, limit=limit):
            assert len(page) <= limit
            found += [(seen.order.order_id, seen.queue_position) for seen in page]
            before = page[-1].order.placed
            assert len(found) <= len(COMMANDS)  # a page that comes again would come for ever
    assert found == expected(None, SUN, None)


async def test_one_order_knows_its_queue_position(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(COMMANDS)
        reads = Reads(database)
        for order_id, position in expected(None, None, None):
            seen = await reads.order(order_id)
            assert seen is not None
            assert (seen.order, seen.queue_position) == (FESTIVAL.book.orders[order_id], position)
        assert await reads.order(OrderId("nothing")) is None


async def test_a_board_is_read_with_its_position(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(COMMANDS)
        reads, head = Reads(database), await EventLog(database).head()
        for vendor_id in (SUN, BAR):
            board = board_of(vendor_id, FESTIVAL.book.open_orders[vendor_id].values())
            name = FESTIVAL.book.vendors[vendor_id].name
            assert await reads.board(vendor_id) == BoardSeen(board, name, head.position, head.epoch)
        assert await reads.board(VendorId("nobody")) is None


async def fill(festival: Populated, orders: int) -> None:
    """Many finished orders, written without their transfers: only the plan is of interest."""
    await festival.do(COMMANDS[:3])
    writer = festival.database.writer()
    await writer.begin()
    copied = """
        INSERT INTO orders (order_id, vendor_id, vendor_name, user_id, customer_name, number, status, lines, total,
                            refunded, platform_fee, fee_refunded, placed, created_at, updated_at, completed_at)
        SELECT order_id || '-' || $1, vendor_id, vendor_name, user_id, customer_name, number,
               'completed', lines, total, refunded, platform_fee, fee_refunded, $2, created_at, updated_at, updated_at
          FROM orders WHERE order_id = 'o10'
    """
    await writer.commit((copied, [(str(number), 1_000 + number) for number in range(orders)]))
    await analyze(festival.database)


@pytest.mark.parametrize(
    ("user_id", "vendor_id", "status", "index"),
    [
        (ANNA, None, None, "orders_user"),
        (None, SUN, None, "orders_vendor"),
        (None, None, None, "orders_placed"),
        (None, SUN, PREPARING, "orders_open"),
    ],
)
async def test_a_page_is_read_in_the_order_of_an_index(
    database: Database, user_id: UserId | None, vendor_id: VendorId | None, status: OrderStatus | None, index: str
) -> None:
    async with populated(database) as festival:
        await fill(festival, 2_000)
        plan = await plan_of(
            database, orders_page(user_id=user_id, vendor_id=vendor_id, status=status, before=1_500, limit=5)
        )
    if database.dialect == "sqlite":
        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert index == "orders_placed" or "SCAN" not in plan
    else:  # with one stall and one customer, the index of all orders serves as well
        assert "Index" in plan
        assert "Sort" not in plan or index == "orders_open"
