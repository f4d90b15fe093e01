"""Money: what moves, moves from one account to another, and is told as it was."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import KeyTaken
from festival_push.domain.draft import Draft
from festival_push.domain.events import BalanceUpdated, NewTransaction
from festival_push.domain.ledger import platform_fee, wallet_kind
from festival_push.domain.refusals import InsufficientFunds
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import (
    HELD,
    AccountId,
    BalanceKind,
    OrderId,
    Topic,
    TransferId,
    TransferKind,
    desk_account,
    rfc3339,
    till_account,
    user_account,
)
from tests.support.festival import ADMIN, ANNA, NOON, SUN, Festival

WALLET, TILL = user_account(ANNA), till_account(SUN)


@given(balance=st.integers(0, 20_000), amount=st.integers(1, 20_000))
def test_a_purchase_neither_creates_nor_loses_money(balance: int, amount: int) -> None:
    festival = Festival.opened(funds=balance)
    draft = Draft(festival.book, NOON, user=ADMIN)
    try:
        transfer = draft.transfer(TransferKind.PURCHASE, amount, debit=WALLET, credit=TILL, transfer_id=TransferId("x"))
    except InsufficientFunds:
        assert balance < amount
        assert draft.decision(None).transfers == ()
    else:
        assert transfer.debit_balance == balance - amount >= 0
        assert transfer.credit_balance == amount
        festival.book.apply(draft.decision(None))
        assert festival.balance(ANNA) + festival.till(SUN) == balance
        assert sum(account.balance for account in festival.book.accounts.values()) == 0


def test_a_draft_leaves_the_book_alone_and_counts_its_own_transfers() -> None:
    festival = Festival.opened(funds=1_000)
    draft = Draft(festival.book, NOON, user=ADMIN)
    seqs = [
        draft.transfer(TransferKind.PURCHASE, 600, debit=WALLET, credit=TILL, transfer_id=TransferId("a")).seq,
        draft.transfer(TransferKind.PURCHASE, 400, debit=WALLET, credit=TILL, transfer_id=TransferId("b")).seq,
    ]
    assert seqs == [2, 3]  # the top-up was the first
    with pytest.raises(InsufficientFunds) as refused:
        draft.transfer(TransferKind.PURCHASE, 1, debit=WALLET, credit=TILL, transfer_id=TransferId("c"))
    assert refused.value.params() == {"balance": 0, "total": 1}
    assert (draft.balance(WALLET), festival.balance(ANNA)) == (0, 1_000)


@pytest.mark.parametrize("debit", [HELD, desk_account("cash"), AccountId("fees")])
def test_a_system_account_may_owe(debit: AccountId) -> None:
    transfer = Draft(Festival.opened().book, NOON, user=ADMIN).transfer(
        TransferKind.TOP_UP, 5, debit=debit, credit=WALLET, transfer_id=TransferId("x")
    )
    assert (transfer.debit_balance, transfer.credit_balance) == (-5, 5)


@pytest.mark.parametrize("kind", list(TransferKind))
def test_a_stall_may_owe_by_a_refund_or_a_fee_only(kind: TransferKind) -> None:
    draft = Draft(Festival.opened().book, NOON, user=ADMIN)
    if kind in (TransferKind.REFUND, TransferKind.FEE):
        assert draft.transfer(kind, 5, debit=TILL, credit=WALLET, transfer_id=TransferId("x")).debit_balance == -5
    else:
        with pytest.raises(InsufficientFunds):
            draft.transfer(kind, 5, debit=TILL, credit=WALLET, transfer_id=TransferId("x"))


@given(total=st.integers(1, 10**9), fee_bp=st.integers(0, 10_000))
def test_the_fee_is_never_more_than_its_share(total: int, fee_bp: int) -> None:
    fee = platform_fee(total, fee_bp)
    assert 0 <= fee <= total
    assert fee * 10_000 <= total * fee_bp < (fee + 1) * 10_000


def test_what_one_calls_a_purchase_is_the_others_sale() -> None:
    assert wallet_kind(TransferKind.PURCHASE, credited=False) == "purchase"
    assert wallet_kind(TransferKind.PURCHASE, credited=True) == "sale"
    assert wallet_kind(TransferKind.REFUND, credited=True) == "refund"


def test_both_owners_are_told_their_own_side() -> None:
    festival = Festival.opened(funds=1_000)
    draft = Draft(festival.book, NOON, user=ADMIN)
    transfer = draft.transfer(TransferKind.PURCHASE, 300, debit=WALLET, credit=TILL, transfer_id=TransferId("x"))
    draft.tell_balance(WALLET, transfer)
    draft.tell_balance(TILL, transfer)
    draft.tell_admins(transfer, user_id=ANNA)
    given_away, received, shown = draft.decision(None).events
    assert isinstance(given_away.event, BalanceUpdated)
    assert isinstance(received.event, BalanceUpdated)
    assert isinstance(shown.event, NewTransaction)
    facts = [
        (told.user_id, told.old_balance, told.amount, told.new_balance, told.reason)
        for told in (given_away.event, received.event)
    ]
    assert facts == [(ANNA, 1_000, -300, 700, "purchase"), (SUN, 0, 300, 300, "sale")]
    assert (given_away.topics, received.topics) == ((user_topic(ANNA),), (stall_topic(SUN),))
    accounts = [(told.account, told.vendor_id) for told in (given_away.event, received.event)]
    assert accounts == [(BalanceKind.WALLET, None), (BalanceKind.TILL, SUN)]
    assert (shown.event.debit, shown.event.credit, shown.event.amount) == (WALLET, TILL, 300)
    assert shown.topics == (Topic("role:admin"),)


def test_a_notice_is_told_to_its_readers_as_a_code_and_in_words() -> None:
    draft = Draft(Festival.opened().book, NOON, user=ADMIN)
    draft.notify(user_topic(ANNA), "funds-held", order_id=OrderId("o1"), amount=1250, provider="zeffy", reason="full")
    (told,) = draft.decision(None).events
    assert told.topics == (user_topic(ANNA),)
    assert msgspec.json.decode(msgspec.json.encode(told.event)) == {
        "timestamp": rfc3339(NOON), "message": "12.50 EUR from zeffy is held (full): assign it to its owner.",
        "type": "warning", "code": "funds-held", "params": {"amount": 1250, "provider": "zeffy", "reason": "full"},
        "orderId": "o1", "priority": "high",
    }  # fmt: skip


def test_what_must_be_new_replaces_nothing() -> None:
    festival = Festival.opened(funds=5_000)
    known = festival.placed()
    draft = Draft(festival.book, NOON, user=ADMIN)
    draft.new(known)
    with pytest.raises(KeyTaken):
        draft.decision(None)
    draft = Draft(festival.book, NOON, user=ADMIN)
    other = msgspec.structs.replace(known, order_id=OrderId("other"))
    draft.put(known)
    draft.new(other)
    decision = draft.decision(None)
    assert (decision.rows, decision.new) == ((known, other), (other,))


def test_what_somebody_wrote_is_the_message_and_no_parameter() -> None:
    draft = Draft(Festival.opened().book, NOON, user=ADMIN)
    told = draft.notice(user_topic(ANNA), "order-message", said="Hi {number}!", sender="Ben", number=3)
    assert (told.message, told.title, told.params) == ("Hi {number}!", "Ben, order 3", {"sender": "Ben", "number": 3})
