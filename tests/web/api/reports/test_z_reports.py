"""X and Z reports over HTTP."""

import asyncio

import pytest

from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import ItemId, UserId
from tests.web.world import World

CLOSE = "/v1/vendors/sun/z-reports"


@pytest.fixture
async def world(world: World) -> World:
    """The world with money for two customers."""
    for customer in ("anna", "ben"):
        await world.top_up(customer, 5_000)
    return world


async def test_an_x_report_shows_the_open_books_and_a_z_report_closes_them(world: World) -> None:
    await world.place("anna", "sun", falafel=1)
    x = (await world.get("sun", "/v1/vendors/sun/x-report")).json()
    assert (x["number"], x["orders"], x["sales"], x["transfers"]) == (1, 1, 650, 1)
    assert "begins" not in x, "there was none before"
    answer = await world.post("sun", CLOSE, {})
    assert answer.status_code == 201
    report = answer.json()["report"]
    assert report == {**x, "ends": report["ends"], "actor": "user:sun"}
    after = (await world.get("sun", "/v1/vendors/sun/x-report")).json()
    assert (after["number"], after["orders"], after["items"]) == (2, 0, [])
    assert (after["begins"], after["afterTransfer"]) == (report["ends"], report["upToTransfer"])


async def test_a_z_report_stays_as_it_was_whatever_comes_after(world: World) -> None:
    order = await world.place("anna", "sun", falafel=2)
    await world.post("sun", CLOSE, {})
    kept = (await world.get("sun", f"{CLOSE}/1")).json()
    await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "cancelled", "reason": "rain"})
    await world.services.committer.submit(
        ChangeMenuItem(actor_id=UserId("admin"), item_id=ItemId("falafel"), name="Wrap", price=900)
    )
    assert (await world.get("sun", f"{CLOSE}/1")).json() == kept
    second = (await world.post("admin", CLOSE, {})).json()["report"]
    assert (second["number"], second["orders"], second["refunds"], second["net"]) == (2, 0, 1_300, -1_300)
    assert second["taxes"] == [{"gross": -1_300, "net": -1_300, "tax": 0}]
    assert second["actor"] == "user:admin"


async def test_two_who_close_at_once_close_once_and_leave_nothing_out(world: World) -> None:
    for _ in range(5):
        await world.place("anna", "sun", ayran=1)
    answers = await asyncio.gather(*(world.post(who, CLOSE, {}) for who in ("sun", "admin", "sun", "admin")))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "books-closed", "nothing-to-close",
    }  # fmt: skip
    await world.place("ben", "sun", ayran=1)
    await world.post("sun", CLOSE, {})
    pages = (await world.get("sun", CLOSE)).json()["items"]
    assert [(page["number"], page["orders"]) for page in pages] == [(2, 1), (1, 5)]


async def test_sales_while_the_books_are_closed_are_in_exactly_one_report(world: World) -> None:
    async def selling() -> None:
        for _ in range(20):
            await world.place("anna", "sun", ayran=1)

    async def closing() -> None:
        for _ in range(10):
            await world.post("sun", CLOSE, {})

    await asyncio.gather(selling(), closing(), closing())
    await world.post("sun", CLOSE, {})
    listed = (await world.get("sun", f"{CLOSE}?limit=200")).json()["items"]
    reports = [(await world.get("sun", f"{CLOSE}/{each['number']}")).json() for each in reversed(listed)]
    assert sum(report["orders"] for report in reports) == 20
    assert sum(report["sales"] for report in reports) == 20 * 200
    ends = [0, *(report["upToTransfer"] for report in reports)]
    assert [report["afterTransfer"] for report in reports] == ends[:-1]
    assert [report["number"] for report in reports] == list(range(1, len(reports) + 1))


async def test_a_retry_makes_no_second_one(world: World) -> None:
    await world.place("anna", "sun", ayran=1)
    first = await world.post("sun", CLOSE, {}, key="night")
    await world.place("anna", "sun", ayran=1)
    again = await world.post("sun", CLOSE, {}, key="night")
    assert again.json() == first.json()
    assert (await world.get("sun", "/v1/vendors/sun/x-report")).json()["number"] == 2


async def test_nothing_is_closed_where_nothing_was_sold(world: World) -> None:
    answer = await world.post("sun", CLOSE, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-close")


async def test_the_festival_s_z_report_has_its_desk_by_method_and_by_cashier(world: World) -> None:
    await world.place("anna", "sun", falafel=1)
    x = (await world.get("admin", "/v1/admin/x-report")).json()
    answer = await world.post("admin", "/v1/admin/z-reports", {})
    report = answer.json()["report"]
    assert report == {**x, "ends": report["ends"], "actor": "user:admin"}
    assert (report["orders"], report["sales"], "vendorId" in report, "items" in report) == (1, 650, False, False)
    (cash,) = report["methods"]
    assert (cash["source"], cash["method"]) == ("desk", "cash")
    assert [(line["actor"], line["amount"]) for line in report["cashiers"]] == [("user:admin", cash["amount"])]
    assert (await world.get("admin", "/v1/admin/z-reports/1")).json() == report
    listed = (await world.get("admin", "/v1/admin/z-reports")).json()
    assert [(each["number"], each["net"]) for each in listed["items"]] == [(1, 650)]
    assert (await world.get("sun", "/v1/vendors/sun/x-report")).json()["number"] == 1, "stalls count for themselves"


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "1.0", "01", "9" * 30])
async def test_a_report_that_was_never_made_is_not_there(world: World, number: str) -> None:
    await world.place("anna", "sun", ayran=1)
    await world.post("sun", CLOSE, {})
    answer = await world.get("sun", f"{CLOSE}/{number}")
    assert (answer.status_code, answer.json()["what"]) == (404, "z-report")
