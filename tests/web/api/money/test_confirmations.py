"""The second organiser over HTTP: 202, the list, and the answer to it; and the desk's daily sum."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.values import Role, UserId
from tests.support.timing.waiting import until
from tests.web.edge import problem_of
from tests.web.world import LIMITS, World, open_world, settings_of

ABOVE: Final = 1_000
BIG: Final = {"userId": "anna", "amount": ABOVE + 1, "method": "card"}


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[World]:
    """A festival where much money needs two; olga is the other organiser, and ben a cashier."""
    limits = msgspec.structs.replace(LIMITS, second_person_above=ABOVE, cashier_daily_max=20_000)
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        await world.add("olga", Role.ADMIN)
        cashier = MakeCashier(actor_id=UserId("admin"), user_id=UserId("ben"), cashier=True)
        await world.services.committer.submit(cashier)
        yield world


async def asked(world: World, who: str = "admin", body: object = BIG, *, key: str | None = None) -> dict[str, Any]:
    answer = await world.post(who, "/v1/admin/top-ups", body, key=key)
    assert answer.status_code == 202, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


async def wallet(world: World, who: str) -> int:
    held: int = (await world.get(who, "/v1/me")).json()["wallet"]["balance"]
    return held


async def test_taking_much_back_waits_too(strict: World) -> None:
    made = [
        await strict.post("admin", "/v1/admin/top-ups", {"userId": "anna", "amount": ABOVE, "method": "cash"})
        for _ in range(2)
    ]
    body = {"all": True, "reason": "typo"}
    small = await strict.post("admin", f"/v1/admin/transfers/{made[0].json()['transactionId']}/reverse", body)
    assert small.status_code == 201
    await strict.post("anna", "/v1/payouts", {"amount": ABOVE + 1})
    payout = (await strict.get("admin", "/v1/payouts")).json()["items"][0]
    before = await wallet(strict, "anna")
    big = await strict.post("admin", f"/v1/admin/transfers/{payout['payoutId']}-asked/reverse", body)
    assert (big.status_code, await wallet(strict, "anna")) == (202, before)
    kept = (await strict.get("admin", "/v1/admin/confirmations")).json()["items"][0]
    assert (kept["act"], kept["subject"]) == ("reverse", f"transfer:{payout['payoutId']}-asked")
    done = await strict.post("olga", f"/v1/admin/confirmations/{kept['confirmationId']}/confirm", {})
    assert (done.status_code, await wallet(strict, "anna")) == (200, before + ABOVE + 1)


async def test_much_money_waits_for_another_organiser(strict: World) -> None:
    before = await wallet(strict, "anna")
    kept = await asked(strict, key="k1")
    assert kept == {
        "confirmationId": kept["confirmationId"], "status": "waiting", "amount": ABOVE + 1,
        "expiresAt": kept["expiresAt"], "position": kept["position"],
    }  # fmt: skip
    assert await asked(strict, key="k1") == kept  # the retry gets the first answer
    assert await wallet(strict, "anna") == before
    path = f"/v1/admin/confirmations/{kept['confirmationId']}"
    problem_of(await strict.post("admin", f"{path}/confirm", {}), 409, "same-person")
    problem_of(await strict.post("ben", f"{path}/confirm", {}), 403, "forbidden")
    done = await strict.post("olga", f"{path}/confirm", {})
    assert done.status_code == 200
    assert (done.json()["status"], done.json()["settledBy"]) == ("confirmed", "olga")
    assert (await strict.post("olga", f"{path}/confirm", {})).json() == done.json()
    assert await wallet(strict, "anna") == before + ABOVE + 1
    settled = problem_of(await strict.post("olga", f"{path}/refuse", {}), 409, "confirmation-settled")
    assert settled["confirmationStatus"] == "confirmed"
    newest = (await strict.get("admin", "/v1/admin/transactions?limit=1")).json()["items"][0]
    assert newest["actor"] == "user:admin"
    acts = [each["act"] for each in (await strict.get("admin", "/v1/admin/deeds?limit=3")).json()["items"]]
    assert acts == ["confirm", "top-up", "ask-second"]


async def test_a_refused_one_is_never_done(strict: World) -> None:
    before = await wallet(strict, "anna")
    kept = await asked(strict, "ben")
    path = f"/v1/admin/confirmations/{kept['confirmationId']}"
    refused = await strict.post("olga", f"{path}/refuse", {"reason": "who is it for?"})
    assert (refused.status_code, refused.json()["status"]) == (200, "refused")
    told = (await strict.get("ben", "/v1/me/notifications?limit=1")).json()["items"][0]["message"]
    assert told == "10.01 EUR (top-up): refused (who is it for?)."
    problem_of(await strict.post("admin", f"{path}/confirm", {}), 409, "confirmation-settled")
    assert await wallet(strict, "anna") == before
    for answer in ("confirm", "refuse"):
        problem_of(await strict.post("olga", f"/v1/admin/confirmations/nothing/{answer}", {}), 404, "not-found")


async def test_what_waits_is_listed_and_told(strict: World) -> None:
    async with strict.follow("/v1/stream", strict.bearer("olga")) as office:
        kept = [(await asked(strict))["confirmationId"] for _ in range(3)]
        await until(lambda: sum(frame.event == "confirmation-updated" for frame in office.frames) == 3)
    await strict.post("olga", f"/v1/admin/confirmations/{kept[1]}/refuse", {})
    listed = (await strict.get("olga", "/v1/admin/confirmations?status=waiting")).json()["items"]
    assert {each["confirmationId"] for each in listed} == {kept[0], kept[2]}
    assert {(each["act"], each["subject"], each["askedBy"]) for each in listed} == {("top-up", "user:anna", "admin")}
    seen, following = [], "/v1/admin/confirmations?limit=2"
    while following:
        page = (await strict.get("olga", following)).json()
        seen += [each["confirmationId"] for each in page["items"]]
        following = f"/v1/admin/confirmations?limit=2&before={page['next']}" if page["next"] else ""
    assert sorted(seen) == sorted(kept)
    problem_of(await strict.get("olga", "/v1/admin/confirmations?status=done"), 400, "invalid-request")


async def test_a_refund_a_cancellation_and_a_payout_wait_too(strict: World) -> None:
    orders = [await strict.place("anna", "sun", falafel=2) for _ in range(2)]
    refund = await strict.post("admin", f"/v1/orders/{orders[0]['orderId']}/refund", {"all": True, "reason": "cold"})
    cancel = await strict.post("admin", f"/v1/orders/{orders[1]['orderId']}/cancel", {"reason": "rain"})
    payout = (await strict.post("anna", "/v1/payouts", {"amount": ABOVE + 1})).json()["payout"]["payoutId"]
    complete = await strict.post("admin", f"/v1/payouts/{payout}/complete", {})
    assert [answer.status_code for answer in (refund, cancel, complete)] == [202, 202, 202]
    for answer in (refund, cancel, complete):
        done = await strict.post("olga", f"/v1/admin/confirmations/{answer.json()['confirmationId']}/confirm", {})
        assert done.status_code == 200, done.text
    for order in orders:
        seen = (await strict.get("anna", f"/v1/orders/{order['orderId']}")).json()
        assert seen["paymentStatus"] == "refunded"
    settled = (await strict.get("admin", "/v1/payouts?status=completed")).json()["items"]
    assert [each["payoutId"] for each in settled] == [payout]


async def test_a_stall_cancels_its_own_orders_alone(strict: World) -> None:
    order = await strict.place("anna", "sun", falafel=2)
    cancelled = await strict.post("sun", f"/v1/orders/{order['orderId']}/cancel", {"reason": "sold out"})
    assert cancelled.status_code == 200


async def test_the_desk_of_one_person_has_a_daily_sum(strict: World) -> None:
    for _ in range(20):
        small = {"userId": "anna", "amount": ABOVE, "method": "card"}
        assert (await strict.post("ben", "/v1/admin/top-ups", small)).status_code == 201
    more = {"userId": "anna", "amount": 1, "method": "card"}
    refused = problem_of(await strict.post("ben", "/v1/admin/top-ups", more), 409, "daily-limit")
    assert (refused["left"], refused["dailyMax"]) == (0, 20_000)
