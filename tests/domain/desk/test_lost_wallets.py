"""Lost phones: a frozen wallet pays nothing and takes everything; a moved one's money is a new person's, all of it."""

import json
from contextlib import suppress
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.desk.lost_wallets import FreezeWallet, MoveWallet, MoveWalletReply
from festival_push.domain.desk.second_person import Confirm, WithSecond, waiting_command
from festival_push.domain.events import BalanceUpdated, NewNotification, SessionEnded, UserChanged
from festival_push.domain.money.funds import CreditFunds, FundsReply, FundsStatus
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.money.wallets import heir
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.refusals import WalletFrozen, WalletMoved
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.refusals import (
    AlreadyReversed,
    BalanceLimit,
    Forbidden,
    InsufficientFunds,
    NotFound,
    NotReversible,
)
from festival_push.domain.signing_in.sessions import BeginSession
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import (
    AccountKind,
    ConfirmationId,
    Instant,
    OrderStatus,
    PayoutId,
    Role,
    TransferId,
    TransferKind,
    UserId,
    allowance_account,
    user_account,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    BEN,
    FALAFEL,
    RULES,
    SUN_KEEPER,
    Festival,
    Put,
    funds_of,
    order_of,
    paying,
    request_of,
    step,
)

CASH, EVE = UserId("cash"), UserId("eve")


def desk(*, funds: int = 5_000) -> Festival:
    """A festival with a cashier, and Eve, who is Anna with a new phone."""
    festival = Festival.opened(funds=funds)
    for user_id in (CASH, EVE):
        festival.do(
            AddUser(user_id=user_id, role=Role.CUSTOMER, name=user_id.title(), pin_hash=None, top_up_code=user_id)
        )
    festival.do(MakeCashier(actor_id=ADMIN, user_id=CASH, cashier=True))
    return festival


def freeze(festival: Festival, user_id: UserId = ANNA, *, actor_id: UserId = CASH, frozen: bool = True) -> None:
    festival.do(FreezeWallet(actor_id=actor_id, user_id=user_id, frozen=frozen, reason="lost" if frozen else None))


def move_of(user_id: UserId = ANNA, to: UserId = EVE, *, actor_id: UserId = CASH, name: str = "m1") -> MoveWallet:
    return MoveWallet(
        actor_id=actor_id, user_id=user_id, to_user_id=to, reason="lost the phone", transfer_id=TransferId(name)
    )


def codes(festival: Festival, user_id: UserId) -> list[str | None]:
    told = festival.told(user_topic(user_id))
    return [event.code for event in told if isinstance(event, NewNotification)]


def test_a_frozen_wallet_pays_nothing() -> None:
    festival = desk()
    request = festival.do(request_of(OwnLine(description="Soup", amount=300), number=1))
    freeze(festival)
    with pytest.raises(WalletFrozen):
        festival.placed()
    with pytest.raises(WalletFrozen):
        festival.do(paying(request.request_id, number=7))
    with pytest.raises(WalletFrozen):
        festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p"), amount=1, note=None))
    assert festival.balance(ANNA) == 5_000
    freeze(festival, frozen=False)
    assert festival.placed().total == 650


def test_money_still_comes_into_a_frozen_wallet() -> None:
    festival = desk()
    order = festival.placed()
    freeze(festival)
    festival.top_up(ANNA, 100)
    festival.do(funds_of(10, external_id="x", number=90))
    festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.READY))
    festival.do(step(order.order_id, ADMIN, OrderStatus.CANCELLED))
    assert festival.balance(ANNA) == 5_110


def test_a_frozen_owner_still_asks_for_the_tills_money() -> None:
    """The till is the stall's: another keeper could ask too."""
    festival = desk()
    order = festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))
    freeze(festival, SUN_KEEPER, actor_id=ADMIN)
    asked = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=1, note=None)
    assert festival.do(asked).payout.amount == 1
    with pytest.raises(WalletFrozen):
        festival.do(msgspec.structs.replace(asked, payout_id=PayoutId("q"), account=AccountKind.WALLET))


