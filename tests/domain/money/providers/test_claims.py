"""What a provider takes back: the same result in whatever order its reports come, and however often."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.desk.lost_wallets import MoveWallet
from festival_push.domain.events import NewNotification
from festival_push.domain.money.funds import CreditFunds, receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.money.providers.claims import ClaimOutcome, ReportClaim, claim_id
from festival_push.domain.money.rows import ClaimKind, ClaimStatus
from festival_push.domain.people.people import AddUser
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    HELD,
    Role,
    TransferId,
    TransferKind,
    UserId,
    is_system_account,
    losses_account,
    provider_account,
    user_account,
)
from tests.support.festival import ADMIN, ANNA, BEN, FALAFEL, Festival, funds_of, order_of, top_up

EVE = UserId("eve")
PAY_1 = receipt_id("zeffy", "pay-1")
ZEFFY, LOST = provider_account("zeffy"), losses_account("zeffy")


def claim(
    amount: int, external_id: str = "re-1", *, kind: ClaimKind = ClaimKind.REFUND, won: bool = False, number: int = 100
) -> ReportClaim:
    return ReportClaim(
        provider="zeffy", external_id=external_id, payment_id="pay-1", receipt_id=PAY_1, kind=kind, amount=amount,
        won=won, transfer_id=TransferId(f"c{number}"),
    )  # fmt: skip


def dispute(amount: int, external_id: str = "dp-1", *, won: bool = False) -> ReportClaim:
    return claim(amount, external_id, kind=ClaimKind.DISPUTE, won=won)


PAID = funds_of(1_000, external_id="pay-1", number=1)
EVENTS: tuple[Any, ...] = (
    PAID,
    claim(300),
    claim(200, "re-2"),
    claim(500, "pay-1"),  # all refunds so far
    claim(200, "re-2", won=True),  # it failed
    dispute(700),
    dispute(700, won=True),
    dispute(250, "dp-2"),
)


def run(events: Any, *, owned: bool = True, before: int = 0) -> Festival:
    """A festival to which the provider has reported these events, each time under a fresh id."""
    festival = Festival.opened(funds=before)
    for number, event in enumerate(events):
        changes: dict[str, object] = {"transfer_id": TransferId(f"e{number}")}
        if isinstance(event, CreditFunds) and not owned:
            changes["user_id"] = None
        festival.do(msgspec.structs.replace(event, **changes))
    return festival


def outcome(festival: Festival) -> tuple[object, ...]:
    """Where the money is, and what is known of the payment; never when or by which transfer."""
    receipt = festival.book.receipts.get(PAY_1)
    claims = sorted(
        (each.external_id, each.kind, each.amount, each.taken, each.lost, each.status)
        for each in festival.book.claims.values()
    )
    balances = {account.account_id: account.balance for account in festival.book.accounts.values() if account.balance}
    return balances, claims, None if receipt is None else (receipt.amount, receipt.held)


def check(festival: Festival) -> None:
    """The promises of the ledger, and that the claims say what has moved."""
    accounts = festival.book.accounts.values()
    assert sum(account.balance for account in accounts) == 0
    assert all(account.balance >= 0 for account in accounts if not is_system_account(account.account_id))
    claims = festival.book.claims.values()
    moved = sum(
        transfer.amount * ((transfer.credit == ZEFFY) - (transfer.debit == ZEFFY))
        for transfer in festival.transfers
        if transfer.kind is TransferKind.ADJUSTMENT
    )
    assert moved == sum(each.taken + each.lost for each in claims)
    assert -festival.account(LOST) == sum(each.lost for each in claims)
    assert all(each.taken + each.lost <= each.amount for each in claims)
    assert sum(receipt.held for receipt in festival.book.receipts.values()) == festival.account(HELD)
    for transfer in festival.transfers:
        back = sum(each.amount for each in festival.transfers if each.reverses == transfer.transfer_id)
        assert back <= transfer.amount
        assert transfer.receipt_id == PAY_1 or ZEFFY not in (transfer.debit, transfer.credit)


@given(
    picked=st.lists(st.sampled_from(range(len(EVENTS))), max_size=14),
    data=st.data(),
    owned=st.booleans(),
    before=st.sampled_from([0, 400, 19_500]),
)
def test_any_order_and_repetition_give_one_result(
    *, picked: list[int], data: st.DataObject, owned: bool, before: int
) -> None:
    events = [EVENTS[index] for index in [*picked, 0]]
    shuffled = data.draw(st.permutations(events))
    once = [EVENTS[index] for index in sorted({*picked, 0})]
    results = [run(each, owned=owned, before=before) for each in (events, shuffled, once)]
    for festival in results:
        check(festival)
    assert outcome(results[0]) == outcome(results[1]) == outcome(results[2])


def test_every_order_of_a_refund_a_dispute_and_its_end_is_the_same() -> None:
    events = (PAID, claim(300), claim(300, "pay-1"), dispute(700), dispute(700, won=True))
    results = [outcome(run(order)) for order in permutations(events)]
    assert len(results) == 120
    assert all(result == results[0] for result in results)
    assert results[0][0] == {user_account(ANNA): 700, ZEFFY: -700}


def test_a_refund_takes_what_the_wallet_still_has_and_the_rest_is_lost() -> None:
    festival = run([PAID])
    festival.do(order_of(FALAFEL, 1, number=1))
    left = festival.balance(ANNA)
    reply = festival.do(claim(1_000))
    assert (reply.status, reply.taken, reply.lost) == (ClaimOutcome.TAKEN, left, 1_000 - left)
    assert (festival.balance(ANNA), festival.account(LOST)) == (0, left - 1_000)
    check(festival)
    assert festival.do(top_up(ANNA, 500, number=9)).balance == 500
    assert festival.do(claim(1_000)).status is ClaimOutcome.DUPLICATE
    assert festival.balance(ANNA) == 500


def test_only_the_money_of_this_payment_is_taken() -> None:
    festival = run([PAID, dispute(1_500)], before=2_000)
    assert (festival.balance(ANNA), festival.account(LOST)) == (2_000, -500)
    check(festival)


def test_held_money_goes_first_and_an_assigned_wallet_next() -> None:
    held = run([PAID, claim(400)], owned=False)
    assert (held.account(HELD), held.book.receipts[PAY_1].held) == (600, 600)
    assigned = run([PAID], owned=False)
    assigned.do(AssignFunds(actor_id=ADMIN, funds_id=PAY_1, user_id=BEN))
    assigned.do(claim(400))
    assigned.do(dispute(700))
    assert (assigned.balance(BEN), assigned.account(LOST)) == (0, -100)
    assert sum(each.taken for each in assigned.book.claims.values()) == 1_000


def test_what_an_organiser_has_given_back_by_hand_is_the_refund_that_is_reported() -> None:
    festival = run([PAID], owned=False)
    festival.do(GiveBack(actor_id=ADMIN, funds_id=PAY_1, amount=400, reason="asked for", transfer_id=TransferId("g1")))
    assert festival.do(claim(400)).taken == 0
    assert festival.do(claim(100, "re-2")).taken == 100
    assert festival.account(HELD) == 500
    festival.do(dispute(500))
    festival.do(dispute(500, won=True))
    assert festival.account(HELD) == 500


def test_a_refund_before_its_payment_waits_for_it() -> None:
    festival = Festival.opened()
    assert festival.do(claim(300)).status is ClaimOutcome.WAITING
    kept = festival.book.claims[claim_id("zeffy", "re-1")]
    assert (kept.status, kept.taken) == (ClaimStatus.WAITING, 0)
    festival.do(PAID)
    assert festival.balance(ANNA) == 700
    assert festival.book.claims[claim_id("zeffy", "re-1")].status is ClaimStatus.TAKEN
    assert festival.book.claims[claim_id("zeffy", "re-1")].user_id == ANNA


def test_the_owner_and_the_organisers_are_told() -> None:
    festival = run([PAID])
    told = [outgoing for outgoing in festival.decided(claim(300)).events if isinstance(outgoing.event, NewNotification)]
    assert [outgoing.topics for outgoing in told] == [(user_topic(ANNA),), (role_topic(Role.ADMIN),)]
    assert [outgoing.event.priority for outgoing in told if isinstance(outgoing.event, NewNotification)] == ["high"] * 2
    assert not festival.decided(claim(300)).events


def test_another_event_of_the_payment_may_name_its_owner() -> None:
    festival = run([PAID, claim(100)], owned=False)
    festival.do(funds_of(1_000, external_id="pay-1", number=7, user_id=BEN))
    assert (festival.balance(BEN), festival.account(HELD)) == (900, 0)
    check(festival)
    festival.do(funds_of(1_000, external_id="pay-1", number=8, user_id=ANNA))
    assert (festival.balance(BEN), festival.balance(ANNA)) == (900, 0)


@pytest.mark.parametrize("user_id", [None, UserId("nobody")])
def test_money_without_an_owner_stays_held(user_id: UserId | None) -> None:
    festival = run([PAID], owned=False)
    festival.do(funds_of(1_000, external_id="pay-1", number=7, user_id=user_id))
    assert festival.account(HELD) == 1_000


def test_a_claim_that_is_known_of_another_payment_moves_nothing() -> None:
    festival = run([PAID, claim(300)])
    festival.do(funds_of(1_000, external_id="pay-2", number=2, user_id=BEN))
    other = msgspec.structs.replace(claim(500, won=True), payment_id="pay-2", receipt_id=receipt_id("zeffy", "pay-2"))
    for won in (False, True):
        decision = festival.decided(msgspec.structs.replace(other, won=won))
        assert decision.reply.status is ClaimOutcome.OTHER_PAYMENT
        assert (decision.transfers, decision.rows) == ((), ())
    assert (festival.balance(ANNA), festival.balance(BEN)) == (700, 1_000)


def move(user_id: UserId, to_user_id: UserId, number: int) -> MoveWallet:
    return MoveWallet(
        actor_id=ADMIN, user_id=user_id, to_user_id=to_user_id, reason="lost", transfer_id=TransferId(f"m{number}")
    )


def test_a_claim_follows_the_money_into_the_wallet_to_which_the_desk_moved_it() -> None:
    """Whoever paid, spoke of a lost phone and then had the bank pay it back keeps nothing of it."""
    festival = run([PAID])
    festival.top_up(BEN, 500)  # of their own, or spent again
    festival.do(move(ANNA, BEN, 1))
    lost = festival.do(dispute(700))
    assert (lost.taken, lost.lost, festival.balance(BEN), festival.account(LOST)) == (700, 0, 800, 0)
    check(festival)
    more = festival.do(claim(600, number=101))
    assert (more.taken, more.lost) == (300, 300), "no more than the payment was"
    assert festival.balance(BEN) == 500
    check(festival)
    festival.do(msgspec.structs.replace(dispute(700, won=True), transfer_id=TransferId("c102")))
    assert (festival.balance(BEN), festival.balance(ANNA), festival.account(LOST)) == (900, 0, 0)
    check(festival)


def test_a_claim_takes_first_what_the_moved_wallet_has_itself_and_follows_every_move() -> None:
    festival = run([PAID])
    festival.do(AddUser(user_id=EVE, role=Role.CUSTOMER, name="Eve", pin_hash=None, top_up_code="CODE-eve"))
    festival.do(move(ANNA, BEN, 1))
    festival.do(move(BEN, EVE, 2))
    festival.top_up(ANNA, 100)  # a refund that came since
    assert festival.do(claim(1_000)).lost == 0
    assert [festival.balance(user_id) for user_id in (ANNA, BEN, EVE)] == [0, 0, 100]
    check(festival)


def test_what_a_provider_took_and_gave_back_can_be_given_back_by_hand() -> None:
    festival = run([PAID, dispute(800), dispute(800, won=True)], owned=False)
    festival.do(GiveBack(actor_id=ADMIN, funds_id=PAY_1, amount=None, reason="x", transfer_id=TransferId("g1")))
    assert (festival.account(HELD), festival.account(ZEFFY)) == (0, 0)
    for transfer in festival.transfers:
        back = sum(each.amount for each in festival.transfers if each.reverses == transfer.transfer_id)
        assert back <= transfer.amount, "or the audit fails"
