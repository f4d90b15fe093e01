"""Refunds by rate: whatever order they come in, each says what it gave back, and all of them together the whole."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.orders.rows import OrderLine
from festival_push.domain.orders.taxes import sold_by_rate
from festival_push.domain.reports.figures import tax_lines
from festival_push.domain.reports.returns import RefundedOrder, goods_of, returned
from festival_push.domain.values import ItemId, OrderId, VendorId

_RATES: Final = st.sampled_from([700, 1_900, 0])


@st.composite
def lines_of(draw: st.DrawFn) -> tuple[OrderLine, ...]:
    """Lines of an order."""
    prices = draw(st.lists(st.tuples(_RATES, st.integers(1, 900), st.integers(1, 4)), min_size=1, max_size=5))
    return tuple(
        OrderLine(
            item_id=ItemId("x"), name="X", quantity=quantity, unit_price=price, total=price * quantity, tax_bp=rate
        )
        for rate, price, quantity in prices
    )


def refunds_of(
    lines: tuple[OrderLine, ...], goods: list[int], tip: int, *, tip_alone_at: int | None
) -> list[RefundedOrder]:
    """One refund after the other, as the ledger keeps them: of goods, and the tip alone or with the last."""
    amounts = [(amount, False) for amount in goods]
    if tip and tip_alone_at is not None:
        amounts.insert(min(tip_alone_at, len(amounts)), (tip, True))
    elif tip and amounts:
        amounts[-1] = (amounts[-1][0] + tip, False)
    alone = tip_alone_at is not None and tip > 0
    at_tip = next((at for at, (_, is_tip) in enumerate(amounts) if is_tip), -1)
    return [
        RefundedOrder(
            order_id=OrderId("o"), vendor_id=VendorId("v"), lines=lines, refunded=sum(goods), tip_refunded=tip,
            amount=amount, before=sum(each for each, _ in amounts[:at]),
            after=sum(each for each, _ in amounts[at + 1 :]),
            tip_before=alone and at_tip < at, is_tip=is_tip, tip_after=alone and at_tip > at,
        )
        for at, (amount, is_tip) in enumerate(amounts)
    ]  # fmt: skip


@given(lines_of(), st.data())
def test_refunds_of_an_order_give_back_what_went_back_and_no_rate_more_than_it_took(
    lines: tuple[OrderLine, ...], data: st.DataObject
) -> None:
    total = sum(line.total for line in lines)
    cuts = sorted(data.draw(st.sets(st.integers(1, total), min_size=1, max_size=4)))
    goods = [after - before for before, after in zip([0, *cuts], cuts, strict=False)]
    tip, alone_at = data.draw(st.integers(0, 300)), data.draw(st.none() | st.integers(0, 4))
    refunds = refunds_of(lines, goods, tip, tip_alone_at=alone_at)
    assert [after - before for before, after in map(goods_of, refunds) if after > before] == goods
    each = [returned([refund]) for refund in refunds]
    assert all(amount >= 0 for back in each for amount in back.values())
    for refund, back in zip(refunds, each, strict=True):
        before, after = goods_of(refund)
        assert sum(back.values()) == after - before
    whole, sold = returned(refunds), sold_by_rate(lines)
    assert sum(whole.values()) == sum(goods)
    assert all(whole[rate] <= sold[rate] for rate in sold)
    if sum(goods) == total:
        assert tax_lines(sold, whole) == (), "all of it went back, so no tax is left"


@given(st.dictionaries(_RATES, st.integers(0, 10**6)), st.dictionaries(_RATES, st.integers(0, 10**6)))
def test_of_each_rate_net_and_tax_are_what_is_left_of_it(
    sold: dict[int | None, int], back: dict[int | None, int]
) -> None:
    for line in tax_lines(sold, back):
        assert line.net + line.tax == line.gross == sold.get(line.tax_bp, 0) - back.get(line.tax_bp, 0)
        assert (line.tax >= 0) is (line.gross >= 0) or not line.tax
