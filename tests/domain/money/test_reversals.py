"""Reversals: whatever moved is taken back the way it came, never twice, and no wallet goes below zero by it."""

from contextlib import suppress
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.desk.second_person import WithSecond
from festival_push.domain.money.funds import receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.money.rows import ClaimKind
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.refusals import (
    AlreadyReversed,
    Forbidden,
    InsufficientFunds,
    NotFound,
    NotReversible,
    Refused,
)
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    HELD,
    LOSSES,
    PAYOUTS,
    ConfirmationId,
    OrderStatus,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    UserId,
    account_kind,
    desk_account,
    provider_account,
    till_account,
    user_account,
    wallet_owner,
)
from festival_push.ops.audit.ledger import reversal_fault
from festival_push.ops.audit.money import claims_fault, receipt_fault
from tests.support.festival import (
    ADMIN,
    ANNA,
    BEER,
    BEN,
    FALAFEL,
    RULES,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    funds_of,
    order_of,
    step,
    top_up,
)

CASH: Final = desk_account("cash")
ZEFFY: Final = provider_account("zeffy")


def reverse(
    transfer_id: str, amount: int | None = None, *, number: int = 1, accept_loss: bool = False, actor_id: UserId = ADMIN
) -> ReverseTransfer:
    return ReverseTransfer(
        actor_id=actor_id, transfer_id=TransferId(transfer_id), amount=amount, reason="typo", accept_loss=accept_loss,
        reversal_id=TransferId(f"r{number}"),
    )  # fmt: skip


def topped(amount: int = 500) -> Festival:
    festival = Festival.opened()
    festival.do(top_up(ANNA, amount, number=1))
    return festival


def held_of(festival: Festival, external_id: str = "x") -> tuple[int, str | None, UserId | None]:
    receipt = festival.book.receipts[receipt_id("zeffy", external_id)]
    return receipt.held, receipt.held_reason, receipt.user_id


def test_a_typo_at_the_desk_is_taken_back_in_part_and_then_the_rest() -> None:
    festival = topped(50_000 // 10)
    reply = festival.do(reverse("t1", 4_500))
    assert (reply.amount, reply.loss, reply.balance) == (4_500, 0, 500)
    assert (festival.balance(ANNA), festival.account(CASH)) == (500, -500)
    assert festival.do(reverse("t1", number=2)).amount == 500
    assert (festival.balance(ANNA), festival.account(CASH)) == (0, 0)
    with pytest.raises(AlreadyReversed) as caught:
        festival.do(reverse("t1", number=3))
    assert caught.value.reversible == 0


def test_it_is_a_deed_with_a_reason_and_both_sides_are_told() -> None:
    festival = topped()
    after = len(festival.events)
    decision = festival.decided(reverse("t1", 200))
    [deed] = decision.deeds
    assert (deed.act, deed.subject) == (DeedKind.REVERSE, "transfer:t1")
    assert msgspec.json.decode(deed.before) == {"reversed": 0}
    told = msgspec.json.decode(deed.after)
    assert (told["reversed"], told["amount"], told["loss"], told["reason"]) == (200, 200, 0, "typo")
    [transfer] = decision.transfers
    assert (transfer.reverses, transfer.note, transfer.kind) == ("t1", "typo", "adjustment")
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=after)] == [
        "balance-updated", "new-notification",
    ]  # fmt: skip
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=after)] == ["new-transaction"]


def test_what_was_spent_is_refused_with_the_balance_and_lost_only_if_somebody_says_so() -> None:
    festival = topped(700)
    order = festival.placed()
    assert festival.balance(ANNA) == 700 - order.total
    with pytest.raises(InsufficientFunds) as caught:
        festival.do(reverse("t1"))
    assert (caught.value.balance, caught.value.total) == (700 - order.total, 700)
    reply = festival.do(reverse("t1", accept_loss=True))
    assert (reply.amount, reply.loss, reply.balance) == (700, order.total, 0)
    assert (festival.account(LOSSES), festival.account(CASH)) == (-order.total, 0)


def test_all_of_it_may_be_lost() -> None:
    festival = topped(500)
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p"), amount=None, note=None))
    reply = festival.do(reverse("t1", 300, accept_loss=True))
    assert (reply.loss, reply.balance, festival.account(LOSSES)) == (300, 0, -300)
    assert festival.book.reversed["t1"] == 300  # type: ignore[index]  # an id


