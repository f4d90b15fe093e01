"""Events: a closed set, in the contract's names, and nothing in them can break a frame."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.event import Event
from festival_push.domain.events import LOGGED, NewNotification, OrderStatusChanged
from festival_push.domain.log import LogRow
from festival_push.domain.refusals import Refused
from festival_push.domain.values import Instant, OrderId, OrderStatus, Position, Topic, UserId, VendorId
from tests.support.festival import FALAFEL, AnyCommand, Festival, order_of, wishes

CONTRACT = {
    "balance-updated": "account userId vendorId? newBalance oldBalance amount reason transactionId? orderId?",
    "payment-completed": "account userId amount newBalance paymentMethod transactionId",
    "new-notification": "message type code? params? orderId? title? priority? announcementId? vendorId?",
    "announcement-changed": "announcementId message title? priority audience",
    "announcement-withdrawn": "announcementId",
    "notifications-read": "upTo unread",
    "vendor-message": "vendorId userId orderId message",
    "customer-message": "vendorId userId orderId message",
    "new-order": (
        "vendorId orderId userId customerName item price number items total queuePosition tip? deposit? "
        "cancellableUntil? atOnce?"
    ),
    "order-status-changed": "orderId status estimatedTime itemName number vendorId userId reason?",
    "order-ready": "orderId itemName vendorId userId message number",
    "customer-coming": "orderId userId vendorId number comingAt",
    "order-refunded": "account userId vendorId orderId amount reason deposit? allowance? lines?",
    "give-back-claimed": "vendorId giveBackId amount",
    "queue-updated": "orderId userId queuePosition estimatedTime",
    "payment-request-paid": "account vendorId requestId orderId amount",
    "menu-updated": "vendorId itemId available price name",
    "stock-updated": "vendorId items",
    "vendor-updated": "vendorId name open autoAccept attended atOnce?",
    "board-updated": "vendorId preparing ready called",
    "display-waiting": "pairingId vendorId name",
    "new-transaction": "transactionId kind amount debit credit userId? vendorId? orderId? account? platformFee "
    "reverses?",
    "new-deed": "seq actor act subject before after hash",
    "payout-run-updated": "runId status count total",
    "confirmation-updated": "confirmationId act subject amount askedBy status expiresAt",
    "room-joined": "room",
    "room-left": "room",
    "tracking-orders": "orderIds message",
    "system-rooms-changed": "userId topics",
    "system-user-changed": "userId",
    "system-person-erased": "userId",
    "system-display-revoked": "displayId",
    "system-session-ended": "jti",
}


def fields_of(kind: type[Event]) -> set[str]:
    return {field.encode_name + ("" if field.required else "?") for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize("kind", LOGGED, ids=lambda kind: kind.TYPE)
def test_an_event_has_the_contracts_fields_and_a_timestamp(kind: type[Event]) -> None:
    assert fields_of(kind) == {*CONTRACT[kind.TYPE].split(), "timestamp"}


def test_every_event_is_listed_once_under_its_own_name() -> None:
    assert set(LOGGED) == set(Event.__subclasses__())
    assert len({kind.TYPE for kind in LOGGED}) == len(LOGGED)
    assert {kind.TYPE for kind in LOGGED} == set(CONTRACT)


@given(st.text(), st.text())
def test_no_text_breaks_out_of_its_json(message: str, title: str) -> None:
    event = NewNotification(timestamp="", message=message, type="info", title=title)
    data = msgspec.json.encode(event)
    assert not set(data) & {*b"\r\n\0"}
    assert json.loads(data)["message"] == message


def test_what_is_absent_is_left_out_but_an_unknown_time_is_null() -> None:
    notification = NewNotification(timestamp="t", message="m", type="info")
    assert json.loads(msgspec.json.encode(notification)) == {"timestamp": "t", "message": "m", "type": "info"}
    status = OrderStatusChanged(
        timestamp="t", order_id=OrderId("o"), status=OrderStatus.READY, estimated_time=None, item_name="i", number=1,
        vendor_id=VendorId("v"), user_id=UserId("u"),
    )  # fmt: skip
    assert json.loads(msgspec.json.encode(status)) == {
        "timestamp": "t", "orderId": "o", "status": "ready", "estimatedTime": None, "itemName": "i", "number": 1,
        "vendorId": "v", "userId": "u",
    }  # fmt: skip


def test_order_lines_are_told_in_camel_case() -> None:
    festival = Festival.opened(funds=5_000)
    decision = festival.decided(order_of(FALAFEL, 2, number=1))
    (told,) = [outgoing.event for outgoing in decision.events if outgoing.event.TYPE == "new-order"]
    line = json.loads(msgspec.json.encode(told))["items"][0]
    assert line == {
        "itemId": "falafel", "name": "Falafel", "quantity": 2, "unitPrice": 650, "total": 1_300, "notes": None,
    }  # fmt: skip


@given(wishes())
def test_every_event_that_is_told_can_be_read_back(commands: list[AnyCommand]) -> None:
    festival = Festival.opened(funds=5_000)
    for command in commands:
        with suppress(Refused):
            festival.do(command)
    for outgoing in festival.events:
        event = outgoing.event
        assert type(event) in LOGGED
        assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event
        assert outgoing.topics
        assert len(set(outgoing.topics)) == len(outgoing.topics)


def test_a_log_row_travels_as_an_array() -> None:
    row = LogRow(Position(7), (Topic("all"), Topic("user:1")), "new-order", '{"a":1}', Instant(3))
    data = msgspec.json.encode(row)
    assert data == b'[7,["all","user:1"],"new-order","{\\"a\\":1}",3]'
    assert msgspec.json.decode(data, type=LogRow) == row
