"""Reports that are proved and can't be read: kept once, told once, booked or dismissed by an organiser."""

import msgspec
import pytest

from festival_push.domain.events import NewNotification
from festival_push.domain.money.funds import FundsStatus, receipt_id
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.providers.unread import BookUnread, DismissUnread, KeepUnread, unread_id
from festival_push.domain.money.rows import ClaimKind, UnreadReceipt, UnreadStatus
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.refusals import Forbidden, NotFound
from festival_push.domain.rows import Receipt
from festival_push.domain.topics import role_topic
from festival_push.domain.values import HELD, Role, TransferId, UserId, provider_account, provider_actor
from tests.support.festival import ADMIN, ANNA, BEN, Festival, funds_of

KEY = unread_id("zeffy", b"{}")
KEEP = KeepUnread(
    provider="zeffy", unread_id=KEY, external_id="pay-1", meaning="paid", field="amount", detail="not a number",
    body="{}",
)  # fmt: skip
BOOK = BookUnread(
    actor_id=ADMIN, unread_id=KEY, provider="zeffy", amount=1_250, external_id="pay-1", user_id=ANNA,
    transfer_id=TransferId("b1"),
)  # fmt: skip


def kept() -> Festival:
    festival = Festival.opened()
    festival.do(KEEP)
    return festival


def row(festival: Festival) -> UnreadReceipt:
    return festival.book.unread_receipts[KEY]


def test_it_is_kept_and_told_once() -> None:
    festival = Festival.opened()
    (told,) = festival.decided(KEEP).events
    assert told.topics == (role_topic(Role.ADMIN),)
    assert isinstance(told.event, NewNotification)
    assert (told.event.type, told.event.priority) == ("warning", "high")
    again = festival.decided(KEEP)
    assert (again.events, again.rows) == ((), ())
    assert row(festival).status is UnreadStatus.WAITING


def test_another_provider_or_body_is_another_report() -> None:
    assert len({unread_id("zeffy", b"{}"), unread_id("zeffy", b"{ }"), unread_id("stripe", b"{}")}) == 3


def test_booked_money_is_the_providers_and_a_deed() -> None:
    festival = kept()
    decision = festival.decided(BOOK)
    assert decision.reply.status is FundsStatus.CREDITED
    assert (festival.balance(ANNA), festival.account(provider_account("zeffy"))) == (1_250, -1_250)
    (transfer,) = decision.transfers
    assert (transfer.actor, transfer.receipt_id) == (provider_actor("zeffy"), receipt_id("zeffy", "pay-1"))
    assert [type(row) for row in decision.new] == [Receipt], "a payment is inserted, never written over"
    assert [deed.act for deed in decision.deeds] == [DeedKind.BOOK_UNREAD]
    assert (row(festival).status, row(festival).answered_by, row(festival).receipt_id) == (
        UnreadStatus.BOOKED, ADMIN, receipt_id("zeffy", "pay-1"),
    )  # fmt: skip
    assert festival.do(funds_of(1_250, external_id="pay-1", number=5)).status is FundsStatus.DUPLICATE
    assert festival.do(KEEP).status is UnreadStatus.BOOKED


def test_without_an_owner_or_above_the_limit_the_money_is_held() -> None:
    for changes in ({"user_id": None}, {"amount": 20_001}):
        festival = kept()
        assert festival.do(msgspec.structs.replace(BOOK, **changes)).status is FundsStatus.HELD
        assert festival.account(HELD) > 0


def test_a_refund_that_came_before_is_taken_from_what_is_booked() -> None:
    festival = kept()
    festival.do(
        ReportClaim(
            provider="zeffy", external_id="re-1", payment_id="pay-1", receipt_id=receipt_id("zeffy", "pay-1"),
            kind=ClaimKind.REFUND, amount=250, won=False, transfer_id=TransferId("c1"),
        )
    )  # fmt: skip
    festival.do(BOOK)
    assert festival.balance(ANNA) == 1_000


def test_a_dismissed_report_stays_with_its_reason() -> None:
    festival = kept()
    festival.do(DismissUnread(actor_id=ADMIN, unread_id=KEY, reason="a test of the provider's"))
    assert (row(festival).status, row(festival).reason) == (UnreadStatus.DISMISSED, "a test of the provider's")
    assert (row(festival).answered_by, row(festival).body) == (ADMIN, "{}")
    assert not festival.transfers


def test_only_organisers_answer_and_only_what_is_there() -> None:
    festival = kept()
    for actor_id in (ANNA, BEN):
        with pytest.raises(Forbidden):
            festival.do(msgspec.structs.replace(BOOK, actor_id=actor_id))
        with pytest.raises(Forbidden):
            festival.do(DismissUnread(actor_id=actor_id, unread_id=KEY, reason="x"))
    with pytest.raises(NotFound):
        festival.do(msgspec.structs.replace(BOOK, user_id=UserId("nobody")))
    with pytest.raises(NotFound):
        festival.do(msgspec.structs.replace(BOOK, unread_id=unread_id("zeffy", b"other")))
