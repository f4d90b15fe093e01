"""Takings, reports and settlements over HTTP, as JSON and as files."""

import asyncio
import csv
import io
from datetime import date, timedelta
from typing import Any, Final

import httpx2
import pytest

from festival_push.domain.reports.days import business_day, day_begins, next_day
from festival_push.domain.values import rfc3339
from tests.web.world import World

_BAD_DAYS: Final = ("2026-02-30", "2026-7-4", "0000-00-00", "0001-01-01", "9999-12-31", "today", "2026-07-04T00:00")


async def sold(world: World) -> None:
    """Two Falafel and an Ayran with a tip; one Ayran, cancelled; a beer at another stall; 3.00 given back."""
    await world.post("sun", "/v1/vendors/sun/menu", {"name": "Tea", "price": 200, "taxBp": 1_900})
    order = (
        await world.post(
            "anna", "/v1/orders",
            {"vendorId": "sun", "items": [{"itemId": "falafel", "quantity": 2}], "tip": 50},
        )
    ).json()["order"]  # fmt: skip
    await world.post("admin", f"/v1/orders/{order['orderId']}/refund", {"amount": 300, "reason": "cold"})
    other = await world.place("anna", "sun", ayran=1)
    await world.post("sun", f"/v1/orders/{other['orderId']}/status", {"status": "cancelled", "reason": "none left"})
    await world.place("ben", "moon", beer=1)


@pytest.fixture
async def world(world: World) -> World:
    """The world with money for two customers."""
    for customer in ("anna", "ben"):
        await world.top_up(customer, 5_000)
    return world


def today(world: World) -> str:
    """The day of the festival that it is."""
    return business_day(world.services.now(), world.services.rules)


def rows_of(answer: httpx2.Response) -> list[dict[str, str]]:
    """A file's rows by their headings."""
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by its mark"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def file_of(answer: httpx2.Response) -> str:
    """What the file is called."""
    return str(answer.headers["content-disposition"])


async def test_a_stall_s_day_in_figures(world: World) -> None:
    await sold(world)
    day = today(world)
    takings = (await world.get("sun", "/v1/vendors/sun/takings")).json()
    assert takings == {
        "vendorId": "sun", "day": day,
        "begins": rfc3339(day_begins(day, world.services.rules)),
        "ends": rfc3339(day_begins(next_day(day), world.services.rules)),
        "currency": "EUR", "currencyDigits": 2,
        "orders": 2, "sales": 1_300 + 200, "tips": 50, "refunds": 300 + 200, "fees": 0, "net": 1_300 + 50 - 300,
        "taxes": [{"gross": 1_000, "net": 1_000, "tax": 0}],
        "items": [
            {"itemId": "falafel", "name": "Falafel", "quantity": 2, "amount": 1_300},
            {"itemId": "ayran", "name": "Ayran", "quantity": 1, "amount": 200, "back": 1, "backAmount": 200},
        ],
        "left": 0,
    }  # fmt: skip
    assert (await world.get("sun", f"/v1/vendors/sun/takings?day={day}")).json() == takings
    yesterday = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    before = (await world.get("admin", f"/v1/vendors/sun/takings?day={yesterday}")).json()
    assert (before["orders"], before["net"], before["items"], before["ends"]) == (0, 0, [], takings["begins"])


async def test_takings_count_every_order_however_many_there_are(world: World) -> None:
    await world.top_up("anna", 40_000)
    await asyncio.gather(*(world.place("anna", "sun", ayran=1) for _ in range(210)))
    takings = (await world.get("sun", "/v1/vendors/sun/takings")).json()
    assert (takings["orders"], takings["sales"]) == (210, 210 * 200), "more than the longest page of a list"


async def test_a_report_by_day_hour_stall_and_item_comes_to_the_same(world: World) -> None:
    await sold(world)
    totals: list[dict[str, Any]] = []
    for by in ("day", "hour", "stall"):
        report = (await world.get("admin", f"/v1/admin/reports?by={by}")).json()
        assert report["by"] == by
        assert report["left"] == 0
        for name in ("orders", "sales", "tips", "refunds", "fees", "net"):
            assert report["total"][name] == sum(row[name] for row in report["rows"])
        totals.append(report["total"])
        assert [line["gross"] for line in report["taxes"]] == [1_000 + 450]
    assert totals[0] == totals[1] == totals[2]
    assert totals[0]["sales"] == 1_300 + 200 + 450
    items = (await world.get("admin", "/v1/admin/reports?by=item")).json()
    assert (items["total"]["amount"], items["total"]["quantity"]) == (1_300 + 200 + 450, 4)
    assert [(row["vendorId"], row["name"]) for row in items["rows"]] == [
        ("sun", "Falafel"), ("moon", "Beer"), ("sun", "Ayran"),
    ]  # fmt: skip
    stalls = (await world.get("admin", "/v1/admin/reports?by=stall")).json()["rows"]
    assert [(row["vendorId"], row["name"], row["orders"]) for row in stalls] == [("moon", "Moon", 1), ("sun", "Sun", 2)]


