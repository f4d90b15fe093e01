"""A busy ground on a real server: every answer and every event is what the contract says, and all events are seen."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import httpx2

from festival_push.domain.events import LOGGED
from tests.support.checker import last_position, read_records
from tests.support.contract import ASYNCAPI, answer_findings, event_findings
from tests.support.ground import Ground, Person, Stall
from tests.support.servers.server import ServerProcess
from tests.support.wire.follower import Follower, StreamEnded

PERSON, BOARD = "/v1/stream", "/v1/boards/{vendorId}/stream"


def _kinds(topics: Iterable[str]) -> set[str]:
    """The kinds of topic that clients may follow."""
    return {topic.partition(":")[0] for topic in topics} - {"system"}


TO: Final = {kind.TYPE: _kinds(kind.TO) for kind in LOGGED}
"""The kinds of topic that each event may be told to."""


class Judge:
    """Looks at every answer that passes."""

    def __init__(self, ground: Ground) -> None:
        self.findings: list[str] = []
        self.answers: set[tuple[str, int]] = set()  # method, status
        ground.http.event_hooks = {"request": [], "response": [self._look]}

    async def _look(self, response: httpx2.Response) -> None:
        request, body = response.request, await response.aread()
        self.answers.add((request.method, response.status_code))
        content_type = response.headers.get("content-type", "")
        self.findings += answer_findings(request.method, request.url.path, response.status_code, content_type, body)


async def test_a_busy_ground_keeps_the_contract(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, settings={"LIMITS__SECOND_PERSON_ABOVE": "50000"}) as server:
        async with Ground([server]) as ground:
            judge = Judge(ground)
            admin, stall = await ground.admin(), await ground.stall()
            anna, ben = await ground.customer("Anna"), await ground.customer("Ben", funds=5_000)
            screen = await ground.screen(stall)
            people = [await Follower.from_now(server.url, person.token) for person in (anna, ben, stall, admin)]
            board_path = BOARD.replace("{vendorId}", stall.vendor_id)
            board = await Follower.from_now(server.url, screen.token, board_path)

            await _money(ground, anna)
            await _orders(ground, anna, ben, stall)
            await _deposits(ground, anna, stall)
            await _stall(ground, anna, stall)
            await _words(ground, anna, stall)
            await _screen(ground, stall)
            last = await _reads(ground, anna, stall, admin)
            for follower in people:
                await follower.reach(server.url, last)
            records = await read_records(server.database_url)
            await board.reach(server.url, last_position(records, screen.topics))
            ended = await _ended(ground, ben)

            found = {PERSON: {*ended}, BOARD: set[str]()}
            for address, follower in (*((PERSON, each) for each in people), (BOARD, board)):
                for frame in follower.raw:
                    judge.findings += event_findings(address, frame.event, frame.data)
                    found[address].add(frame.event)
            assert judge.findings == []
            aside = {"session-expiring", "stale", "error"}
            assert found[PERSON] == set(_messages(PERSON)) - {"stale"}, "tests/faults/servers/test_cut_off.py gets that"
            assert found[BOARD] == set(_messages(BOARD)) - aside
            assert {("GET", 200), ("POST", 200), ("POST", 201), ("PATCH", 200), ("POST", 409)} <= judge.answers
            strays = [entry for entry in records.log if not _kinds(entry.topics) <= TO[entry.type]]
            assert strays == []


async def _money(ground: Ground, anna: Person) -> None:
    await ground.fund(anna, "100.00", external_id="pay-1")
    await ground.fund(anna, "100.00", external_id="pay-1")
    await ground.fund(anna, "1.00", external_id="pay-1")  # a conflict
    await ground.top_up(anna, 500)
    waits = await ground.try_top_up(anna, 50_001, key=secrets.token_hex(8))
    assert waits.status_code == 202
    office, kept = await ground.admin(), "/v1/admin/confirmations"
    await _done(ground, f"{kept}/{waits.json()['confirmationId']}/refuse", {}, office)
    await ground.get(f"{kept}?limit=1", who=office)
    await ground.get("/v1/admin/deeds?limit=5", who=office)
    await _done(ground, "/v1/balance/refresh", {}, anna)
    payout = await _done(ground, "/v1/payouts", {"amount": 100, "note": "IBAN"}, anna)
    reject = f"/v1/payouts/{payout['payout']['payoutId']}/reject"
    await _done(ground, reject, {"reason": "No such account"}, await ground.admin())
    bank = {"iban": "DE89370400440532013000", "accountHolder": "Anna"}
    await _done(ground, "/v1/payouts", {"amount": 100, **bank}, anna)
    run = await _done(ground, "/v1/admin/payout-runs", {}, office)
    await ground.get(f"/v1/admin/payout-runs/{run['run']['runId']}", who=office)
    await _done(ground, f"/v1/admin/payout-runs/{run['run']['runId']}/undo", {}, office)


async def _orders(ground: Ground, anna: Person, ben: Person, stall: Stall) -> None:
    first, second = await ground.placed(ben, stall), await ground.placed(anna, stall)
    third = await ground.placed(anna, stall)
    await _done(ground, "/v1/orders/track", {"orderIds": [second]}, anna)
    await _done(ground, "/v1/rooms/join", {"room": f"order-{third}"}, anna)
    await _done(ground, "/v1/rooms/leave", {"room": f"order-{third}"}, anna)
    for order_id in (first, second):
        await ground.step(stall, order_id, "ready")
        await ground.step(stall, order_id, "completed")
    assert (await ground.step(stall, first, "pending")).status_code == 409
    assert (await ground.step(stall, second, "ready")).status_code == 200  # a recall
    await _done(ground, f"/v1/orders/{second}/coming", {}, anna)
    await ground.step(stall, second, "completed")
    admin = await ground.admin()
    await _done(ground, f"/v1/orders/{second}/refund", {"amount": 100, "reason": "cold"}, admin)
    await _done(ground, f"/v1/orders/{third}/cancel", {"reason": "sold out"}, stall)
    assert (await ground.order(ben, stall, quantity=99)).status_code in {409, 422}
    asked = await _done(ground, "/v1/payment-requests", {"amount": 250, "description": "Tent pegs"}, stall)
    await _done(ground, f"/v1/payment-requests/{asked['requestId']}/pay", {}, anna)


async def _deposits(ground: Ground, anna: Person, stall: Stall) -> None:
    item, admin = stall.items["ayran"], await ground.admin()
    priced = await ground.http.patch(f"{ground.url()}/v1/menu/{item}", json={"deposit": 100}, headers=stall.bearer)
    assert priced.status_code == 200, priced.text
    granted = {"userIds": [anna.user_id], "amount": 900, "reason": "crew"}
    await _done(ground, "/v1/admin/allowances", granted, admin)
    wish = {"vendorId": stall.vendor_id, "items": [{"itemId": item, "quantity": 2}], "expectedDeposit": 200}
    assert (await _done(ground, "/v1/orders", wish, anna))["order"]["deposit"] == 200
    offered = await _done(ground, "/v1/give-backs", {"items": [{"itemId": item, "quantity": 1}]}, stall)
    path = f"/v1/give-backs/{offered['giveBackId']}"
    await ground.get(path, who=anna)
    await _done(ground, f"{path}/claim", {}, anna)
    again = await ground.post(f"{path}/claim", {}, who=anna, key=secrets.token_hex(8))
    assert again.json()["code"] == "already-claimed"


async def _stall(ground: Ground, anna: Person, stall: Stall) -> None:
    item, url = stall.items["ayran"], ground.url()
    await _done(ground, f"/v1/vendors/{stall.vendor_id}/orders/clear-ready", {}, stall)
    for path, body in (
        (f"/v1/menu/{item}", {"stock": 5}),
        (f"/v1/menu/{item}", {"available": False}),
        (f"/v1/vendors/{stall.vendor_id}", {"atOnce": True}),
        (f"/v1/vendors/{stall.vendor_id}", {"open": False}),
    ):
        changed = await ground.http.patch(url + path, json=body, headers=stall.bearer)
        assert changed.status_code == 200, changed.text
    assert (await ground.order(anna, stall)).json()["code"] == "vendor-closed"
    assert (await ground.http.delete(f"{url}/v1/menu/{item}", headers=stall.bearer)).status_code == 204


async def _words(ground: Ground, anna: Person, stall: Stall) -> None:
    orders = (await ground.get("/v1/orders", who=anna)).json()["items"]
    for who in (anna, stall):
        await _done(ground, f"/v1/orders/{orders[0]['orderId']}/messages", {"message": "Hello"}, who)
    notifications = (await ground.get("/v1/me/notifications", who=anna)).json()["items"]
    await _done(ground, "/v1/me/notifications/read", {"upTo": notifications[0]["position"]}, anna)
    admin, body = await ground.admin(), {"message": "Sun", "audience": "all"}
    made = await _done(ground, "/v1/admin/announcements", body, admin)
    url = f"{ground.url()}/v1/admin/announcements/{made['announcementId']}"
    edited = await ground.http.patch(url, json={"message": "Rain", "title": "Soon"}, headers=admin.bearer)
    assert edited.status_code == 200, edited.text
    for path, who in (("/v1/admin/announcements", admin), ("/v1/announcements", anna)):
        assert (await ground.get(path, who=who)).json()["items"][0]["message"] == "Rain"
    assert (await ground.http.delete(url, headers=admin.bearer)).status_code == 204
    refused = await ground.http.patch(url, json={"message": "Fog"}, headers=admin.bearer)
    assert refused.json()["code"] == "already-withdrawn"


async def _screen(ground: Ground, stall: Stall) -> None:
    displays = f"/v1/vendors/{stall.vendor_id}/displays"
    code = (await _done(ground, f"{displays}/codes", {"name": "Left"}, stall))["code"]
    made = (await ground.post("/v1/displays/pairings", {"code": code})).json()
    assert (await ground.post("/v1/displays/pairings", {"code": code})).status_code == 404
    waiting = (await ground.get(f"{displays}/pairings", who=stall)).json()["items"]
    assert [each["pairingId"] for each in waiting] == [made["pairingId"]]
    await _done(ground, f"{displays}/pairings/{made['pairingId']}", {"accept": True}, stall)
    secret = {"Authorization": f"Bearer {made['secret']}"}
    seen = await ground.http.get(f"{ground.url()}/v1/displays/pairings/{made['pairingId']}", headers=secret)
    assert seen.json()["status"] == "confirmed"


async def _reads(ground: Ground, anna: Person, stall: Stall, admin: Person) -> int:
    """Read everything that can be read, and say a last word to all; its position."""
    for path in ("/v1/me", "/v1/me/transactions", "/v1/orders", "/v1/vendors", f"/v1/vendors/{stall.vendor_id}/menu"):
        for who in (anna, stall, admin):
            assert (await ground.get(path, who=who)).status_code == 200
    settlement = f"/v1/admin/vendors/{stall.vendor_id}/settlement"
    organiser = ("overview", "connections", "transactions", "users", "funds/held", "announcements")
    for path in (*(f"/v1/admin/{each}" for each in organiser), settlement, f"{settlement}.csv", "/v1/payouts"):
        assert (await ground.get(path, who=admin)).status_code == 200
        assert (await ground.get(path, who=anna)).status_code == 403
    board, keepers = f"/v1/boards/{stall.vendor_id}", f"/v1/vendors/{stall.vendor_id}/keepers"
    for path in ("/v1/events", board, f"{board}?format=text", keepers):
        await ground.get(path, who=stall)
    said = await _done(ground, "/v1/admin/announcements", {"message": "Rain", "title": "R", "audience": "all"}, admin)
    position: int = said["position"]
    return position


async def _ended(ground: Ground, ben: Person) -> set[str]:
    """Follow with a session in its last minute until the person is suspended; what it is told, judged."""
    follower = Follower(ground.token(ben, ttl_s=59))
    with await follower.connect(ground.url()) as connection:
        await _read_until(follower, connection.read, lambda: bool(follower.of("session-expiring")))
        await _done(ground, f"/v1/admin/users/{ben.user_id}/suspend", {}, await ground.admin())
        await _read_until(follower, connection.read, lambda: bool(follower.of("error")))
    findings = [finding for frame in follower.raw for finding in event_findings(PERSON, frame.event, frame.data)]
    assert findings == []
    return {frame.event for frame in follower.raw}


async def _read_until(follower: Follower, read: Callable[[], Any], done: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not done():
            try:
                follower.take(await read())
            except StreamEnded:
                assert done()


async def _done(ground: Ground, path: str, body: object, who: Person) -> Any:
    """Give a command that must work; its answer."""
    answer = await ground.post(path, body, who=who, key=secrets.token_hex(8))
    assert answer.is_success, f"{path}: {answer.text}"
    return json.loads(answer.content)


def _messages(address: str) -> Any:
    return next(channel["messages"] for channel in ASYNCAPI["channels"].values() if channel["address"] == address)
