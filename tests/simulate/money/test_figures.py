"""What a stall's books must say, reckoned from its orders alone; and the bank accounts that nobody has."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.simulate.festival import Festival, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.money_wire import Tax
from festival_push.simulate.http.wire import Line, Order
from festival_push.simulate.model import Model
from festival_push.simulate.money.figures import Figures, check_taxes, figures_of, taxed_by_rate
from festival_push.simulate.money.ibans import iban

WRAP: Final = Line(item_id="wrap", quantity=2, unit_price=750)
BEER: Final = Line(item_id="beer", quantity=3, unit_price=400, deposit=200)
ORDER: Final = Order(
    order_id="o", status="preparing", vendor_id="sun", user_id="anna", total=2_700, tip=100, refunded=0,
    platform_fee=67, deposit=600, items=(WRAP, BEER),
)  # fmt: skip


@pytest.fixture
def model() -> Model:
    """Anna has bought two wraps and three beers."""
    model = Model(organiser="boss")
    model.top_up("anna", "t", 5_000, 0.0)
    model.place(ORDER, 0.0)
    return model


@pytest.fixture
def stall(festival: Festival) -> Stall:
    keeper, watch = festival.organiser, festival.organiser_watch
    return Stall(
        vendor_id="sun",
        keeper=keeper,
        watch=watch,
        prices={"wrap": 750, "beer": 400},
        rates={"wrap": 700, "beer": 1900},
    )


def test_a_deposit_is_no_sale_and_no_stalls(model: Model) -> None:
    assert model.balances == {"anna": 5_000 - 2_700 - 100 - 600, "sun": 2_800 - 67}
    assert model.beside == {"deposits": 600}
    assert figures_of(model, "sun") == Figures(orders=1, sales=2_700, tips=100, refunds=0, fees=67)
    assert figures_of(model, "sun").net == model.balances["sun"]


def test_one_piece_goes_back_with_its_deposit_and_its_share_of_the_fee(model: Model, stall: Stall) -> None:
    model.refund_piece(ORDER, BEER, 1.0)
    assert model.beside == {"deposits": 400}
    assert figures_of(model, "sun") == Figures(orders=1, sales=2_700, tips=100, refunds=400, fees=58)
    assert model.orders["o"].pieces == {"wrap": 2, "beer": 2}
    assert taxed_by_rate(model, stall) == ({700: 1_500, 1900: 800}, 0)
    assert model.facts["anna"]["balance-updated", "deposit", "o", 200] == 1


def test_of_an_amount_nobody_can_say_the_rate_until_it_is_all(model: Model, stall: Stall) -> None:
    model.refund(ORDER, 500, 1.0)
    assert taxed_by_rate(model, stall) == ({700: 1_500, 1900: 1_200}, 500)
    model.refund(ORDER, 2_200, 1.0)
    assert taxed_by_rate(model, stall) == ({700: 0, 1900: 0}, 0)
    assert not model.orders["o"].pieces
    assert model.beside == {"deposits": 600}  # the cups are still out there


def test_a_cancelled_order_gives_the_deposit_back_too(model: Model) -> None:
    model.step(ORDER, "cancelled", 1.0)
    assert model.balances == {"anna": 5_000, "sun": 0}
    assert not model.beside.total()


def test_cups_that_are_brought_back_empty_the_deposits(model: Model) -> None:
    model.bring_back(ORDER, "g", 600, 1.0)
    assert not model.beside.total()
    assert model.facts["sun"]["give-back-claimed", "g", 600] == 1
    assert model.facts["anna"]["balance-updated", "deposit", None, 600] == 1


def test_what_leaves_a_wallet_is_somewhere(model: Model) -> None:
    model.leave("anna", "payout", "p-asked", 1_000, None, to="paid out")
    model.take_back("anna", "r", 500, 1.0)
    assert model.came_in == sum(model.balances.values()) + model.fees + model.beside.total()


def taxes(*, food: int = 1_500, drinks: int = 1_200, tax_of_food: int = 98, tax_of_drinks: int = 192) -> list[Tax]:
    return [
        Tax(tax_bp=1900, gross=drinks, net=drinks - tax_of_drinks, tax=tax_of_drinks),
        Tax(tax_bp=700, gross=food, net=food - tax_of_food, tax=tax_of_food),
    ]


@pytest.mark.parametrize(
    ("told", "broken"),
    [
        (taxes(), 0),
        (taxes(food=1_501), 2),  # the sum, and the rate
        (taxes(food=1_499, drinks=1_201), 2),  # both rates
        (taxes(tax_of_food=99), 1),
        (taxes(tax_of_drinks=180), 1),
        (taxes()[:1], 2),
    ],
)
def test_the_tax_of_other_sales_is_found(
    festival: Festival, model: Model, stall: Stall, told: list[Tax], broken: int
) -> None:
    festival.model = model
    check_taxes(festival, stall, told, "a report")
    assert festival.findings.broken[Law.FIGURES] == broken, festival.findings.texts


@given(number=st.integers(0, 10**10 - 1))
def test_an_iban_has_the_right_check_digits(number: int) -> None:
    account = iban(number)
    assert len(account) == 22
    assert int(account[4:] + "1314" + account[2:4]) % 97 == 1


def test_a_known_iban() -> None:
    assert iban(532013000) == "DE89370400440532013000"
