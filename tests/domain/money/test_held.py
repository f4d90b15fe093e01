"""Held money: in parts, to its owner and back, and whoever it was meant for is told."""

import msgspec
import pytest

from festival_push.domain.events import NewNotification
from festival_push.domain.money.funds import receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.refusals import AlreadyAssigned, BalanceLimit, Forbidden, MoreThanHeld, NotFound
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import HELD, ReceiptId, Role, TransferId, UserId, provider_account
from tests.support.festival import ADMIN, ANNA, BEN, RULES, SUN_KEEPER, Festival, funds_of

X: ReceiptId = receipt_id("zeffy", "x")


def assign(user_id: UserId, amount: int | None = None, *, number: int = 1, actor_id: UserId = ADMIN) -> AssignFunds:
    return AssignFunds(
        actor_id=actor_id, funds_id=X, user_id=user_id, amount=amount, transfer_id=TransferId(f"a{number}")
    )


def give_back(amount: int | None = None, *, number: int = 1, actor_id: UserId = ADMIN) -> GiveBack:
    return GiveBack(
        actor_id=actor_id, funds_id=X, amount=amount, reason="unknown", transfer_id=TransferId(f"g{number}")
    )


def held(amount: int = 900, user_id: UserId | None = None) -> Festival:
    festival = Festival.opened()
    festival.do(funds_of(amount, external_id="x", number=1, user_id=user_id))
    return festival


def words(festival: Festival, user_id: UserId) -> list[str]:
    told = festival.told(user_topic(user_id))
    return [event.message for event in told if isinstance(event, NewNotification)]


def test_it_is_split_between_two_and_the_rest_goes_back() -> None:
    festival = held()
    festival.do(assign(ANNA, 400))
    assert (festival.book.receipts[X].held, festival.book.receipts[X].user_id) == (500, None)
    festival.do(assign(BEN, 300, number=2))
    reply = festival.do(give_back())
    assert (reply.amount, reply.held) == (200, 0)
    receipt = festival.book.receipts[X]
    assert (receipt.held, receipt.returned, receipt.held_reason) == (0, 200, None)
    assert (festival.balance(ANNA), festival.balance(BEN), festival.account(HELD)) == (400, 300, 0)
    assert festival.account(provider_account("zeffy")) == -700


def test_no_more_than_is_held() -> None:
    festival = held()
    festival.do(assign(ANNA, 400))
    for command in (assign(BEN, 501), give_back(501)):
        with pytest.raises(MoreThanHeld) as caught:
            festival.do(command)
        assert caught.value.held == 500
    festival.do(give_back(500))
    for command in (assign(BEN, number=2), give_back(1, number=2)):
        with pytest.raises(AlreadyAssigned):
            festival.do(command)


def test_a_payment_above_what_a_wallet_may_hold_goes_in_parts() -> None:
    most = RULES.balance_max
    festival = held(most + 500, ANNA)
    assert festival.book.receipts[X].held_reason == "balance-limit"
    with pytest.raises(BalanceLimit):
        festival.do(assign(ANNA))
    festival.do(assign(ANNA, most))
    assert festival.book.receipts[X].held_reason == "balance-limit", "the rest is still held for it"
    festival.do(give_back())
    assert festival.balance(ANNA) == most


def test_a_known_owner_is_told_that_it_is_held_and_that_it_goes_back() -> None:
    festival = held(RULES.balance_max + 1, ANNA)
    assert festival.book.receipts[X].wanted_user_id == ANNA
    [arrived] = words(festival, ANNA)
    assert "has arrived for you and is kept" in arrived
    festival.do(give_back())
    assert words(festival, ANNA)[1].endswith("goes back to whoever paid it (unknown).")


def test_whoever_a_provider_names_and_nobody_is_is_kept_as_it_was_sent() -> None:
    festival = held(900, UserId("nobody"))
    receipt = festival.book.receipts[X]
    assert (receipt.wanted_user_id, receipt.held_reason) == ("nobody", "unknown-owner")
    festival.do(give_back())
    assert festival.book.receipts[X].wanted_user_id == "nobody"


def test_giving_back_is_a_deed_and_the_organisers_see_it() -> None:
    festival = held()
    after = len(festival.events)
    decision = festival.decided(give_back(250))
    [deed] = decision.deeds
    assert (deed.act, deed.subject) == (DeedKind.GIVE_BACK, f"funds:{X}")
    assert msgspec.json.decode(deed.before) == {"held": 900}
    assert msgspec.json.decode(deed.after)["held"] == 650
    [transfer] = decision.transfers
    assert (transfer.receipt_id, transfer.reverses, transfer.note) == (X, "t1", "unknown")
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=after)] == ["new-transaction"]


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_only_organisers(actor_id: UserId) -> None:
    festival = held()
    for command in (assign(ANNA, actor_id=actor_id), give_back(actor_id=actor_id)):
        with pytest.raises(Forbidden):
            festival.do(command)


def test_unknown_money_is_not_found() -> None:
    for command in (assign(ANNA), give_back()):
        with pytest.raises(NotFound):
            Festival.opened().do(command)


def test_an_assignment_that_waited_since_the_version_before_still_works() -> None:
    old = msgspec.json.decode(
        msgspec.json.encode({"actor_id": ADMIN, "funds_id": X, "user_id": ANNA}), type=AssignFunds
    )
    festival = held()
    festival.do(old)
    assert festival.transfers[-1].transfer_id == "t1-assigned"
