"""Money in, an order, its way to the hand or back: what each party sees, and what the books say afterwards."""

import asyncio
import json
import secrets

import pytest

from tests.support.checker import broken_promises, last_position, read_records, stream_findings
from tests.support.ground import Ground, Person
from tests.support.servers.server import WEBHOOK_SECRET
from tests.support.wire.follower import Follower
from tests.support.wire.signature import signed_headers


async def test_a_signed_payment_reaches_the_open_stream_and_counts_once(ground: Ground) -> None:
    anna = await ground.customer()
    follower = await Follower.from_now(ground.url(), anna.token)
    payment = f"pay-{secrets.token_hex(6)}"
    with await follower.connect(ground.url()) as stream:
        follower.take(await stream.read_until())
        first = await ground.fund(anna, "12.50", external_id=payment)
        while len(follower.frames) < 3:
            follower.take(await stream.read_until())
    again = await ground.fund(anna, "12.50", external_id=payment)

    assert (first.status_code, first.json()["status"]) == (200, "credited")
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert again.json()["transactionId"] == first.json()["transactionId"]
    assert [frame.event for frame in follower.frames] == ["balance-updated", "payment-completed", "new-notification"]
    positions = [int((frame.id or "").rpartition(".")[2]) for frame in follower.frames]
    assert positions == list(range(positions[0], positions[0] + 3))
    (updated,) = follower.of("balance-updated")
    assert (updated["oldBalance"], updated["amount"], updated["newBalance"]) == (0, 1250, 1250)
    assert updated["transactionId"] == first.json()["transactionId"]
    (completed,) = follower.of("payment-completed")
    assert (completed["amount"], completed["newBalance"], completed["paymentMethod"]) == (1250, 1250, "zeffy")
    assert await ground.balance(anna) == 1250
    ground.servers[0].audit()


async def test_a_storm_of_the_same_payment_credits_once(ground: Ground) -> None:
    anna = await ground.customer()
    payment = f"pay-{secrets.token_hex(6)}"
    answers = await asyncio.gather(*(ground.fund(anna, "5.00", external_id=payment) for _ in range(50)))
    assert sorted(answer.json()["status"] for answer in answers) == ["credited", *["duplicate"] * 49]
    assert await ground.balance(anna) == 500


@pytest.mark.parametrize("forge", ["body", "signature", "secret"])
async def test_an_unsigned_payment_moves_nothing(ground: Ground, forge: str) -> None:
    anna = await ground.customer()
    body = b'{"id": "x", "amount": "5.00", "currency": "EUR", "status": "succeeded", "user_id": "%s"}'
    sent = body % anna.user_id.encode()
    headers = signed_headers("x", sent, "whsec_AAAAAAAAAAAAAAAAAAAAAAAA" if forge == "secret" else WEBHOOK_SECRET)
    if forge == "signature":
        headers["webhook-signature"] = "v1," + "A" * 43 + "="
    if forge == "body":
        sent = sent.replace(b"5.00", b"9.00")
    answer = await ground.http.post(
        ground.url() + "/v1/webhooks/funds/zeffy", content=sent, headers=headers | {"Content-Type": "application/json"}
    )
    assert answer.status_code == 401, answer.text
    assert await ground.balance(anna) == 0