def test_the_guest_is_told_and_streams_stay() -> None:
    festival = desk()
    before = len(festival.events)
    freeze(festival)
    freeze(festival)
    assert codes(festival, ANNA)[-1:] == ["wallet-frozen"]
    assert festival.told(SYSTEM, after=before) == [], "nothing that would end a stream"
    told = festival.told(user_topic(ANNA), after=before)
    assert len(told) == 1, "once"
    assert isinstance(told[0], NewNotification)
    assert "(lost)" in told[0].message
    freeze(festival, frozen=False)
    assert codes(festival, ANNA)[-1] == "wallet-unfrozen"


def test_the_deed_says_why() -> None:
    [deed] = desk().decided(FreezeWallet(actor_id=CASH, user_id=ANNA, frozen=True, reason="lost")).deeds
    assert (deed.act, deed.subject, deed.actor) == (DeedKind.FREEZE, "user:anna", "user:cash")
    assert json.loads(deed.after) == {"frozen": True, "movedTo": None, "reason": "lost"}


def test_all_of_a_wallet_goes_to_the_new_person() -> None:
    festival = desk()
    festival.top_up(EVE, 30)
    before = len(festival.events)
    reply = festival.do(move_of())
    assert reply == MoveWalletReply(
        user_id=ANNA, to_user_id=EVE, amount=5_000, allowance=0, balance=5_030, transfer_id=TransferId("m1")
    )
    assert (festival.balance(ANNA), festival.balance(EVE)) == (0, 5_030)
    transfer = festival.transfers[-1]
    assert (transfer.kind, transfer.debit, transfer.credit, transfer.note, transfer.actor) == (
        TransferKind.ADJUSTMENT, user_account(ANNA), user_account(EVE), "lost the phone", "user:cash",
    )  # fmt: skip
    anna = festival.book.users[ANNA]
    assert (anna.frozen, anna.moved_to) == (True, EVE)
    for user_id, balance in ((ANNA, 0), (EVE, 5_030)):
        told = [e for e in festival.told(user_topic(user_id), after=before) if isinstance(e, BalanceUpdated)]
        assert [event.new_balance for event in told] == [balance]
    assert codes(festival, ANNA)[-1] == "wallet-moved"
    assert codes(festival, EVE)[-1] == "money-moved"
    with pytest.raises(WalletFrozen):
        festival.placed()
    assert festival.placed(EVE).total == 650


def test_the_sessions_of_the_old_phone_end() -> None:
    festival = desk()
    for number, external in ((1, False), (2, True)):
        begun = BeginSession(
            session_id=f"s{number}", user_id=ANNA, version=0, device="", external=external,
            expires_at=Instant(festival.now + 1_000),
        )  # fmt: skip
        festival.do(begun)
    before = len(festival.events)
    festival.do(move_of())
    ended = [event.jti for event in festival.told(SYSTEM, after=before) if isinstance(event, SessionEnded)]
    assert sorted(ended) == ["s1", "s2"]
    assert any(isinstance(event, UserChanged) for event in festival.told(SYSTEM, after=before))
    assert not festival.book.users[ANNA].admits(version=0, session="s1")


def test_payments_for_the_old_owner_and_code_go_to_the_new_one() -> None:
    festival = desk(funds=0)
    festival.do(move_of())
    replies = [
        festival.do(funds_of(10, external_id="x", number=90)),
        festival.do(
            CreditFunds(
                provider="zeffy", external_id="y", amount=5, transfer_id=TransferId("t91"), top_up_code="code anna"
            )
        ),
    ]
    assert replies == [
        FundsReply(status=FundsStatus.CREDITED, transfer_id=TransferId(f"t{number}")) for number in (90, 91)
    ]
    assert (festival.balance(ANNA), festival.balance(EVE)) == (0, 15)
    assert {receipt.user_id for receipt in festival.book.receipts.values()} == {EVE}
    festival.do(move_of(EVE, BEN, name="m2"))
    festival.do(funds_of(7, external_id="z", number=92))
    assert festival.balance(BEN) == 22, "however many phones were lost"


def test_refunds_land_in_the_old_wallet_and_can_be_moved_again() -> None:
    festival = desk()
    order = festival.placed()
    festival.do(move_of())
    festival.do(step(order.order_id, ADMIN, OrderStatus.CANCELLED))
    assert festival.balance(ANNA) == 650
    again = festival.do(move_of(name="m2"))
    assert (again.amount, again.balance) == (650, 5_000)
    before = len(festival.events)
    nothing = festival.decided(move_of(name="m3"))
    assert (nothing.reply.amount, nothing.reply.transfer_id, nothing.deeds) == (0, None, ())
    assert len(festival.events) == before