def test_an_assignment_goes_back_to_held_and_to_the_right_person() -> None:
    festival = Festival.opened()
    festival.do(funds_of(900, external_id="x", number=1, user_id=None))
    wrong = AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "x"), user_id=BEN)
    festival.do(wrong)
    festival.do(reverse("t1-assigned"))
    assert (festival.balance(BEN), festival.account(HELD)) == (0, 900)
    assert held_of(festival) == (900, "taken-back", None)
    festival.do(msgspec.structs.replace(wrong, user_id=ANNA, transfer_id=TransferId("again")))
    assert held_of(festival) == (0, None, ANNA)
    assert festival.balance(ANNA) == 900


def test_a_providers_payment_is_held_again_and_can_be_given_back() -> None:
    festival = Festival.opened()
    festival.do(funds_of(900, external_id="x", number=1))
    festival.do(reverse("t1", 400))
    assert (festival.balance(ANNA), held_of(festival)) == (500, (400, "taken-back", None))
    give = GiveBack(
        actor_id=ADMIN, funds_id=receipt_id("zeffy", "x"), amount=None, reason="wrong", transfer_id=TransferId("g")
    )
    festival.do(give)
    assert (festival.account(ZEFFY), festival.account(HELD)) == (-500, 0)


def test_held_money_is_reversed_by_going_back_to_its_provider() -> None:
    festival = Festival.opened()
    festival.do(funds_of(900, external_id="x", number=1, user_id=None))
    festival.do(AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "x"), user_id=BEN, amount=300))
    with pytest.raises(AlreadyReversed) as caught:
        festival.do(reverse("t1"))
    assert caught.value.reversible == 600
    assert festival.do(reverse("t1", 600)).balance is None
    assert (festival.account(ZEFFY), festival.account(HELD)) == (-300, 0)


@pytest.mark.parametrize("settled", [None, PayoutStatus.COMPLETED])
def test_a_payout_comes_back_in_part(settled: PayoutStatus | None) -> None:
    festival = topped()
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p"), amount=500, note=None))
    if settled is not None:
        festival.do(SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p"), status=settled, reason=None))
    reply = festival.do(reverse("p-asked", 200))
    payout = festival.book.payouts[PayoutId("p")]
    assert (reply.balance, payout.reversed, payout.status) == (200, 200, settled or PayoutStatus.REQUESTED)
    festival.do(reverse("p-asked", number=2))
    payout = festival.book.payouts[PayoutId("p")]
    assert (festival.balance(ANNA), festival.account(PAYOUTS), payout.reversed) == (500, 0, 500)
    assert payout.status is (settled or PayoutStatus.REJECTED)


def test_a_rejected_payout_returns_what_is_not_back_yet_and_nothing_more() -> None:
    festival = topped()
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p"), amount=500, note=None))
    festival.do(reverse("p-asked", 200))
    festival.do(SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p"), status=PayoutStatus.REJECTED, reason="closed"))
    assert (festival.balance(ANNA), festival.account(PAYOUTS)) == (500, 0)
    with pytest.raises(AlreadyReversed):
        festival.do(reverse("p-asked", number=2))


def test_a_purchase_goes_back_by_the_rules_of_refunds() -> None:
    festival = topped(2_000)
    order = festival.do(order_of(FALAFEL, 2, number=5, tip=100)).order
    festival.do(reverse(f"{order.order_id}-paid", 300))
    kept = festival.book.orders[order.order_id]
    assert (kept.refunded, kept.tip_refunded, kept.status) == (300, 0, order.status)
    festival.do(reverse(f"{order.order_id}-tip", number=2))
    festival.do(reverse(f"{order.order_id}-paid", number=3))
    kept = festival.book.orders[order.order_id]
    assert (kept.refunded, kept.tip_refunded, kept.fee_refunded) == (order.total, 100, order.platform_fee)
    assert festival.balance(ANNA) == 2_000
    with pytest.raises(AlreadyReversed):
        festival.do(reverse(f"{order.order_id}-paid", number=4))


@pytest.mark.parametrize(("what", "amount"), [("fee", None), ("tip", 1)])
def test_what_is_not_reversible_by_itself(what: str, amount: int | None) -> None:
    festival = topped(2_000)
    order = festival.do(order_of(FALAFEL, 2, number=5, tip=100)).order
    with pytest.raises(NotReversible):
        festival.do(reverse(f"{order.order_id}-{what}", amount))


def test_a_reversal_is_not_reversed_but_done_again() -> None:
    festival = topped()
    festival.do(reverse("t1", 100))
    with pytest.raises(NotReversible):
        festival.do(reverse("r1", number=2))


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_only_organisers_take_money_back(actor_id: UserId) -> None:
    with pytest.raises(Forbidden):
        topped().do(reverse("t1", actor_id=actor_id))


def test_an_unknown_transfer_is_not_found() -> None:
    with pytest.raises(NotFound):
        topped().do(reverse("t9"))


def test_much_money_waits_for_a_second_organiser() -> None:
    festival = topped()
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=100)
    waiting = festival.do(WithSecond[Any](command=reverse("t1"), confirmation_id=ConfirmationId("c")))
    assert isinstance(waiting, Confirmation)
    assert (waiting.act, waiting.subject, waiting.amount) == (DeedKind.REVERSE, "transfer:t1", 500)
    assert festival.balance(ANNA) == 500


def full_of_movements() -> Festival:
    """A festival with every kind of transfer."""
    festival = Festival.opened()
    p1, p2 = PayoutId("p1"), PayoutId("p2")
    commands: list[AnyCommand] = [
        top_up(ANNA, 5_000, number=101),
        top_up(BEN, 3_000, number=102),
        funds_of(700, external_id="a", number=103),
        funds_of(900, external_id="b", number=104, user_id=None),
        funds_of(800, external_id="c", number=105, user_id=None),
        AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "b"), user_id=BEN),
        AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "c"), user_id=ANNA, amount=300),
        order_of(FALAFEL, 2, number=106, tip=150),
        order_of(BEER, 1, number=107, customer_id=BEN),
        RequestPayout(actor_id=ANNA, payout_id=p1, amount=600, note=None),
        RequestPayout(actor_id=BEN, payout_id=p2, amount=400, note=None),
        SettlePayout(actor_id=ADMIN, payout_id=p2, status=PayoutStatus.COMPLETED, reason=None),
    ]
    for command in commands:
        festival.do(command)
    for order in list(festival.book.orders.values()):
        if order.vendor_id == SUN:
            for status in (OrderStatus.READY, OrderStatus.COMPLETED):
                festival.do(step(order.order_id, SUN_KEEPER, status))
    till = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p3"), amount=None, note=None)
    festival.do(till)
    return festival


