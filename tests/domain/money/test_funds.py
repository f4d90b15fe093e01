"""Money that comes in: credited once, or held; never dropped."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import BalanceUpdated, NewNotification, NewTransaction, PaymentCompleted
from festival_push.domain.money.funds import CreditFunds, FundsStatus, receipt_id
from festival_push.domain.money.held import AssignFunds
from festival_push.domain.office.refusals import DailyLimit
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.refusals import AlreadyAssigned, BalanceLimit, Forbidden, NotFound
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import HELD, Instant, Role, UserId, desk_account, provider_account, user_account
from tests.support.festival import ADMIN, ANNA, BEN, RULES, SUN_KEEPER, Festival, funds_of, top_up

ADMINS = role_topic(Role.ADMIN)
PAY_1 = receipt_id("zeffy", "pay-1")


def assign(user_id: UserId, *, actor_id: UserId = ADMIN) -> AssignFunds:
    return AssignFunds(actor_id=actor_id, funds_id=PAY_1, user_id=user_id)


def test_a_reported_payment_is_told_by_three_events_in_a_row() -> None:
    festival = Festival.opened()
    decision = festival.decided(funds_of(1_250, external_id="pay-1", number=1))
    assert decision.reply.status is FundsStatus.CREDITED
    told = [outgoing.event for outgoing in decision.events]
    assert [type(event) for event in told] == [BalanceUpdated, PaymentCompleted, NewNotification, NewTransaction]
    assert {outgoing.topics for outgoing in decision.events[:3]} == {(user_topic(ANNA),)}
    balance, completed = told[:2]
    assert isinstance(balance, BalanceUpdated)
    assert isinstance(completed, PaymentCompleted)
    assert (balance.old_balance, balance.amount, balance.new_balance, balance.reason) == (0, 1_250, 1_250, "top-up")
    assert (completed.amount, completed.new_balance, completed.payment_method) == (1_250, 1_250, "zeffy")
    assert (festival.balance(ANNA), festival.account(provider_account("zeffy"))) == (1_250, -1_250)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 3)), max_size=20))
def test_each_payment_moves_its_first_amount_once(reports: list[tuple[str, int]]) -> None:
    festival = Festival.opened()
    first: dict[str, int] = {}
    flagged: set[str] = set()
    for number, (external_id, amount) in enumerate(reports):
        before = len(festival.events)
        reply = festival.do(funds_of(amount, external_id=external_id, number=number))
        kept = first.setdefault(external_id, amount)
        told = len(festival.events) - before
        if told and reply.status is not FundsStatus.CONFLICT:
            assert reply.status is FundsStatus.CREDITED
        elif kept == amount:
            assert (reply.status, told) == (FundsStatus.DUPLICATE, 0)
        else:  # the organiser is told once, however often it comes
            assert (reply.status, told) == (FundsStatus.CONFLICT, 0 if external_id in flagged else 1)
            flagged.add(external_id)
    assert festival.balance(ANNA) == sum(first.values())
    assert {receipt.external_id: receipt.amount for receipt in festival.book.receipts.values()} == first
    assert {receipt.external_id for receipt in festival.book.receipts.values() if receipt.flagged} == flagged


def test_a_duplicate_names_the_first_transfer() -> None:
    festival = Festival.opened()
    first = festival.do(funds_of(500, external_id="pay-1", number=1))
    again = festival.do(funds_of(500, external_id="pay-1", number=2))
    other = festival.do(funds_of(501, external_id="pay-1", number=3, user_id=BEN))
    assert {first.transfer_id, again.transfer_id, other.transfer_id} == {"t1"}
    assert festival.balance(BEN) == 0


def test_the_same_id_of_another_provider_is_another_payment() -> None:
    festival = Festival.opened()
    one = funds_of(500, external_id="pay-1", number=1)
    festival.do(one)
    other = msgspec.structs.replace(one, provider="sumup", transfer_id="t2")
    assert festival.do(other).status is FundsStatus.CREDITED
    assert festival.balance(ANNA) == 1_000


@given(st.tuples(st.text(), st.text()), st.tuples(st.text().filter(lambda text: "\0" not in text), st.text()))
def test_different_payments_have_different_receipts(one: tuple[str, str], other: tuple[str, str]) -> None:
    providers = (one[0].replace("\0", ""), other[0])  # a provider's name is configuration, and no NUL gets into it
    same = (providers[0], one[1]) == (providers[1], other[1])
    assert (receipt_id(providers[0], one[1]) == receipt_id(*other)) is same
    assert receipt_id(*other).isalnum()


def credit(**changes: str | None) -> CreditFunds:
    return msgspec.structs.replace(funds_of(500, external_id="pay-1", number=1, user_id=None), **changes)


@pytest.mark.parametrize(
    ("command", "owner"),
    [
        (credit(user_id=ANNA), ANNA),
        (credit(top_up_code="CODE-ben"), BEN),
        (credit(user_id=ANNA, top_up_code="CODE-ben"), ANNA),
        (credit(user_id="nobody", top_up_code="CODE-ben"), BEN),
        (credit(user_id="nobody"), None),
        (credit(top_up_code="CODE-?"), None),
        (credit(), None),
    ],
)
def test_the_owner_is_named_by_id_or_by_code(command: CreditFunds, owner: UserId | None) -> None:
    festival = Festival.opened()
    reply = festival.do(command)
    receipt = festival.book.receipts[PAY_1]
    assert receipt.user_id == owner
    assert reply.status is (FundsStatus.HELD if owner is None else FundsStatus.CREDITED)
    assert festival.account(HELD if owner is None else user_account(owner)) == 500


def test_held_money_is_told_to_the_organiser_and_to_nobody_else() -> None:
    festival = Festival.opened()
    start = len(festival.events)
    festival.do(credit())
    assert [event.TYPE for event in festival.told(ADMINS, after=start)] == ["new-notification", "new-transaction"]
    assert len(festival.events) - start == 2
    assert festival.book.receipts[PAY_1].held_reason == "unknown-owner"


def test_a_full_wallet_takes_no_more_and_the_money_is_held() -> None:
    festival = Festival.opened(funds=RULES.balance_max - 500)
    assert festival.do(credit(user_id=ANNA)).status is FundsStatus.CREDITED  # to the brim
    over = msgspec.structs.replace(credit(user_id=ANNA), external_id="pay-2", transfer_id="t2", amount=1)
    assert festival.do(over).status is FundsStatus.HELD
    assert festival.book.receipts[receipt_id("zeffy", "pay-2")].held_reason == "balance-limit"
    assert festival.balance(ANNA) == RULES.balance_max


def test_held_money_goes_to_its_owner_once() -> None:
    festival = Festival.opened()
    festival.do(credit())
    start = len(festival.events)
    reply = festival.do(assign(BEN))
    assert (reply.amount, reply.balance, reply.user_id) == (500, 500, BEN)
    assert (festival.account(HELD), festival.balance(BEN)) == (0, 500)
    receipt = festival.book.receipts[PAY_1]
    assert (receipt.user_id, receipt.held_reason) == (BEN, None)
    assert [event.TYPE for event in festival.told(user_topic(BEN), after=start)] == [
        "balance-updated", "payment-completed", "new-notification",
    ]  # fmt: skip
    for again in (ANNA, BEN):
        with pytest.raises(AlreadyAssigned):
            festival.do(assign(again))
    assert festival.do(credit()).status is FundsStatus.DUPLICATE
    assert (festival.balance(BEN), festival.balance(ANNA)) == (500, 0)


def test_held_money_is_assigned_by_an_organiser_to_someone_with_room_for_it() -> None:
    festival = Festival.opened(funds=RULES.balance_max)
    with pytest.raises(NotFound):
        festival.do(assign(BEN))  # nothing has come yet
    festival.do(credit())
    for actor_id in (BEN, SUN_KEEPER):
        with pytest.raises(Forbidden):
            festival.do(assign(BEN, actor_id=actor_id))
    with pytest.raises(NotFound):
        festival.do(assign(UserId("nobody")))
    with pytest.raises(BalanceLimit) as full:
        festival.do(assign(ANNA))
    assert full.value.params() == {"balance": RULES.balance_max, "balance_max": RULES.balance_max}
    assert festival.account(HELD) == 500
    assert festival.book.receipts[PAY_1].user_id is None


def test_the_cash_desk_fills_a_wallet() -> None:
    festival = Festival.opened()
    reply = festival.do(top_up(ANNA, 2_000, number=1))
    assert (reply.amount, reply.balance) == (2_000, 2_000)
    assert festival.account(desk_account("cash")) == -2_000
    with pytest.raises(BalanceLimit):
        festival.do(top_up(ANNA, RULES.balance_max - 1_999, number=2))
    with pytest.raises(NotFound):
        festival.do(top_up(UserId("nobody"), 1, number=3))
    for actor_id in (ANNA, SUN_KEEPER):
        with pytest.raises(Forbidden):
            festival.do(msgspec.structs.replace(top_up(ANNA, 1, number=4), actor_id=actor_id))


def test_what_one_person_takes_at_the_desk_in_a_day_is_bounded() -> None:
    festival = Festival.opened()
    festival.book.rules = msgspec.structs.replace(RULES, cashier_daily_max=1_000)
    festival.do(top_up(ANNA, 600, number=1))
    with pytest.raises(DailyLimit) as refused:
        festival.do(top_up(BEN, 401, number=2))
    assert (refused.value.left, refused.value.daily_max) == (400, 1_000)
    festival.do(top_up(BEN, 400, number=3))
    with pytest.raises(DailyLimit):
        festival.do(top_up(BEN, 1, number=4))
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    # Each has a sum of their own.
    festival.do(msgspec.structs.replace(top_up(ANNA, 1_000, number=5), actor_id=BEN, method="card"))
    festival.now = Instant(festival.now + 24 * 3_600_000)
    festival.do(top_up(BEN, 1_000, number=6))
    assert festival.balance(BEN) == 1_400


def test_without_a_bound_the_sums_are_kept_all_the_same() -> None:
    festival = Festival.opened()
    festival.do(top_up(ANNA, 600, number=1))
    festival.book.rules = msgspec.structs.replace(RULES, cashier_daily_max=700)
    with pytest.raises(DailyLimit):
        festival.do(top_up(ANNA, 101, number=2))
