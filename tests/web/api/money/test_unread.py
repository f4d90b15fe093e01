"""What an organiser does with reports that could not be read, and sees of what providers take back."""

import json
from typing import Any

from festival_push.domain.office.deeds import DeedKind
from tests.web.api.money.test_webhooks import report
from tests.web.world import RELAY_SECRET, World, problem_of


async def kept(world: World, **changes: object) -> str:
    """The id of a report that was just kept."""
    await report(world, **({"amount": "12,50"} | changes))
    (unread,) = (await world.get("admin", "/v1/admin/funds/unread?status=waiting")).json()["items"]
    unread_id: str = unread["unreadId"]
    return unread_id


async def test_booking_credits_the_wallet_once_and_is_a_deed(world: World) -> None:
    unread_id = await kept(world)
    body = {"amount": 1_250, "userId": "anna"}
    for _ in range(2):
        answer = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/book", body, key="book")
        assert answer.status_code == 200
        booked: dict[str, Any] = answer.json()
        assert (booked["status"], booked["amount"], booked["unreadId"]) == ("credited", 1_250, unread_id)
    assert await world.balance("anna") == 6_250
    (unread,) = (await world.get("admin", "/v1/admin/funds/unread")).json()["items"]
    assert (unread["status"], unread["answeredBy"], unread["fundsId"]) == ("booked", "admin", booked["fundsId"])
    assert not (await world.get("admin", "/v1/admin/funds/unread?status=waiting")).json()["items"]
    assert (await report(world)).json()["status"] == "duplicate"
    again = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/book", body)
    assert problem_of(again, 409, "unread-answered")["unreadStatus"] == "booked"
    deeds = (await world.get("admin", "/v1/admin/deeds")).json()["items"]
    assert deeds[0]["act"] == DeedKind.BOOK_UNREAD
    assert deeds[0]["after"]["externalId"] == "pay_1"


async def test_a_report_without_an_id_can_be_given_one_or_gets_its_own(world: World) -> None:
    for body, status in (
        ({"amount": 100}, "held"),
        ({"amount": 100, "externalId": "by-hand", "userId": "ben"}, "credited"),
    ):
        unread_id = await kept(world, id=f"a b{body}")
        answer = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/book", body)
        assert answer.json()["status"] == status
    (held,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    assert held["externalId"].startswith("unread-")


async def test_what_was_credited_meanwhile_is_not_booked_again(world: World) -> None:
    unread_id = await kept(world)
    await report(world)
    answer = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/book", {"amount": 1_250})
    problem_of(answer, 409, "already-exists")
    dismissed = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/dismiss", {"reason": "came again"})
    assert (dismissed.json()["status"], dismissed.json()["reason"]) == ("dismissed", "came again")
    answer = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/dismiss", {"reason": "once more"})
    problem_of(answer, 409, "unread-answered")


async def test_a_refund_that_cannot_be_read_is_no_payment(world: World) -> None:
    body = {
        "type": "payment.refunded",
        "data": {"payment_id": "p1", "claim_id": "c1", "amount": "1,00", "currency": "EUR"},
    }
    headers = {"Authorization": f"Bearer {RELAY_SECRET}"}
    await world.http.post("/v1/webhooks/funds/relay-of-events", content=json.dumps(body), headers=headers)
    (unread,) = (await world.get("admin", "/v1/admin/funds/unread")).json()["items"]
    assert unread["meaning"] == "refunded"
    answer = await world.post("admin", f"/v1/admin/funds/unread/{unread['unreadId']}/book", {"amount": 100})
    problem_of(answer, 409, "not-a-payment")


async def test_pages_lead_from_one_to_the_next(world: World) -> None:
    for number in range(3):
        await report(world, id=f"p{number}", amount="12,50")
    seen, query = [], ""
    while True:
        page = (await world.get("admin", f"/v1/admin/funds/unread?limit=1{query}")).json()
        seen += [item["externalId"] for item in page["items"]]
        if page["next"] is None:
            break
        query = f"&before={page['next']}"
    assert sorted(seen) == ["p0", "p1", "p2"]


async def test_who_is_not_there_is_not_booked_to(world: World) -> None:
    unread_id = await kept(world)
    answer = await world.post("admin", f"/v1/admin/funds/unread/{unread_id}/book", {"amount": 1, "userId": "nobody"})
    problem_of(answer, 404, "not-found")
    answer = await world.post("admin", "/v1/admin/funds/unread/none/book", {"amount": 1})
    problem_of(answer, 404, "not-found")


async def test_a_refund_that_is_known_of_another_payment_is_kept_to_be_read(world: World) -> None:
    headers = {"Authorization": f"Bearer {RELAY_SECRET}"}
    for payment, type_, amount, status in (
        ("p1", "refunded", "1.00", "waiting"),
        ("p2", "succeeded", "5.00", "held"),
        ("p2", "refunded", "1.00", "kept"),
        ("p2", "refund_failed", "2.00", "kept"),
    ):
        data = {"payment_id": payment, "claim_id": "c1", "amount": amount, "currency": "EUR"}
        body = json.dumps({"type": f"payment.{type_}", "data": data})
        answer = await world.http.post("/v1/webhooks/funds/relay-of-events", content=body, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    unread = (await world.get("admin", "/v1/admin/funds/unread")).json()["items"]
    assert {(each["field"], each["externalId"]) for each in unread} == {("data.claim_id", "p2")}
    assert {each["meaning"] for each in unread} == {"refunded", "refund_failed"}
