"""Allowances: what the festival grants buys before the wallet does, comes back after it, and is never paid out."""

import msgspec
import pytest

from festival_push.domain.deposits.allowances import GrantAllowance, TakeBackAllowance
from festival_push.domain.desk.second_person import WithSecond
from festival_push.domain.draft import Draft
from festival_push.domain.events import BalanceUpdated, NewNotification, OrderRefunded
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.money.wallets import RefreshBalance
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.orders.rows import Order
from festival_push.domain.orders.sales import give_back
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.refusals import BalanceLimit, Forbidden, InsufficientFunds, NotFound, NotReversible
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.topics import user_topic
from festival_push.domain.values import (
    CREW,
    DEPOSITS,
    ConfirmationId,
    OrderStatus,
    PayoutId,
    TransferId,
    TransferKind,
    UserId,
    allowance_account,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    PRICES,
    RULES,
    SUN_KEEPER,
    Festival,
    order_of,
    step,
)

CUP = 200
PRICE = PRICES[BEER]


def opened(funds: int = 0, allowance: int = 0) -> Festival:
    festival = Festival.opened(funds=funds)
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, deposit=CUP))
    if allowance:
        grant(festival, allowance)
    return festival


def grant(festival: Festival, amount: int, *user_ids: UserId, actor_id: UserId = ADMIN, name: str = "g1") -> None:
    festival.do(
        GrantAllowance(
            actor_id=actor_id, user_ids=user_ids or (ANNA,), amount=amount, reason="crew",
            transfer_id=TransferId(name),
        )
    )  # fmt: skip


def take_back(festival: Festival, amount: int | None, actor_id: UserId = ADMIN) -> int:
    return festival.do(
        TakeBackAllowance(
            actor_id=actor_id, user_id=ANNA, amount=amount, reason="over", transfer_id=TransferId("taken")
        )
    ).allowance


def beer(festival: Festival, *, tip: int = 0) -> Order:
    return festival.do(order_of(BEER, 1, number=len(festival.transfers), tip=tip)).order


def allowance(festival: Festival, user_id: UserId = ANNA) -> int:
    return festival.account(allowance_account(user_id))


def refunded(festival: Festival, order: Order, amount: int, tip: int = 0, deposit: int = 0) -> Order:
    draft = Draft(festival.book, festival.now, user=ADMIN)
    transfer_id = TransferId(f"back{len(festival.transfers)}")
    back = give_back(draft, order, amount, tip, deposit, transfer_id=transfer_id, reason="flat")
    draft.put(back)
    decision = draft.decision(back)
    festival.book.apply(decision)
    festival.transfers += decision.transfers
    festival.events += decision.events
    return back


def test_the_crew_account_pays_for_what_is_granted_and_each_is_told() -> None:
    festival = opened()
    grant(festival, 1_000, ANNA, BEN, ANNA)
    assert [allowance(festival, user_id) for user_id in (ANNA, BEN)] == [1_000, 1_000], "nobody twice"
    assert (festival.account(CREW), festival.balance(ANNA)) == (-2_000, 0)
    [balance, notice] = festival.told(user_topic(ANNA))
    assert isinstance(balance, BalanceUpdated)
    assert (balance.account, balance.user_id, balance.new_balance, balance.amount) == ("allowance", ANNA, 1_000, 1_000)
    assert isinstance(notice, NewNotification)
    assert (notice.code, notice.params) == ("allowance-granted", {"amount": 1_000, "reason": "crew"})


def test_all_are_granted_or_nobody_is() -> None:
    festival = opened(allowance=20_000)
    with pytest.raises(BalanceLimit) as caught:
        grant(festival, 1, BEN, ANNA, name="g2")
    assert (caught.value.balance, caught.value.balance_max) == (20_000, RULES.balance_max)
    with pytest.raises(NotFound):
        grant(festival, 1, BEN, UserId("nobody"), name="g3")
    assert allowance(festival, BEN) == 0


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_only_organisers_grant_and_take_back(actor_id: UserId) -> None:
    festival = opened(allowance=5)
    with pytest.raises(Forbidden):
        grant(festival, 1, actor_id=actor_id, name="g2")
    with pytest.raises(Forbidden):
        take_back(festival, None, actor_id)


def test_what_is_left_is_taken_back_wholly_or_in_part_and_no_more() -> None:
    festival = opened(allowance=1_000)
    assert take_back(festival, 400) == 600
    with pytest.raises(InsufficientFunds):
        take_back(festival, 601)
    assert take_back(festival, None) == 0 == festival.account(CREW)
    with pytest.raises(InsufficientFunds):
        take_back(festival, None)
    assert [event.code for event in festival.told(user_topic(ANNA)) if isinstance(event, NewNotification)] == [
        "allowance-granted", "allowance-taken-back", "allowance-taken-back",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("granted", "by_allowance"), [(PRICE + 50 + CUP + 1, PRICE + 50 + CUP), (PRICE + 20, PRICE + 20), (100, 100)]
)
def test_an_allowance_pays_goods_tip_and_deposit_before_the_wallet(granted: int, by_allowance: int) -> None:
    festival = opened(1_000, granted)
    order = beer(festival, tip=50)
    assert order.allowance == by_allowance
    assert allowance(festival) == granted - by_allowance
    assert festival.balance(ANNA) == 1_000 - (PRICE + 50 + CUP - by_allowance)
    assert (festival.till(BAR), festival.account(DEPOSITS)) == (PRICE + 50 - order.platform_fee, CUP)


