"""The reckoning of money and events from acknowledged commands."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.simulate.http.wire import Order
from festival_push.simulate.model import Model


def order(*, status: str = "preparing", total: int = 1_000, tip: int = 0, fee: int = 0, order_id: str = "o") -> Order:
    return Order(
        order_id=order_id, status=status, vendor_id="sun", user_id="anna", total=total, tip=tip, refunded=0,
        platform_fee=fee,
    )  # fmt: skip


@pytest.fixture
def model() -> Model:
    """Anna has 20.00."""
    model = Model(organiser="boss")
    model.top_up("anna", "t", 2_000, 0.0)
    return model


def test_a_top_up_is_told_to_its_owner_and_the_organiser(model: Model) -> None:
    assert model.balances["anna"] == model.came_in == 2_000
    assert model.facts["anna"] == Counter(
        [("balance-updated", "top-up", "t", 2_000), ("payment-completed", "t", 2_000)]
    )
    assert model.facts["boss"] == Counter([("new-transaction", "top-up", "t", 2_000)])


def test_an_order_moves_its_total_and_the_fee(model: Model) -> None:
    model.place(order(fee=25), 1.0)
    assert model.balances == {"anna": 1_000, "sun": 975}
    assert model.fees == 25
    assert model.facts["sun"]["new-order", "o", 1_000] == 1
    assert model.facts["boss"]["new-transaction", "fee", "o", 25] == 1


def test_a_tip_moves_beside_the_total_and_stays_when_an_amount_is_refunded(model: Model) -> None:
    model.place(order(tip=100, fee=25), 1.0)
    assert model.balances == {"anna": 900, "sun": 1_075}
    assert model.facts["anna"]["balance-updated", "tip", "o", -100] == 1
    assert model.facts["boss"]["new-transaction", "tip", "o", 100] == 1
    model.refund(order(tip=100, fee=25), 1_000, 2.0)
    assert model.balances == {"anna": 1_900, "sun": 100}


def test_a_cancelled_order_gives_everything_back_once(model: Model) -> None:
    model.place(order(tip=100, fee=25), 1.0)
    for _ in range(2):  # by customer and stall at the same moment: the second one changed nothing
        model.step(order(status="cancelled", tip=100, fee=25), "cancelled", 2.0)
    assert model.balances == {"anna": 2_000, "sun": 0}
    assert model.fees == 0
    assert model.facts["anna"]["order-status-changed", "o", "cancelled"] == 1
    assert model.open_orders() == 0


def test_the_answer_to_a_step_may_come_after_that_to_the_cancellation_behind_it(model: Model) -> None:
    model.place(order(fee=25), 1.0)
    model.step(order(status="cancelled", fee=25), "cancelled", 2.0)
    model.step(order(status="preparing", fee=25), "preparing", 1.5)  # with a new estimate
    assert model.orders["o"].status == "cancelled"
    assert model.facts["anna"]["order-status-changed", "o", "preparing"] == 2
    assert model.balances == {"anna": 2_000, "sun": 0}


def test_a_customer_comes_once_for_each_call(model: Model) -> None:
    model.place(order(), 1.0)
    for coming_at in ("10:00", "10:00", "10:05"):
        model.come(msgspec.structs.replace(order(status="ready"), coming_at=coming_at), 2.0)
    for who in ("anna", "sun"):
        assert [model.facts[who]["customer-coming", "o", at] for at in ("10:00", "10:05")] == [1, 1]


def test_a_recall_calls_the_customer_again(model: Model) -> None:
    model.place(order(), 1.0)
    for status in ("ready", "completed", "ready"):
        model.step(order(status=status), status, 2.0)
    assert model.facts["anna"]["order-ready", "o"] == 2
    assert model.open_orders() == 1


def test_a_stall_may_be_quicker_than_the_customers_answer(model: Model) -> None:
    model.step(order(status="ready"), "ready", 1.5)
    model.place(order(), 1.0)
    assert model.orders["o"].status == "ready"
    assert model.facts["anna"]["order-ready", "o"] == 1
    assert model.facts["anna"]["order-status-changed", "o", "preparing"] == 1


def test_what_someone_caused_themselves_measures_no_push(model: Model) -> None:
    model.place(order(), 1.0)
    assert ("sun", ("new-order", "o", 1_000)) in model.sent_s
    assert ("anna", ("balance-updated", "purchase", "o", -1_000)) not in model.sent_s


def test_two_equal_events_measure_nothing(model: Model) -> None:
    for sent_s in (1.0, 2.0):
        model.expect("anna", ("order-ready", "o"), sent_s)
    assert model.sent_s["anna", ("order-ready", "o")] == float("inf")


@given(total=st.integers(1, 10_000), fee_bp=st.integers(0, 10_000), parts=st.lists(st.integers(1, 3_000), max_size=6))
def test_no_cent_gets_lost_over_any_refunds(total: int, fee_bp: int, parts: list[int]) -> None:
    model = Model(organiser="boss")
    model.top_up("anna", "t", total, 0.0)
    placed = order(total=total, fee=total * fee_bp // 10_000)
    model.place(placed, 0.0)
    for part in parts:
        kept = model.orders["o"]
        if part <= kept.total - kept.refunded:
            model.refund(placed, part, 0.0)
    assert model.balances["anna"] + model.balances["sun"] + model.fees == total
    assert model.fees == placed.platform_fee - placed.platform_fee * model.orders["o"].refunded // total