async def test_tax_by_rate_in_a_stall_s_report(world: World) -> None:
    tea = (await world.post("sun", "/v1/vendors/sun/menu", {"name": "Tea", "price": 238, "taxBp": 1_900})).json()
    await world.place("anna", "sun", **{tea["itemId"]: 2, "ayran": 1})
    report = (await world.get("sun", "/v1/vendors/sun/reports?by=tax")).json()
    assert report["rows"] == [
        {"key": "1900", "taxBp": 1_900, "gross": 476, "net": 400, "tax": 76},
        {"key": "", "gross": 200, "net": 200, "tax": 0},
    ]
    assert report["total"] == {"key": "total", "gross": 676, "net": 600, "tax": 76}
    assert report["taxes"][0] == {"taxBp": 1_900, "gross": 476, "net": 400, "tax": 76}
    rows = rows_of(await world.get("sun", "/v1/vendors/sun/reports.csv?by=tax"))
    assert rows[0] == {"taxPercent": "19.00", "gross": "4.76", "net": "4.00", "tax": "0.76"}
    assert rows[1]["taxPercent"] == ""


async def test_the_desk_s_money_by_method_and_by_cashier(world: World) -> None:
    report = (await world.get("admin", "/v1/admin/reports?by=method")).json()
    (cash,) = [row for row in report["rows"] if row["method"] == "cash"]
    assert cash["source"] == "desk"
    assert cash["topUps"] >= 2
    assert report["total"]["amount"] == sum(row["amount"] for row in report["rows"])
    people = (await world.get("admin", "/v1/admin/reports?by=cashier")).json()
    assert [(row["key"], row["name"]) for row in people["rows"]] == [("user:admin", "Admin")]
    assert people["total"]["amount"] == report["total"]["amount"]
    assert rows_of(await world.get("admin", "/v1/admin/reports.csv?by=cashier"))[0]["name"] == "Admin"


async def test_one_stall_of_the_office_s_report(world: World) -> None:
    await sold(world)
    report = (await world.get("admin", "/v1/admin/reports?by=day&vendorId=moon")).json()
    assert (report["vendorId"], report["total"]["orders"], report["total"]["sales"]) == ("moon", 1, 450)
    assert (await world.get("admin", "/v1/admin/reports?vendorId=mars")).status_code == 404
    answer = await world.get("admin", "/v1/admin/reports?by=method&vendorId=moon")
    assert answer.json()["errors"] == [{"field": "vendorId", "message": "does not go with by=method"}]


async def test_a_file_has_major_units_and_a_name_that_says_what_it_is(world: World) -> None:
    await sold(world)
    day = today(world)
    answer = await world.get("admin", f"/v1/admin/reports.csv?from={day}&to={day}")
    assert file_of(answer) == f'attachment; filename="Festival-by-day-{day}.csv"'
    assert rows_of(answer) == [
        {
            "day": day, "orders": "3", "sales": "19.50", "tips": "0.50", "refunds": "5.00", "fees": "0.00",
            "net": "15.00",
        }
    ]  # fmt: skip
    assert answer.text.splitlines()[0] == '\ufeff"day","orders","sales","tips","refunds","fees","net"'
    items = await world.get("sun", "/v1/vendors/sun/reports.csv?by=item")
    assert file_of(items) == f'attachment; filename="Festival-Sun-by-item-{day}.csv"'
    assert rows_of(items)[1] == {
        "vendorId": "sun", "itemId": "ayran", "name": "Ayran", "taxPercent": "", "quantity": "1", "amount": "2.00",
        "back": "1", "backAmount": "2.00",
    }  # fmt: skip