async def test_an_order_goes_from_wallet_to_hand(ground: Ground) -> None:
    stall = await ground.stall()
    screen = await ground.screen(stall)
    anna, ben = await ground.customer("Anna", funds=2000), await ground.customer("Ben", funds=2000)
    phone, till = await Follower.from_now(ground.url(), anna.token), await Follower.from_now(ground.url(), stall.token)
    board = Follower(screen.token, path=f"/v1/boards/{stall.vendor_id}/stream")
    await board.follow(ground.url(), done=lambda: bool(board.greetings))
    snapshot = board.greetings[0]["snapshot"]
    assert (snapshot["vendorId"], snapshot["preparing"], snapshot["ready"]) == (stall.vendor_id, [], [])

    placed = (await ground.order(anna, stall)).json()
    order_id = placed["order"]["orderId"]
    await ground.placed(ben, stall)
    assert placed["balance"] == 1250
    assert (placed["order"]["status"], placed["order"]["queuePosition"]) == ("preparing", 1)
    await till.until_events(ground.url(), 6)
    first, second = till.of("new-order")
    assert (first["orderId"], first["queuePosition"], second["queuePosition"]) == (order_id, 1, 2)
    assert (first["total"], first["price"], first["item"], first["number"]) == (750, 750, "1 × wrap", 1)
    ground.servers[0].audit()

    assert (await ground.step(stall, order_id, "ready")).status_code == 200
    await phone.until_events(ground.url(), 6)
    assert [frame.event for frame in phone.frames] == [
        "balance-updated", "new-notification", "order-status-changed",
        "order-status-changed", "order-ready", "new-notification",
    ]  # fmt: skip
    (ready,) = phone.of("order-ready")
    assert (ready["orderId"], ready["number"], ready["vendorId"]) == (order_id, 1, stall.vendor_id)
    assert (await ground.step(stall, order_id, "completed")).status_code == 200

    await board.follow(ground.url(), done=lambda: len(board.frames) >= 4)
    shown = [(update["preparing"], update["ready"]) for update in map(json.loads, (each.data for each in board.frames))]
    assert shown == [([1], []), ([1, 2], []), ([2], [1]), ([2], [])]
    ground.servers[0].audit()


async def test_twenty_cancellations_at_once_refund_once(ground: Ground) -> None:
    stall = await ground.stall()
    anna = await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    phone = await Follower.from_now(ground.url(), anna.token)

    answers = await asyncio.gather(
        *(
            ground.post(f"/v1/orders/{order_id}/cancel", {"reason": "no dough"}, who=stall, key=f"c{i}")
            for i in range(20)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["order"]["status"] for answer in answers} == {"cancelled"}
    assert await ground.balance(anna) == 1000
    await phone.until_events(ground.url(), 4)
    (refunded,) = phone.of("order-refunded")
    assert (refunded["orderId"], refunded["amount"], refunded["reason"]) == (order_id, 750, "no dough")
    (updated,) = phone.of("balance-updated")
    assert (updated["amount"], updated["newBalance"], updated["reason"]) == (750, 1000, "refund")
    ground.servers[0].audit()


async def test_an_order_affordable_once_is_placed_once_of_two_hundred(ground: Ground) -> None:
    stall = await ground.stall()
    anna = await ground.customer(funds=750)
    answers = await asyncio.gather(*(ground.order(anna, stall) for _ in range(200)))
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len(refused) == 199
    assert {problem["code"] for problem in refused} == {"insufficient-funds"}
    assert await ground.balance(anna) == 0
    await assert_sound(ground, anna)


async def test_fifty_copies_of_one_order_are_one_order(ground: Ground) -> None:
    stall = await ground.stall()
    anna = await ground.customer(funds=10_000)
    key = secrets.token_hex(8)
    answers = await asyncio.gather(*(ground.order(anna, stall, key=key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers].count("true") == 49
    assert await ground.balance(anna) == 10_000 - 750

    other = await ground.order(anna, stall, key=key, quantity=2)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    await assert_sound(ground, anna, stall)


async def assert_sound(ground: Ground, *people: Person) -> None:
    """Books and log agree, and each of these people can have all of their events from the beginning."""
    records = await read_records(ground.servers[0].database_url)
    assert broken_promises(records) == []
    for person in people:
        follower = Follower(person.token, cursor=f"{records.epoch}.0")
        await follower.reach(ground.url(), last_position(records, person.topics))
        assert follower.greetings[0]["resumed"] is True
        assert stream_findings(follower.frames, records, person.topics, after=0) == []
