"""The Monday after the festival: the treasurer settles with stalls, guests and the tax office, in one sitting."""

import csv
import io
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.money.test_corrections import picture, yes
from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE, TABLET
from tests.browser.relations.test_room import fits
from tests.support.ground import Ground, Person, Stall
from tests.support.servers.server import ServerProcess

SETTINGS: Final = {
    "PLATFORM_FEE_BP": "250",
    "PAYOUTS__IBAN": "DE02120300000000202051", "PAYOUTS__NAME": "Sommerfest e.V.",
    "PAYOUTS__FEE": "100", "PAYOUTS__DONATIONS_FOR": "the lifeboats",
}  # fmt: skip
IBANS: Final = ("DE89370400440532013000", "NL91ABNA0417164300", "FR1420041010050500013M02606")


async def test_the_treasurers_monday(tmp_path: Path, browser: Browser) -> None:
    settings = {("FESTIVAL__" if "__" not in name else "") + name: value for name, value in SETTINGS.items()}
    with ServerProcess(tmp_path, settings=settings) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            sun, bar = await weekend(ground)
            office = await pages.open(await ground.admin(), OFFICE)
            await settles_with_the_stalls(office, sun, bar)
            await reads_the_tax(office)
            await pays_everybody(office)
            await makes_the_z_report(office)
            await looks_at_the_books(office)
            await at_each_size(office)
            assert pages.complaints == []
        server.audit()


# What has happened until then


async def weekend(ground: Ground) -> tuple[Stall, Stall]:
    """Food at 7 %, drinks at 19 % in cups with a deposit; a refund, cups brought back, a gift; all ask for payouts."""
    sun = await ground.stall("Falafel Sun", {"Wrap": 750})
    bar = await ground.stall("Bar by the river", {"Beer": 400})
    await change(ground, sun, "Wrap", {"taxBp": 700})
    await change(ground, bar, "Beer", {"taxBp": 1900, "deposit": 200})
    await drawer_with_a_difference(ground)
    anna, ben = await ground.customer("Anna", funds=5_000), await ground.customer("Ben", funds=3_000)
    await buy(ground, anna, sun, 2, tip=100)
    spilt = await buy(ground, ben, sun, 1)
    await buy(ground, anna, bar, 3)
    await sent(ground, f"/v1/orders/{spilt}/refund", {"all": True, "reason": "Cold"}, await ground.admin())
    cups = {"items": [{"itemId": bar.items["Beer"], "quantity": 2}]}
    offered = await sent(ground, "/v1/give-backs", cups, bar)
    await sent(ground, f"/v1/give-backs/{offered['giveBackId']}/claim", {}, anna)
    await sent(ground, "/v1/donations", {"amount": 250}, ben)
    for person, bank, more in (
        (anna, IBANS[0], {}), (ben, IBANS[1], {}), (bar, IBANS[2], {"account": "till", "vendorId": bar.vendor_id})
    ):  # fmt: skip
        await sent(ground, "/v1/payouts", {"all": True, "iban": bank, "accountHolder": "Holder", **more}, person)
    return sun, bar


async def sent(ground: Ground, path: str, body: object, who: Person) -> dict[str, str]:
    answer = await ground.post(path, body, who=who, key=secrets.token_hex(8))
    assert answer.is_success, (path, answer.text)
    told: dict[str, str] = answer.json()
    return told


async def change(ground: Ground, stall: Stall, item: str, fields: dict[str, int]) -> None:
    path = f"{ground.url()}/v1/menu/{stall.items[item]}"
    assert (await ground.http.patch(path, json=fields, headers=stall.bearer)).is_success


