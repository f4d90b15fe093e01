"""The laws of deposits and allowances, over whatever people wish for: neither goes below 0, and refunds know whose."""

from collections import Counter
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.draft import Draft
from festival_push.domain.orders.sales import give_back
from festival_push.domain.refusals import Refused
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import CREW, DEPOSITS, AccountId, OrderId, TransferId, allowance_account, user_account
from festival_push.ops.audit.ledger import Moved, told_by
from tests.support.festival import ADMIN, ANNA, BEER, BEN, SUN_KEEPER, AnyCommand, Festival, order_of, top_up, wishes

ALLOWANCES = tuple(map(allowance_account, (ANNA, BEN, SUN_KEEPER, ADMIN)))


def check(festival: Festival) -> None:
    """Whatever holds between any two commands."""
    book = festival.book
    assert sum(account.balance for account in book.accounts.values()) == 0
    assert festival.account(DEPOSITS) >= 0
    assert all(festival.account(account) >= 0 for account in ALLOWANCES)
    moved: Counter[AccountId] = Counter()
    by_order: dict[OrderId, Moved] = {}
    for transfer in festival.transfers:
        moved[transfer.debit] -= transfer.amount
        moved[transfer.credit] += transfer.amount
        assert moved[DEPOSITS] >= 0
        if transfer.order_id is not None:
            by_order.setdefault(transfer.order_id, Moved()).add(transfer)
    for order in book.orders.values():
        assert order.allowance <= order.paid
        assert order.deposit == sum((line.deposit or 0) * line.quantity for line in order.lines)
        assert 0 <= order.deposit_refunded <= order.deposit
        assert order.allowance_refunded == max(order.back - (order.paid - order.allowance), 0)
        assert by_order[order.order_id] == told_by(order)
    used = sum(order.allowance - order.allowance_refunded for order in book.orders.values())
    assert -festival.account(CREW) == used + sum(map(festival.account, ALLOWANCES))


@given(wishes(min_size=5, max_size=60))
def test_whatever_people_wish_for(commands: list[AnyCommand]) -> None:
    festival = Festival.opened()
    for command in (top_up(ANNA, 8_000, number=1), top_up(BEN, 8_000, number=2), *commands):
        with suppress(Refused):
            festival.do(command)
        check(festival)


@given(
    granted=st.integers(0, 1_500),
    tip=st.integers(0, 100),
    cups=st.integers(1, 3),
    parts=st.lists(st.tuples(st.integers(0, 700), st.booleans(), st.integers(0, 300)), max_size=6),
)
def test_however_an_order_goes_back_the_wallet_is_whole_before_the_allowance(
    granted: int, tip: int, cups: int, parts: list[tuple[int, bool, int]]
) -> None:
    """In any pieces: and once all is back, both have just what they had."""
    festival = Festival.opened(funds=5_000)
    festival.do(ChangeMenuItem(actor_id=ADMIN, item_id=BEER, deposit=200))
    if granted:
        grant = GrantAllowance(
            actor_id=ADMIN, user_ids=(ANNA,), amount=granted, reason="crew", transfer_id=TransferId("g")
        )
        festival.do(grant)
    order = festival.do(order_of(BEER, cups, number=7, tip=tip)).order
    assert order.allowance == min(granted, order.paid)
    wallet, whole = festival.balance(ANNA), 5_000
    assert wallet == whole - (order.paid - order.allowance)
    for number, (amount, with_tip, deposit) in enumerate([*parts, (10**6, True, 10**6)]):
        draft = Draft(festival.book, festival.now, user=ADMIN)
        order = give_back(
            draft,
            order,
            min(amount, order.total - order.refunded),
            order.tip - order.tip_refunded if with_tip else 0,
            min(deposit, order.deposit - order.deposit_refunded),
            transfer_id=TransferId(f"back{number}"),
            reason="flat",
        )
        draft.put(order)
        festival.book.apply(draft.decision(order))
        in_allowance = festival.account(allowance_account(ANNA)) - (granted - order.allowance)
        assert in_allowance == 0 or festival.account(user_account(ANNA)) == whole
        assert in_allowance == order.allowance_refunded
    assert (festival.balance(ANNA), festival.account(allowance_account(ANNA))) == (whole, granted)
    assert festival.account(DEPOSITS) == 0
