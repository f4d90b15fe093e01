"""The tax in prices: each rate's net and tax add up, and what goes back is shared without a unit too many."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from festival_push.domain.orders.placing import PlaceOrder, WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.refusals import LineGone
from festival_push.domain.orders.rows import LineBack, Order, OrderLine
from festival_push.domain.orders.taxes import (
    OrderTax,
    Rate,
    RateSum,
    order_taxes,
    rate_of,
    rate_sums,
    returned_by_rate,
    shared,
    sold_by_rate,
    tax_in,
)
from festival_push.domain.refusals import RefundTooLarge
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import Instant, ItemId, OrderId, OrderStatus, TransferId, UserId, VendorId
from tests.support.festival import ADMIN, ANNA, AYRAN, FALAFEL, SUN, SUN_KEEPER, Festival

RATES = st.sampled_from([None, 0, 250, 700, 1_900, 2_000])
AMOUNTS = st.integers(0, 10**12)
SOLD = st.dictionaries(RATES, st.integers(0, 400), min_size=1)


@st.composite
def lines(draw: st.DrawFn) -> tuple[OrderLine, ...]:
    """Lines of an order, some of them refunded, wholly or in part."""
    made = []
    for _ in range(draw(st.integers(1, 5))):
        rate, price, quantity = draw(RATES), draw(st.integers(1, 60)), draw(st.integers(1, 4))
        made.append(line(rate, price, quantity, refunded=draw(st.integers(0, quantity))))
    return tuple(made)


def line(rate: Rate, price: int, quantity: int = 1, *, refunded: int = 0) -> OrderLine:
    return OrderLine(
        item_id=ItemId("i"), name="Beer", quantity=quantity, unit_price=price, total=price * quantity,
        tax_bp=UNSET if rate is None else rate, refunded=refunded or UNSET,
    )  # fmt: skip


def back_of(each: OrderLine) -> int:
    return 0 if isinstance(each.refunded, UnsetType) else each.refunded


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [
        (1_190, 1_900, 190),
        (500, 1_900, 80),  # 79.83
        (450, 700, 29),  # 29.44
        (3, 10_000, 2),  # 1.5 is rounded up
        (1, 1_900, 0),
        (0, 1_900, 0),
        (500, 0, 0),
        (500, None, 0),
        (-500, 1_900, -80),
        (-3, 10_000, -2),
        (10**12, 1_900, 159_663_865_546),
    ],
)
def test_the_tax_is_in_the_price_and_rounded_half_up(gross: int, rate: Rate, tax: int) -> None:
    assert tax_in(gross, rate) == tax


@given(gross=AMOUNTS, rate=st.integers(0, 10_000))
def test_the_tax_is_within_half_a_unit_and_what_goes_back_has_the_same(gross: int, rate: int) -> None:
    tax = tax_in(gross, rate)
    assert abs(2 * (tax * (10_000 + rate) - gross * rate)) <= 10_000 + rate
    assert 0 <= tax <= gross
    assert tax_in(-gross, rate) == -tax


@given(gross=st.dictionaries(RATES, st.integers(-(10**9), 10**12)))
def test_net_and_tax_of_all_rates_add_up_to_the_whole(gross: dict[Rate, int]) -> None:
    sums = rate_sums(gross)
    assert sum(each.net + each.tax for each in sums) == sum(gross.values())
    assert [each.tax_bp for each in sums] == sorted(
        (rate for rate, amount in gross.items() if amount), key=lambda rate: -1 if rate is None else rate, reverse=True
    )
    assert all(each.tax == 0 for each in sums if not each.tax_bp)


def test_a_rate_is_rounded_once_and_not_for_each_line() -> None:
    each = line(700, 99)  # 6.48 of each, 6 when it is rounded
    [found] = rate_sums(sold_by_rate([each] * 10))
    assert found == RateSum(tax_bp=700, gross=990, tax=65)  # 64.77; ten times 6 would be 60
    assert found.net == 925


def test_nobody_said_is_not_zero_and_an_amount_has_no_rate() -> None:
    own = OrderLine(item_id=None, name="Cap", quantity=1, unit_price=900, total=900)
    assert sold_by_rate([own, line(0, 100), line(1_900, 500), line(0, 1)]) == {None: 900, 0: 101, 1_900: 500}


@given(among=SOLD, data=st.data())
def test_shares_add_up_never_exceed_and_never_fall(among: dict[Rate, int], data: st.DataObject) -> None:
    whole = sum(among.values())
    first = data.draw(st.integers(0, whole))
    amounts = range(first, min(first + 40, whole) + 1)
    parts = [shared(amount, among) for amount in amounts]
    assert [sum(part.values()) for part in parts] == list(amounts)
    assert all(0 <= part[rate] <= among[rate] for part in parts for rate in among)
    assert all(before[rate] <= after[rate] for before, after in pairwise(parts) for rate in among)
    assert shared(whole, among) == among


@given(among=SOLD, data=st.data())
def test_shares_are_those_of_handing_out_unit_by_unit(among: dict[Rate, int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(among.values())))
    rates = sorted(among, key=lambda rate: -1 if rate is None else rate, reverse=True)
    slow = dict.fromkeys(among, 0)
    for _ in range(amount):
        best = rates[0]
        for rate in rates[1:]:  # ties go to the higher rate
            if among[rate] * (2 * slow[best] + 1) > among[best] * (2 * slow[rate] + 1):
                best = rate
        slow[best] += 1
    assert shared(amount, among) == slow


def test_a_share_of_nothing_is_nothing() -> None:
    assert shared(0, {1_900: 0, None: 0}) == {1_900: 0, None: 0}
    assert shared(0, {}) == {}


def test_large_sums_are_shared_at_once() -> None:
    among: dict[Rate, int] = {1_900: 6 * 10**14, 700: 10**14, None: 3}
    assert shared(7 * 10**14 // 2, among) == {1_900: 3 * 10**14 - 1, 700: 5 * 10**13, None: 1}


@given(lines=lines(), data=st.data())
def test_of_a_refunded_line_the_rate_is_known_and_the_rest_is_shared(
    lines: tuple[OrderLine, ...], data: st.DataObject
) -> None:
    sold = sold_by_rate(lines)
    as_lines = sum(back_of(each) * each.unit_price for each in lines)
    refunded = data.draw(st.integers(as_lines, sum(sold.values())))
    back = returned_by_rate(lines, refunded)
    assert sum(back.values()) == refunded
    for rate, amount in back.items():
        known = sum(back_of(each) * each.unit_price for each in lines if rate_of(each) == rate)
        assert known <= amount <= sold[rate]


@given(lines=lines(), data=st.data())
def test_one_more_refund_takes_nothing_back_of_the_ones_before(
    lines: tuple[OrderLine, ...], data: st.DataObject
) -> None:
    """Neither one of an amount nor one of a line: each rate's share only rises, so every report can tell its day's."""
    as_lines = sum(back_of(each) * each.unit_price for each in lines)
    total = sum(each.total for each in lines)
    refunded = data.draw(st.integers(as_lines, total))
    before = returned_by_rate(lines, refunded)
    if open_lines := [index for index, each in enumerate(lines) if back_of(each) < each.quantity]:
        index = data.draw(st.sampled_from(open_lines))
        more = list(lines)
        count = back_of(more[index])
        more[index] = replace(more[index], refunded=count + 1)
        if refunded + more[index].unit_price <= total:
            after = returned_by_rate(more, refunded + more[index].unit_price)
            assert all(before[rate] <= after[rate] for rate in before)
    if refunded < total:
        after = returned_by_rate(lines, data.draw(st.integers(refunded, total)))
        assert all(before[rate] <= after[rate] for rate in before)


def order_of(lines: tuple[OrderLine, ...], refunded: int) -> Order:
    return Order(
        order_id=OrderId("o"), vendor_id=VendorId("v"), vendor_name="Bar", user_id=UserId("anna"),
        customer_name="Anna", number=1, status=OrderStatus.COMPLETED, lines=lines,
        total=sum(each.total for each in lines), tip=50, refunded=refunded, placed=1, created_at=Instant(1),
        updated_at=Instant(1),
    )  # fmt: skip


@given(lines=lines(), data=st.data())
def test_the_taxes_of_an_order_are_those_of_what_it_kept(lines: tuple[OrderLine, ...], data: st.DataObject) -> None:
    as_lines = sum(back_of(each) * each.unit_price for each in lines)
    total = sum(each.total for each in lines)
    refunded = data.draw(st.integers(as_lines, total))
    taxes = order_taxes(order_of(lines, refunded))
    assert sum(each.gross for each in taxes) == total
    assert sum(each.net + each.tax for each in taxes) == total
    assert sum(each.returned for each in taxes) == refunded
    for each in taxes:
        assert each.tax - each.tax_returned == tax_in(each.gross - each.returned, each.tax_bp)
        assert 0 <= each.tax_returned <= each.tax


def test_a_beer_and_a_soup_of_which_the_beer_went_back() -> None:
    beer, soup = line(1_900, 450, 2, refunded=1), line(700, 600)
    assert order_taxes(order_of((beer, soup), 450)) == (
        OrderTax(tax_bp=1_900, gross=900, tax=144, returned=450, tax_returned=72),
        OrderTax(tax_bp=700, gross=600, tax=39, returned=0, tax_returned=0),
    )


@given(
    refunds=st.lists(
        st.one_of(st.integers(1, 900), st.tuples(st.integers(0, 1), st.integers(1, 3)), st.none()), max_size=6
    )
)
def test_whatever_is_refunded_in_whatever_order_the_taxes_of_the_order_add_up(
    refunds: list[int | tuple[int, int] | None],
) -> None:
    festival = Festival.opened(funds=10_000)
    for item_id, tax_bp in ((FALAFEL, 700), (AYRAN, 1_900)):
        festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=item_id, tax_bp=tax_bp))
    wanted = tuple(WantedLine(item_id=item_id, quantity=2) for item_id in (FALAFEL, AYRAN))
    order_id = OrderId("o")
    festival.do(PlaceOrder(order_id=order_id, customer_id=ANNA, vendor_id=SUN, lines=wanted, tip=50))
    seen = dict.fromkeys((700, 1_900), 0)
    for number, refund in enumerate(refunds):
        lines = (LineBack(index=refund[0], quantity=refund[1]),) if isinstance(refund, tuple) else ()
        command = RefundOrder(
            actor_id=ADMIN, order_id=order_id, amount=refund if isinstance(refund, int) else None, reason="x",
            transfer_id=TransferId(f"r{number}"), lines=lines,
        )  # fmt: skip
        with suppress(LineGone, RefundTooLarge):
            festival.do(command)
        order = festival.book.orders[order_id]
        taxes = order_taxes(order)
        assert sum(each.gross for each in taxes) == order.total
        assert sum(each.returned for each in taxes) == order.refunded
        for each in taxes:
            assert each.tax_bp is not None
            assert seen[each.tax_bp] <= each.returned <= each.gross
            seen[each.tax_bp] = each.returned
