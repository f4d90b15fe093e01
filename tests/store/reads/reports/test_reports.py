"""What was sold and taken: counted by the database, of all that there is, in any stretch of the ledger."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import pytest

from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn
from festival_push.domain.desk.drawers import CloseDrawer, OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.money.funds import TopUp
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.refusals import Refused
from festival_push.domain.reports.days import QUARTER_MS
from festival_push.domain.reports.figures import Figures, ItemLine, MethodLine, Sums, TaxLine, added
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import (
    DrawerId,
    GiveBackId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PayoutId,
    TransferId,
    UserId,
    VendorId,
)
from festival_push.store.database import Database
from festival_push.store.errors import CommandFailed
from festival_push.store.reads.reads import Reads
from festival_push.store.reads.reports.reports import AT_ONCE_MAX
from festival_push.store.reads.reports.windows import Window, after_transfer, between
from festival_push.store.sql import Rows, Statement
from tests.domain.histories import HISTORY_OPENING, history
from tests.store.plans import Explaining, analyze
from tests.store.populated import Populated, populated
from tests.store.world import BAR as LONE_BAR
from tests.store.world import BOSS, START, World
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BEER,
    BEN,
    FALAFEL,
    NOON,
    OPENING,
    SUN,
    SUN_KEEPER,
    order_of,
    step,
    top_up,
)

ALL: Final = after_transfer(0, 10**9)


def change_tax(item_id: ItemId, tax_bp: int) -> ChangeMenuItem:
    """The stall says the tax in a price."""
    return ChangeMenuItem(actor_id=ADMIN, item_id=item_id, tax_bp=tax_bp)


def refund(order_id: str, amount: int | None, *, number: int) -> RefundOrder:
    """The organiser gives money back."""
    return RefundOrder(
        actor_id=ADMIN,
        order_id=OrderId(order_id),
        amount=amount,
        reason="cold",
        transfer_id=TransferId(f"back{number}"),
    )


async def newest(database: Database) -> int:
    """The number of the newest transfer."""
    [[head]] = await database.read(("SELECT transfer_seq FROM log_head", ()))
    return int(head[0])


async def after_an_evening(festival: Populated) -> None:
    """Two orders of two rates, one with a tip; a beer at another stall; an order that is cancelled; two refunds."""
    await festival.do([change_tax(FALAFEL, 700), change_tax(AYRAN, 1_900)])
    await festival.do([top_up(ANNA, 9_000, number=1), top_up(BEN, 9_000, number=2)])
    await festival.do(
        [
            order_of(FALAFEL, 2, AYRAN, 1, number=3, tip=100),
            order_of(FALAFEL, 1, number=4, customer_id=BEN),
            order_of(BEER, 2, number=5),
            order_of(AYRAN, 3, number=6),
            step(OrderId("o6"), SUN_KEEPER, OrderStatus.CANCELLED, "none left"),
            refund("o3", 500, number=7),
        ]
    )


async def test_a_stall_s_figures_say_what_it_sold_by_item_and_by_rate(database: Database) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
    figures = await Reads(database).figures(ALL, SUN)
    sold = 2 * 650 + 199 + 650 + 3 * 199
    fees = (2 * 650 + 199) * 250 // 10_000 + 650 * 250 // 10_000 - (2 * 650 + 199) * 250 // 10_000 * 500 // 1_499
    assert figures.sums == Sums(
        orders=3, sales=sold, tips=100, refunds=3 * 199 + 500, fees=fees,
        net=sold + 100 - 3 * 199 - 500 - fees,
    )  # fmt: skip
    assert figures.items == (
        ItemLine(vendor_id=SUN, item_id=FALAFEL, name="Falafel", tax_bp=700, quantity=3, amount=1_950),
        ItemLine(
            vendor_id=SUN, item_id=AYRAN, name="Ayran", tax_bp=1_900, quantity=4, amount=796, back=3, back_amount=597
        ),
    )
    # 5.00 went back of 14.99 without saying of what: 4.34 of 13.00, and 0.66 of 1.99.
    assert figures.taxes == (
        TaxLine(tax_bp=1_900, gross=199 - 66, net=112, tax=21),
        TaxLine(tax_bp=700, gross=1_950 - 434, net=1_417, tax=99),
    )


async def test_the_rest_and_the_tip_go_back_with_no_tax_in_the_tip(database: Database) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
        before = await newest(database)
        await festival.do([refund("o3", None, number=8)])
    reads = Reads(database)
    last = await reads.figures(after_transfer(before, 10**9), SUN)
    assert last.sums.refunds == 999 + 100
    assert {line.tax_bp: line.gross for line in last.taxes} == {1_900: -133, 700: -866}
    whole = await reads.figures(ALL, SUN)
    assert {line.tax_bp: line.gross for line in whole.taxes} == {700: 650}, "all that is left is one Falafel"


async def test_a_tip_that_is_taken_back_alone_has_no_tax_either(database: Database) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
        before = await newest(database)
        await festival.do(
            [
                ReverseTransfer(
                    actor_id=ADMIN, transfer_id=TransferId("o3-tip"), amount=None, reason="typo",
                    reversal_id=TransferId("r1"),
                ),
                refund("o3", 200, number=9),
            ]
        )  # fmt: skip
    figures = await Reads(database).figures(after_transfer(before, 10**9), SUN)
    assert figures.sums.refunds == 100 + 200
    assert sum(line.gross for line in figures.taxes) == -200


async def test_lines_that_go_back_take_the_tax_of_their_own_rate(database: Database) -> None:
    def back(index: int, number: int) -> RefundOrder:
        return RefundOrder(
            actor_id=ADMIN, order_id=OrderId("o3"), amount=None, reason="cold",
            lines=(LineBack(index=index, quantity=1),), transfer_id=TransferId(f"back{number}"),
        )  # fmt: skip

    async with populated(database) as festival:
        await after_an_evening(festival)
        reads, start = Reads(database), await newest(database)
        await festival.do([refund("o4", None, number=8), back(1, 9)])  # a whole Falafel, then the other order's Ayran
        figures = await reads.figures(after_transfer(start, 10**9), SUN)
        # o3 had 5.00 given back without saying of what: what they were of is found anew with the line.
        assert sum(line.gross for line in figures.taxes) == -(650 + 199)
        whole = await reads.figures(ALL, SUN)
    left = {line.tax_bp: line.gross for line in whole.taxes}
    assert left == {700: 2 * 650 - 500}, "both Ayran went back as lines, so the amount was of the Falafel"


async def test_stalls_and_quarters_of_an_hour_add_up_to_the_whole(database: Database) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
    reads = Reads(database)
    whole = await reads.figures(ALL)
    stalls = await reads.by_stall(ALL)
    assert [(stall.name, stall.sums.orders) for stall in stalls] == [("Bar", 1), ("Sun", 3)]
    assert added(stall.sums for stall in stalls) == whole.sums
    assert {line.tax_bp: line.gross for line in stalls[1].taxes} == {1_900: 133, 700: 1_516}
    quarters = await reads.by_quarter(ALL)
    assert quarters == ({Instant(NOON // QUARTER_MS * QUARTER_MS): whole.sums}, whole.taxes)
    assert list((await reads.by_quarter(ALL, BAR)).sums.values()) == [stalls[0].sums]
    assert {item.vendor_id for item in whole.items} == {SUN, BAR}


async def test_a_stretch_of_time_begins_with_its_first_instant_and_ends_before_its_last(database: Database) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
    reads = Reads(database)
    for window, orders in (
        (between(NOON, Instant(NOON + 1)), 3),
        (between(Instant(NOON - 1), NOON), 0),
        (between(Instant(NOON + 1), Instant(NOON + 2)), 0),
    ):
        figures = await reads.figures(window, SUN)
        assert (figures.sums.orders, len(figures.items), len(figures.taxes)) == (orders, orders and 2, orders and 2)


async def test_the_desk_by_method_and_by_cashier(database: Database) -> None:
    """Cash of a cashier goes into a drawer; cash is cash, and what a drawer gets from the safe is no guest's money."""

    def taken(actor_id: UserId, amount: int, method: str, number: int) -> TopUp:
        return TopUp(
            actor_id=actor_id, user_id=ANNA, amount=amount, method=method, note=None,
            transfer_id=TransferId(f"t{number}"),
        )  # fmt: skip

    async with populated(database) as festival:
        await festival.do(
            [
                MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True),
                OpenDrawer(actor_id=BEN, drawer_id=DrawerId("d1"), name="Gate", float_amount=5_000),
                taken(BEN, 1_000, "cash", 1),
                taken(BEN, 2_000, "card", 2),
                taken(ADMIN, 3_000, "cash", 3),
                PayOutAtDesk(actor_id=BEN, user_id=ANNA, payout_id=PayoutId("p1"), amount=400, reason=None),
                ReverseTransfer(
                    actor_id=ADMIN, transfer_id=TransferId("t1"), amount=None, reason="typo",
                    reversal_id=TransferId("r1"),
                ),
                CloseDrawer(actor_id=BEN, drawer_id=DrawerId("d1"), counted=4_590, reason="a coin fell down"),
            ]
        )  # fmt: skip
    figures = await Reads(database).figures(ALL)
    assert figures.methods == (
        MethodLine(source="desk", method="cash", top_ups=2, amount=4_000, back=1_000, paid_out=400),
        MethodLine(source="desk", method="card", top_ups=1, amount=2_000),
    )
    by = [(line.actor, line.method, line.top_ups, line.amount, line.back, line.paid_out) for line in figures.cashiers]
    assert by == [
        ("user:admin", "cash", 1, 3_000, 1_000, 0),
        ("user:ben", "card", 1, 2_000, 0, 0),
        ("user:ben", "cash", 1, 1_000, 0, 400),
    ]