@given(data=st.data())
def test_everything_is_taken_back_in_any_order(data: st.DataObject) -> None:
    """All accounts sum to 0, no wallet goes below it, and no more is taken back than was moved."""
    festival = full_of_movements()
    for number in range(data.draw(st.integers(1, 25))):
        target = data.draw(st.sampled_from(festival.transfers))
        amount = data.draw(st.none() | st.integers(1, target.amount))
        command = reverse(target.transfer_id, amount, number=number, accept_loss=data.draw(st.booleans()))
        before = dict(festival.book.accounts)
        try:
            reply = festival.do(command)
        except Refused:
            assert festival.book.accounts == before
            continue
        assert amount in (None, reply.amount)
        assert 0 <= reply.loss <= reply.amount
        accounts = festival.book.accounts.values()
        assert sum(account.balance for account in accounts) == 0
        assert all(account.balance >= 0 for account in accounts if wallet_owner(account.account_id) is not None)
    taken: dict[TransferId, int] = {}
    for transfer in festival.transfers:
        if transfer.reverses is not None:
            taken[transfer.reverses] = taken.get(transfer.reverses, 0) + transfer.amount
    by_id = {transfer.transfer_id: transfer for transfer in festival.transfers}
    assert all(amount <= by_id[name].amount for name, amount in taken.items())
    assert festival.account(HELD) == sum(receipt.held for receipt in festival.book.receipts.values())


def test_reversing_all_in_turn_leaves_nothing_but_what_was_lost() -> None:
    festival = full_of_movements()
    for number, target in enumerate(reversed(list(festival.transfers))):
        try:
            festival.do(reverse(target.transfer_id, number=number, accept_loss=True))
        except (NotReversible, AlreadyReversed):
            continue
    funds = [festival.account(account_id) for account_id in (CASH, ZEFFY)]
    assert funds[0] == 0, "desk money went back as a whole"
    assert funds[1] == -festival.account(HELD), "a provider's money waits to be given back"
    owned = [account for account in festival.book.accounts.values() if account_kind(account.account_id)]
    assert all(account.balance == 0 for account in owned), owned
    assert festival.account(till_account(SUN)) == 0
    assert festival.account(user_account(ANNA)) == 0
    assert festival.account(LOSSES) == 0, "in the order of time backwards nothing is spent"