def test_the_allowance_goes_along_and_stays_one() -> None:
    festival = desk(funds=0)
    granted = GrantAllowance(
        actor_id=ADMIN, user_ids=(ANNA, EVE), amount=700, reason="crew", transfer_id=TransferId("a1")
    )
    festival.do(granted)
    decision = festival.decided(move_of())
    reply = decision.reply
    assert (reply.amount, reply.allowance, reply.balance, reply.transfer_id) == (0, 700, 0, None)
    assert [(transfer.kind, transfer.debit, transfer.credit) for transfer in decision.transfers] == [
        (TransferKind.ALLOWANCE, allowance_account(ANNA), allowance_account(EVE))
    ]
    assert (festival.account(allowance_account(ANNA)), festival.account(allowance_account(EVE))) == (0, 1_400)
    assert json.loads(decision.deeds[0].after)["allowance"] == 700
    festival.book.rules = msgspec.structs.replace(RULES, balance_max=1_500)
    festival.do(msgspec.structs.replace(granted, user_ids=(BEN,), transfer_id=TransferId("a2")))
    with pytest.raises(BalanceLimit):
        festival.do(move_of(EVE, BEN, name="m2"))
    assert festival.account(allowance_account(EVE)) == 1_400


def test_an_allowance_counts_for_the_second_person() -> None:
    festival = desk(funds=3_000)
    festival.do(
        GrantAllowance(actor_id=ADMIN, user_ids=(ANNA,), amount=1_001, reason="crew", transfer_id=TransferId("a1"))
    )
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=4_000)
    asked: Confirmation | MoveWalletReply = festival.do(
        WithSecond[MoveWalletReply](command=move_of(), confirmation_id=ConfirmationId("c1"))
    )
    assert isinstance(asked, Confirmation)
    assert asked.amount == 4_001


def test_an_empty_wallet_can_be_moved_too() -> None:
    festival = desk(funds=0)
    decision = festival.decided(move_of())
    assert decision.transfers == ()
    assert [deed.act for deed in decision.deeds] == [DeedKind.MOVE_WALLET]
    assert festival.book.users[ANNA].moved_to == EVE


def test_whose_phone_is_found_has_their_wallet_again() -> None:
    festival = desk()
    festival.do(move_of())
    freeze(festival, frozen=False)
    anna = festival.book.users[ANNA]
    assert (anna.frozen, anna.moved_to) == (False, None)
    assert festival.do(move_of(EVE, ANNA, name="m2")).amount == 5_000
    festival.do(funds_of(10, external_id="x", number=90))
    assert festival.balance(ANNA) == 5_010


def test_no_wallet_is_moved_to_one_that_leads_elsewhere() -> None:
    festival = desk()
    festival.do(move_of())
    for wish in (move_of(EVE, ANNA, name="m2"), move_of(BEN, ANNA, name="m3"), move_of(EVE, EVE, name="m4")):
        with pytest.raises(WalletMoved):
            festival.do(wish)
    freeze(festival, BEN)
    with pytest.raises(WalletFrozen):
        festival.do(move_of(EVE, BEN, name="m5"))
    with pytest.raises(NotFound):
        festival.do(move_of(EVE, UserId("nobody"), name="m6"))
    assert festival.balance(EVE) == 5_000


def test_a_wallet_never_holds_more_than_it_may() -> None:
    festival = desk()
    festival.top_up(EVE, RULES.balance_max - 4_999)
    with pytest.raises(BalanceLimit) as refused:
        festival.do(move_of())
    assert (refused.value.balance, refused.value.balance_max) == (RULES.balance_max - 4_999, RULES.balance_max)
    assert festival.book.users[ANNA].moved_to is None


@pytest.mark.parametrize("staff", [SUN_KEEPER, CASH, ADMIN])
def test_a_cashier_does_none_of_it_to_staff(staff: UserId) -> None:
    festival = desk()
    for wish in (
        FreezeWallet(actor_id=CASH, user_id=staff, frozen=True, reason="x"),
        move_of(staff, EVE),
        move_of(ANNA, staff),
    ):
        with pytest.raises(Forbidden):
            festival.do(wish)
    with pytest.raises(Forbidden):
        festival.do(FreezeWallet(actor_id=BEN, user_id=ANNA, frozen=True, reason="x"))
    with pytest.raises(Forbidden):
        festival.do(move_of(ANNA, EVE, actor_id=BEN))
    assert festival.do(move_of(ANNA, SUN_KEEPER, actor_id=ADMIN)).amount == 5_000