async def test_what_a_closed_drawer_took_and_paid_goes_back_by_the_safe_and_counts_as_cash(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(
            [
                OpenDrawer(actor_id=ADMIN, drawer_id=DrawerId("d1"), name="Gate", float_amount=0),
                TopUp(
                    actor_id=ADMIN, user_id=ANNA, amount=1_000, method="cash", note=None, transfer_id=TransferId("t1")
                ),
                PayOutAtDesk(actor_id=ADMIN, user_id=ANNA, payout_id=PayoutId("p1"), amount=400, reason=None),
                CloseDrawer(actor_id=ADMIN, drawer_id=DrawerId("d1"), counted=600, reason=None),
                *(
                    ReverseTransfer(
                        actor_id=ADMIN, transfer_id=TransferId(target), amount=amount, reason="typo",
                        reversal_id=TransferId(f"{target}-back"),
                    )
                    for target, amount in (("p1-asked", 100), ("t1", 300))
                ),
            ]
        )  # fmt: skip
    figures = await Reads(database).figures(ALL)
    cash = MethodLine(source="desk", method="cash", top_ups=1, amount=1_000, back=300, paid_out=300)
    assert figures.methods == (cash,)
    assert [(line.back, line.paid_out) for line in figures.cashiers] == [(300, 300)]


async def test_deposits_stand_beside_the_sales_and_go_back_with_an_order_or_alone(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([ChangeMenuItem(actor_id=ADMIN, item_id=FALAFEL, deposit=200), top_up(ANNA, 9_000, number=1)])
        await festival.do([order_of(FALAFEL, 2, number=2), order_of(FALAFEL, 1, number=3)])
        await festival.do([step(OrderId("o3"), SUN_KEEPER, OrderStatus.CANCELLED, "none left")])
        offer = OfferGiveBack(
            give_back_id=GiveBackId("g1"), actor_id=SUN_KEEPER, vendor_id=SUN, expires_s=300,
            returned=OwnReturn(description="Cup", amount=200),
        )  # fmt: skip
        await festival.do([offer, ClaimGiveBack(give_back_id=GiveBackId("g1"), actor_id=ANNA)])
    reads = Reads(database)
    figures = await reads.figures(ALL, SUN)
    assert (figures.sums.sales, figures.sums.refunds) == (3 * 650, 650)
    assert (figures.deposits, figures.deposits_back) == (600, 200), "a stall's: with its orders"
    assert [(line.gross, line.tax) for line in figures.taxes] == [(1_300, 0)], "a deposit has no tax"
    whole = await reads.figures(ALL)
    assert (whole.deposits, whole.deposits_back) == (600, 400), "the festival's: all of them"


async def test_what_an_allowance_pays_is_sold_like_anything_else(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(
            [
                GrantAllowance(
                    actor_id=ADMIN, user_ids=(ANNA,), amount=1_000, reason="crew", transfer_id=TransferId("a1")
                ),
                order_of(FALAFEL, 1, number=2),
            ]
        )
    reads = Reads(database)
    figures = await reads.figures(ALL, SUN)
    assert (figures.sums.orders, figures.sums.sales) == (1, 650)
    assert (await reads.figures(ALL)).methods == (), "no money came in"


@pytest.mark.parametrize("seed", [3, 14])
async def test_in_any_history_the_parts_add_up_to_the_whole(database: Database, seed: int) -> None:
    async with populated(database) as festival:
        for command in (*HISTORY_OPENING[len(OPENING) :], *history(seed, 400)):
            with suppress(Refused, CommandFailed):
                await festival.committer.submit(command)
    reads, end = Reads(database), await newest(database)
    cuts = [0, end // 3, end // 2, end]
    for stall in (SUN, BAR):
        whole = await reads.figures(after_transfer(0, end), stall)
        parts = [await reads.figures(after_transfer(*cut), stall) for cut in itertools.pairwise(cuts)]
        assert added(part.sums for part in parts) == whole.sums
        assert gross(parts) == gross([whole])
        assert sum(part.transfers for part in parts) == whole.transfers
        assert sum(line.amount for line in whole.items) == whole.sums.sales
        settled = await reads.settlement(stall)
        assert settled is not None
        sums = whole.sums
        assert (settled.orders, settled.sales, settled.tips, settled.refunds, settled.fees, settled.paid_out) == (
            sums.orders, sums.sales, sums.tips, sums.refunds, sums.fees, sums.paid_out,
        )  # fmt: skip
        assert settled.balance == sums.net - sums.paid_out + sums.other
        assert sum(gross([whole]).values()) == await left_of_goods(database, stall)


def gross(parts: Iterable[Figures]) -> Counter[int | None]:
    """What is left of each rate, of all parts together."""
    left: Counter[int | None] = Counter()
    for part in parts:
        left.update({line.tax_bp: line.gross for line in part.taxes})
    return left


async def left_of_goods(database: Database, vendor_id: VendorId) -> int:
    """What a stall's orders cost, less what went back of it, as the orders say."""
    sums = "SELECT CAST(COALESCE(SUM(total - refunded), 0) AS BIGINT) FROM orders WHERE vendor_id = $1"
    [[row]] = await database.read((sums, (vendor_id,)))
    return int(row[0])


async def test_a_busy_stall_s_day_is_counted_whole(database: Database) -> None:
    """1,050 orders with a fee are 2,100 movements: more than any page of a list shows."""
    async with World(database, pending_max=2_000) as world:
        await world.ground()
        for name in ("u1", "u2"):
            await world.add_user(UserId(name), money=400_000)
        orders = [world.order(UserId(f"u{1 + number % 2}"), f"o{number}") for number in range(1_050)]
        for at in range(0, len(orders), 350):
            await asyncio.gather(*map(world.committer.submit, orders[at : at + 350]))
            for status in (OrderStatus.READY, OrderStatus.COMPLETED):
                await asyncio.gather(
                    *(
                        world.committer.submit(ChangeOrderStatus(actor_id=BOSS, order_id=order.order_id, status=status))
                        for order in orders[at : at + 350]
                    )
                )
    figures = await Reads(database).figures(between(START, Instant(START + 1)), LONE_BAR)
    assert figures.sums.orders == 1_050
    assert figures.sums.sales == 1_050 * 450
    assert figures.sums.fees == 1_050 * (450 * 250 // 10_000)
    assert figures.items[0].quantity == 1_050


@pytest.mark.parametrize("window", [between(NOON, Instant(NOON + 1)), after_transfer(2, 10**9)])
async def test_a_stall_s_figures_read_its_own_movements_alone(database: Database, window: Window) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
        await analyze(database)
    explaining = Explaining(database)
    await Reads(explaining).figures(window, SUN)
    if database.dialect == "sqlite":  # PostgreSQL reads tables as small as these from end to end
        plans = "\n".join(explaining.plans)
        assert "SCAN t" not in plans.replace("SCAN t USING", ""), plans
        if window.column == "at":
            assert "transfers_into_tills (credit=? AND at>? AND at<?)" in plans, plans
            assert "transfers_out_of_tills (debit=? AND at>? AND at<?)" in plans, plans
            assert "transfers_deposits_back (at>? AND at<?)" in plans, plans


async def test_the_office_reads_all_but_sales_by_an_index_of_its_own(database: Database) -> None:
    explaining = Explaining(database)
    await Reads(explaining).figures(between(NOON, Instant(NOON + 1)))
    if database.dialect == "sqlite":
        assert "transfers_of_office (at>? AND at<?)" in "\n".join(explaining.plans)


class Crowded(Explaining):
    """A database that counts how many read it at once."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.reading = self.most = 0

    async def read(self, *statements: Statement) -> list[Rows]:
        self.reading += 1
        self.most = max(self.most, self.reading)
        try:
            return await self._inner.read(*statements)
        finally:
            self.reading -= 1


async def test_reports_leave_connections_to_everybody_else(database: Database) -> None:
    async with populated(database) as festival:
        await after_an_evening(festival)
    crowded = Crowded(database)
    reads = [Reads(crowded) for _ in range(3)]  # all readers of a process count together
    asked = [each.figures(ALL, stall) for each in reads for stall in (SUN, BAR, None)]
    figures = await asyncio.gather(*asked, reads[0].by_stall(ALL), reads[1].by_quarter(ALL))
    assert len(figures) == 11
    assert crowded.most == AT_ONCE_MAX