async def buy(ground: Ground, who: Person, stall: Stall, quantity: int, *, tip: int = 0) -> str:
    """Buy the stall's only item, and get it; return the order's id."""
    body = {"vendorId": stall.vendor_id, "items": [{"itemId": next(iter(stall.items.values())), "quantity": quantity}]}
    answer = await ground.post("/v1/orders", {**body, "tip": tip}, who=who, key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.text
    order_id: str = answer.json()["order"]["orderId"]
    for status in ("ready", "completed"):
        assert (await ground.step(stall, order_id, status)).is_success
    return order_id


async def drawer_with_a_difference(ground: Ground) -> None:
    """The organiser's own drawer, from which fifty cents are missing."""
    boss = await ground.admin()
    drawer = (await sent(ground, "/v1/admin/drawers", {"name": "Gate 1", "float": 10_000}, boss))["drawerId"]
    await sent(ground, f"/v1/admin/drawers/{drawer}/close", {"counted": 9_950, "reason": "Miscounted change"}, boss)


# What the treasurer does


async def section(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="Sections").get_by_role("link", name=name).click()


async def saved(page: Page, button: Locator) -> tuple[str, bytes]:
    """Press a button that downloads something; its name and content."""
    async with page.expect_download() as started:
        await button.click()
    download = await started.value
    return download.suggested_filename, (await download.path()).read_bytes()  # small, and in no server's way


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def settles_with_the_stalls(office: Page, sun: Stall, bar: Stall) -> None:
    """One file for all stalls: what each sold at which rate, what the festival keeps, and what was paid out."""
    await section(office, "Reports")
    await office.locator("#report-by").select_option("stall")
    await expect(office.locator("#report tbody tr")).to_have_count(2)
    await expect(office.locator("#report tbody tr").first).to_contain_text("Bar by the river")
    await picture(office, "monday-report")
    name, content = await saved(office, office.get_by_role("button", name="Download what all stalls sold"))
    assert name.startswith("Festival-settlements-"), name
    drinks, food = rows_of(content)
    assert (drinks["vendorId"], food["vendorId"]) == (bar.vendor_id, sun.vendor_id)
    money = {row["vendorName"]: {key: Decimal(row[key]) for key in MONEY} for row in (drinks, food)}
    # Of the wrap that was cold all comes back, with its fee of 2.5 %; the fee of the others is rounded down.
    assert money == {
        "Bar by the river": dict(zip(MONEY, map(Decimal, ["12", "0", "0", "0.30", "11.70", "11.70"]), strict=True)),
        "Falafel Sun": dict(zip(MONEY, map(Decimal, ["22.50", "1", "7.50", "0.37", "15.63", "0"]), strict=True)),
    }
    assert (drinks["gross 19.00%"], drinks["net 19.00%"], drinks["tax 19.00%"]) == ("12.00", "10.08", "1.92")
    assert (food["gross 7.00%"], food["net 7.00%"], food["tax 7.00%"]) == ("15.00", "14.02", "0.98")


MONEY: Final = ("sales", "tips", "refunds", "fees", "net", "paidOut")


async def reads_the_tax(office: Page) -> None:
    """The tax by rate, on the page: what was refunded is no longer in it."""
    await office.locator("#report-by").select_option("tax")
    rates = office.locator("#report tbody tr")
    await expect(rates).to_have_count(2)
    for row, cells in ((rates.first, ("19", "€12.00", "€10.08", "€1.92")), (rates.last, ("7", "€15.00", "€0.98"))):
        for text in cells:
            await expect(row).to_contain_text(text)
    await picture(office, "monday-tax")


async def pays_everybody(office: Page) -> None:
    """One run for guests and stalls: the bank's file and the table say the same, and everybody is paid at once."""
    await section(office, "Payouts")
    await expect(office.locator("#payouts li")).to_have_count(3)
    await office.get_by_role("button", name="Gather a run").click()
    run = office.locator("#runs li")
    await expect(run).to_contain_text("3 payouts")
    total = Decimal((await run.locator(".price").inner_text()).removeprefix("€"))
    await picture(office, "monday-run")
    _, content = await saved(office, run.get_by_role("button", name="Bank file"))
    found = [node for node in ElementTree.fromstring(content).iter() if node.tag.endswith(("InstdAmt", "}IBAN"))]  # noqa: S314
    amounts = sorted(Decimal(node.text or "") for node in found if node.tag.endswith("InstdAmt"))
    assert {node.text for node in found if node.tag.endswith("IBAN")} == {*IBANS, SETTINGS["PAYOUTS__IBAN"]}
    name, content = await saved(office, run.get_by_role("button", name="CSV"))
    assert name.endswith(".csv"), name
    assert sorted(Decimal(row["amount"]) for row in rows_of(content)) == amounts
    assert sum(amounts) == total
    await run.get_by_role("button", name="Sent to the bank").click()
    await expect(office.locator("#ask-title")).to_have_text(f"Is it sent: 3 payouts over €{total}?")
    await yes(office)
    await expect(run).to_contain_text("Sent")
    await expect(office.locator("#payouts li")).to_have_count(0)
    await office.locator("#payouts-status").select_option("completed")
    await expect(office.locator("#payouts li")).to_have_count(3)
    await picture(office, "monday-sent")


async def makes_the_z_report(office: Page) -> None:
    """The festival's books are closed; what they say stays."""
    await section(office, "Reports")
    await expect(office.locator("#books-lines")).to_contain_text("Sold€34.50")
    await office.get_by_role("button", name="Close: make Z 1").click()
    await yes(office)
    await expect(office.locator("#z-reports li")).to_have_count(1)
    await office.locator("#z-reports summary").click()
    report = office.locator("#z-reports dl")
    for line in ("Sold€34.50", "€12.00 = €10.08 + €1.92 tax", "€15.00 = €14.02 + €0.98 tax"):
        await expect(report).to_contain_text(line)
    await expect(office.get_by_role("button", name="Close: make Z 2")).to_be_disabled()
    await picture(office, "monday-z")


async def looks_at_the_books(office: Page) -> None:
    """The first page: gifts, deposits, fees and what is missing in cash; and the books sum to zero."""
    await section(office, "Today")
    for name, value, words in (
        ("Books", "€0.00", "they sum to zero"), ("Donations", "€2.50", "given by guests"),
        ("Deposits", "€2.00", "taken and not given back"), ("Cash", "€0.50", "€0.50 short"),
        ("Paid out", "€", "nothing waits"),
    ):  # fmt: skip
        figure = office.locator("#figures li", has_text=name)
        await expect(figure).to_contain_text(value)
        await expect(figure).to_contain_text(words)
    await picture(office, "monday-books")


async def at_each_size(office: Page) -> None:
    """On a tablet all of it fits, and on the smallest phone."""
    sizes: dict[str, ViewportSize] = {"tablet": TABLET, "phone": {"width": 320, "height": 700}}
    for size, viewport in sizes.items():
        await office.set_viewport_size(viewport)
        for name in ("Today", "Payouts", "Reports"):
            await section(office, name)
            await fits(office)
            await picture(office, f"monday-{size}-{name.lower()}")