def test_a_person_who_was_erased_is_not_there() -> None:
    festival = desk()
    gone = msgspec.structs.replace(festival.book.users[ANNA], erased_at=festival.now)
    festival.do(Put((gone,)))
    for wish in (FreezeWallet(actor_id=ADMIN, user_id=ANNA, frozen=True, reason="x"), move_of(BEN, ANNA)):
        with pytest.raises(NotFound):
            festival.do(wish)


def test_much_money_is_moved_by_two() -> None:
    festival = desk()
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=4_000)
    cashier = msgspec.structs.replace(festival.book.users[CASH], rights_at=Instant(0))
    festival.do(Put((cashier,)))
    asked: Confirmation | MoveWalletReply = festival.do(
        WithSecond[MoveWalletReply](command=move_of(), confirmation_id=ConfirmationId("c1"))
    )
    assert isinstance(asked, Confirmation)
    assert (asked.amount, asked.subject, asked.act) == (5_000, "user:anna", DeedKind.MOVE_WALLET)
    assert (festival.balance(ANNA), festival.book.users[ANNA].frozen) == (5_000, False)
    command = waiting_command(asked)
    festival.do(Confirm(actor_id=ADMIN, confirmation_id=ConfirmationId("c1"), command=command))
    assert (festival.balance(EVE), festival.book.users[ANNA].moved_to) == (5_000, EVE)


def test_a_suspended_persons_wallet_can_be_moved() -> None:
    festival = desk()
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    assert festival.do(move_of()).amount == 5_000


def test_a_wallet_that_was_moved_to_the_wrong_person_is_put_back() -> None:
    festival = desk()
    festival.do(move_of(ANNA, BEN))
    back = ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("m1"), amount=None, reason="wrong Ben", reversal_id=TransferId("r1")
    )
    with pytest.raises(NotFound):
        festival.do(msgspec.structs.replace(back, actor_id=CASH))
    festival.do(order_of(FALAFEL, 1, customer_id=BEN, number=50))
    with pytest.raises(InsufficientFunds):
        festival.do(back)
    reply = festival.do(msgspec.structs.replace(back, amount=4_350))
    assert (reply.amount, reply.loss, reply.balance) == (4_350, 0, 0)
    assert (festival.balance(ANNA), festival.balance(BEN)) == (4_350, 0)
    assert festival.transfers[-1].reverses == "m1"
    assert festival.book.users[ANNA].frozen, "until somebody looks who is there"
    assert codes(festival, BEN)[-1] == "taken-back"
    assert codes(festival, ANNA)[-1] == "money-arrived"
    with pytest.raises(AlreadyReversed):
        festival.do(msgspec.structs.replace(back, amount=651, reversal_id=TransferId("r2")))
    with pytest.raises(NotReversible):
        festival.do(msgspec.structs.replace(back, transfer_id=TransferId("r1"), reversal_id=TransferId("r3")))


GUESTS: Final = (ANNA, BEN, EVE)
STEPS: Final = ("move", "freeze", "unfreeze", "pay")


@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.sampled_from(GUESTS), st.sampled_from(GUESTS)),
        max_size=25,
    )
)
def test_however_wallets_are_moved_no_money_is_lost_and_payments_find_an_end(
    steps: list[tuple[str, UserId, UserId]],
) -> None:
    festival = desk(funds=0)
    paid = 0
    for number, (what, one, other) in enumerate(steps):
        with suppress(WalletFrozen, WalletMoved):
            if what == "move":
                festival.do(move_of(one, other, name=f"m{number}"))
            elif what == "pay":
                festival.do(funds_of(3, external_id=f"x{number}", number=number + 100, user_id=one))
                paid += 3
            else:
                freeze(festival, one, frozen=what == "freeze")
        heirs = {user_id: heir(festival.book, festival.book.users[user_id]) for user_id in GUESTS}
        assert all(heir.moved_to is None for heir in heirs.values())
        assert sum(festival.balance(user_id) for user_id in GUESTS) == paid
        moved = [user for user in festival.book.users.values() if user.moved_to is not None]
        assert all(user.frozen for user in moved)