@given(data=st.data())
def test_claims_and_corrections_in_any_order_leave_what_the_audit_wants(data: st.DataObject) -> None:
    """Organisers and a provider take money of the same payments, each as if the other did not exist."""
    festival = full_of_movements()
    for number in range(data.draw(st.integers(1, 20))):
        if data.draw(st.booleans()):
            target = data.draw(st.sampled_from([each for each in festival.transfers if each.receipt_id]))
            command: AnyCommand = reverse(
                target.transfer_id, data.draw(st.none() | st.integers(1, target.amount)), number=number,
                accept_loss=data.draw(st.booleans()),
            )  # fmt: skip
        else:
            external_id = data.draw(st.sampled_from("abc"))
            funds_id, transfer_id = receipt_id("zeffy", external_id), TransferId(f"x{number}")
            amount = data.draw(st.integers(1, 900))
            command = data.draw(
                st.sampled_from(
                    (
                        ReportClaim(
                            provider="zeffy", external_id=f"{external_id}-{data.draw(st.integers(1, 4))}",
                            payment_id=external_id,
                            receipt_id=funds_id, kind=data.draw(st.sampled_from(ClaimKind)), amount=amount,
                            won=data.draw(st.booleans()), transfer_id=transfer_id,
                        ),
                        GiveBack(
                            actor_id=ADMIN, funds_id=funds_id, amount=amount, reason="x", transfer_id=transfer_id
                        ),
                        AssignFunds(
                            actor_id=ADMIN, funds_id=funds_id, user_id=BEN, amount=amount, transfer_id=transfer_id
                        ),
                        order_of(FALAFEL, 1, number=1_000 + number),
                    )
                )
            )  # fmt: skip
        with suppress(Refused):
            festival.do(command)
    accounts = festival.book.accounts.values()
    assert sum(account.balance for account in accounts) == 0
    assert all(account.balance >= 0 for account in accounts if wallet_owner(account.account_id) is not None)
    for receipt in festival.book.receipts.values():
        moves = [transfer for transfer in festival.transfers if transfer.receipt_id == receipt.receipt_id]
        claims = [claim for claim in festival.book.claims.values() if claim.receipt_id == receipt.receipt_id]
        assert (receipt_fault(receipt, moves), claims_fault(receipt, moves, claims)) == (None, None)
        gone = receipt.returned + sum(claim.taken + claim.lost for claim in claims)
        assert not receipt.held or receipt.held + gone <= receipt.amount, "the provider has not had it back"
    by_id = {transfer.transfer_id: transfer for transfer in festival.transfers}
    taken: dict[TransferId, int] = {}
    for transfer in festival.transfers:
        if transfer.reverses is not None:
            taken[transfer.reverses] = taken.get(transfer.reverses, 0) + transfer.amount
            assert reversal_fault(transfer, by_id.get(transfer.reverses), taken[transfer.reverses]) is None


def claim_of(payment_id: str, amount: int, *, number: int) -> ReportClaim:
    return ReportClaim(
        provider="zeffy", external_id=f"re-{number}", payment_id=payment_id, receipt_id=receipt_id("zeffy", payment_id),
        kind=ClaimKind.REFUND, amount=amount, won=False, transfer_id=TransferId(f"c{number}"),
    )  # fmt: skip


def test_what_a_provider_has_had_back_from_losses_is_not_held_again() -> None:
    festival = Festival.opened()
    festival.do(funds_of(1_000, external_id="p", number=1))
    festival.do(order_of(FALAFEL, 1, number=2))
    festival.do(claim_of("p", 900, number=3))
    with pytest.raises(AlreadyReversed) as refused:
        festival.do(reverse("t1", 650, accept_loss=True))
    assert refused.value.reversible == 100
    festival.top_up(ANNA, 100)
    assert festival.do(reverse("t1")).amount == 100
    assert festival.account(HELD) == 100


def test_a_wallet_whose_loss_was_accepted_owes_the_provider_nothing() -> None:
    festival = Festival.opened()
    festival.do(funds_of(1_000, external_id="p", number=1))
    festival.do(order_of(FALAFEL, 1, number=2))
    festival.do(reverse("t1", accept_loss=True))
    festival.do(
        AssignFunds(
            actor_id=ADMIN, funds_id=receipt_id("zeffy", "p"), user_id=BEN, amount=1_000, transfer_id=TransferId("a1")
        )
    )
    festival.top_up(ANNA, 2_000)
    festival.do(claim_of("p", 1_000, number=3))
    assert (festival.balance(ANNA), festival.balance(BEN)) == (2_000, 0)