def test_wallet_and_allowance_together_must_cover_it() -> None:
    festival = opened(PRICE, CUP - 1)
    with pytest.raises(InsufficientFunds) as caught:
        beer(festival)
    assert (caught.value.balance, caught.value.total) == (PRICE + CUP - 1, PRICE + CUP)
    grant(festival, 1, name="g2")
    beer(festival)
    assert (festival.balance(ANNA), allowance(festival)) == (0, 0)


def test_the_first_transfer_of_the_order_brings_the_allowance_to_the_wallet() -> None:
    festival = opened(1_000, 300)
    order = beer(festival)
    mine = [transfer for transfer in festival.transfers if transfer.order_id == order.order_id]
    assert (mine[0].kind, mine[0].seq, mine[0].amount) == (TransferKind.ALLOWANCE, order.placed, 300)
    assert (mine[0].debit, mine[0].credit) == (allowance_account(ANNA), f"user:{ANNA}")
    assert [transfer.kind for transfer in mine[1:]] == ["purchase", "deposit", "fee"]


def test_what_goes_back_goes_to_the_wallet_up_to_what_the_wallet_paid_then_to_the_allowance() -> None:
    festival = opened(1_000, 300)
    order = beer(festival, tip=50)
    by_wallet = PRICE + 50 + CUP - 300
    order = refunded(festival, order, by_wallet - 10)
    assert (festival.balance(ANNA), allowance(festival), order.allowance_refunded) == (1_000 - 10, 0, 0)
    order = refunded(festival, order, 30)
    assert (festival.balance(ANNA), allowance(festival), order.allowance_refunded) == (1_000, 20, 20)
    told = [event for event in festival.told(user_topic(ANNA)) if isinstance(event, OrderRefunded)]
    assert [(event.amount, event.allowance) for event in told] == [(by_wallet - 10, msgspec.UNSET), (30, 20)]
    cancelled = festival.do(step(order.order_id, BAR_KEEPER, OrderStatus.CANCELLED)).order
    assert (festival.balance(ANNA), allowance(festival)) == (1_000, 300)
    assert cancelled.allowance_refunded == cancelled.allowance == 300


def test_nothing_of_an_allowance_becomes_money_that_can_be_paid_out() -> None:
    """Neither by a payout, nor by an order that is cancelled, nor by a reversal."""
    festival = opened(0, 5_000)
    with pytest.raises(InsufficientFunds):
        festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p"), amount=None, note=None))
    order = beer(festival, tip=50)
    festival.do(step(order.order_id, ANNA, OrderStatus.CANCELLED))
    assert (festival.balance(ANNA), allowance(festival)) == (0, 5_000)
    for name in ("g1-anna", f"{order.order_id}-allowance", f"{order.order_id}-deposit"):
        target, reversal_id = TransferId(name), TransferId("r")
        with pytest.raises(NotReversible):
            festival.do(
                ReverseTransfer(
                    actor_id=ADMIN,
                    transfer_id=target,
                    amount=None,
                    reason="no",
                    reversal_id=reversal_id,
                )
            )


def test_an_organiser_who_takes_a_purchase_back_gives_the_allowance_its_part() -> None:
    festival = opened(100, PRICE + CUP)
    order = beer(festival)
    festival.do(
        ReverseTransfer(
            actor_id=ADMIN, transfer_id=TransferId(f"{order.order_id}-paid"), amount=400, reason="typo",
            reversal_id=TransferId("r"),
        )
    )  # fmt: skip
    assert (festival.balance(ANNA), allowance(festival)) == (100, 400)


def test_who_asks_for_their_balances_again_hears_the_allowance_too_where_there_is_some() -> None:
    festival = opened(100, 300)
    for expected in (["wallet", "allowance"], ["wallet"]):
        told = festival.decided(RefreshBalance(actor_id=ANNA)).events
        kinds = [outgoing.event.account.value for outgoing in told if isinstance(outgoing.event, BalanceUpdated)]
        assert kinds == expected
        take_back(festival, None) if allowance(festival) else None


def test_much_for_many_waits_for_a_second_organiser() -> None:
    festival = opened()
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=1_500)
    few = GrantAllowance(actor_id=ADMIN, user_ids=(ANNA, BEN), amount=750, reason="crew", transfer_id=TransferId("few"))
    assert not isinstance(festival.do(WithSecond(command=few, confirmation_id=ConfirmationId("c1"))), Confirmation)
    many = msgspec.structs.replace(few, amount=751, transfer_id=TransferId("many"))
    waiting = festival.do(WithSecond(command=many, confirmation_id=ConfirmationId("c2")))
    assert isinstance(waiting, Confirmation)
    assert (waiting.amount, waiting.subject) == (1_502, "allowance:many")
    assert allowance(festival) == 750
    one = msgspec.structs.replace(few, user_ids=(BEN,), amount=1_501, transfer_id=TransferId("one"))
    for_one = festival.do(WithSecond(command=one, confirmation_id=ConfirmationId("c3")))
    assert isinstance(for_one, Confirmation)
    assert for_one.subject == "user:ben"