async def test_a_settlement_has_the_tax_by_rate_once_the_stall_says_one(world: World) -> None:
    await sold(world)
    settlement = (await world.get("admin", "/v1/admin/vendors/sun/settlement")).json()
    assert "taxes" not in settlement
    tea = (await world.post("sun", "/v1/vendors/sun/menu", {"name": "Tea", "price": 119, "taxBp": 1_900})).json()
    await world.place("anna", "sun", **{tea["itemId"]: 1})
    settlement = (await world.get("admin", "/v1/admin/vendors/sun/settlement")).json()
    assert settlement["taxes"] == [
        {"taxBp": 1_900, "gross": 119, "net": 100, "tax": 19}, {"gross": 1_000, "net": 1_000, "tax": 0},
    ]  # fmt: skip
    answer = await world.get("admin", "/v1/admin/vendors/sun/settlement.csv")
    assert file_of(answer) == f'attachment; filename="Festival-Sun-settlement-{today(world)}.csv"'
    (row,) = rows_of(answer)
    assert (row["gross 19.00%"], row["net 19.00%"], row["tax 19.00%"], row["untaxed"]) == (
        "1.19", "1.00", "0.19", "10.00",
    )  # fmt: skip


async def test_a_file_without_a_row_has_its_headings(world: World) -> None:
    answer = await world.get("admin", "/v1/admin/settlements.csv?day=2020-01-01")
    assert rows_of(answer) == []
    assert '"vendorId","vendorName"' in answer.text


async def test_settlements_of_all_stalls_in_one_file(world: World) -> None:
    await sold(world)
    tea = (await world.post("moon", "/v1/vendors/moon/menu", {"name": "=Tea", "price": 107, "taxBp": 700})).json()
    await world.place("anna", "moon", **{tea["itemId"]: 1})
    day = today(world)
    answer = await world.get("admin", f"/v1/admin/settlements.csv?day={day}")
    assert file_of(answer) == f'attachment; filename="Festival-settlements-{day}.csv"'
    moon, sun = rows_of(answer)
    assert moon == {
        "vendorId": "moon", "vendorName": "Moon", "currency": "EUR", "orders": "2", "sales": "5.57", "tips": "0.00",
        "refunds": "0.00", "fees": "0.00", "net": "5.57", "paidOut": "0.00", "gross 7.00%": "1.07",
        "net 7.00%": "1.00", "tax 7.00%": "0.07", "untaxed": "4.50",
    }  # fmt: skip
    assert (sun["vendorName"], sun["net"], sun["gross 7.00%"], sun["untaxed"]) == ("Sun", "10.50", "0.00", "10.00")
    same = await world.get("admin", f"/v1/admin/settlements.csv?from={day}&to={day}")
    assert same.content == answer.content
    assert (await world.get("admin", f"/v1/admin/settlements.csv?day={day}&from={day}")).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/v1/vendors/sun/takings?day={}", "/v1/admin/reports?from={}", "/v1/admin/reports.csv?to={}",
     "/v1/vendors/sun/reports?from={}", "/v1/admin/settlements.csv?day={}"],
)  # fmt: skip
@pytest.mark.parametrize("day", _BAD_DAYS)
async def test_what_is_no_day_is_refused_by_name(world: World, path: str, day: str) -> None:
    answer = await world.get("admin", path.format(day))
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["field"] == path.split("?")[1].split("=", maxsplit=1)[0]


async def test_a_range_is_bounded_and_not_upside_down(world: World) -> None:
    for query, message in (
        ("from=2026-01-01&to=2026-04-03", "must be at most 92 days after from, with both of them"),
        ("from=2026-01-02&to=2026-01-01", "must not be before from"),
    ):
        answer = await world.get("admin", f"/v1/admin/reports?{query}")
        assert answer.json()["errors"] == [{"field": "to", "message": message}]
    assert (await world.get("admin", "/v1/admin/reports?from=2026-01-01&to=2026-04-02")).status_code == 200
    assert (await world.get("admin", "/v1/admin/reports?from=9998-12-30")).status_code == 200
    assert (await world.get("admin", "/v1/admin/reports?from=1970-01-02")).status_code == 200


async def test_another_stall_s_figures_are_not_there(world: World) -> None:
    for path in ("takings", "reports", "reports.csv", "x-report", "z-reports", "z-reports/1"):
        assert (await world.get("moon", f"/v1/vendors/sun/{path}")).status_code == 404
        assert (await world.get("admin", f"/v1/vendors/mars/{path}")).status_code == 404
