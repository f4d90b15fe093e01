"""Cups come back: a stall shows a code, who scans it first has the deposit, and the next one is told so."""

import re
import secrets
from typing import Final

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.guest.acts import view
from tests.browser.items.test_items_day import fits
from tests.browser.pages import LAPTOP, Pages
from tests.browser.stall.kitchen import section
from tests.browser.stall.test_kitchen import apart
from tests.browser.test_pay import opened, scanned
from tests.support.ground import Person, Stall

SMALL: Final[ViewportSize] = {"width": 320, "height": 568}


async def bought(pages: Pages, anna: Person, stall: Stall, cups: int) -> None:
    """Drinks in cups; some of them paid by drink tickets."""
    ground = pages.ground
    item = stall.items["ayran"]
    changed = await ground.http.patch(f"{ground.url()}/v1/menu/{item}", json={"deposit": 200}, headers=stall.bearer)
    assert changed.status_code == 200, changed.text
    granted = {"amount": 500, "reason": "crew"}
    path = f"/v1/admin/people/{anna.user_id}/allowance"
    made = await ground.post(path, granted, who=await ground.admin(), key=secrets.token_hex(8))
    assert made.status_code == 201, made.text
    body = {"vendorId": stall.vendor_id, "items": [{"itemId": item, "quantity": cups}]}
    paid = await ground.post("/v1/orders", body, who=anna, key=secrets.token_hex(8))
    assert paid.status_code == 201, paid.text


async def offered(tablet: Page) -> str:
    """The stall's code for one cup; the path that a camera finds in it."""
    await tablet.get_by_label("One ayran more came back").click()
    await tablet.get_by_role("button", name="Give back €2.00").click()
    dialog = tablet.get_by_role("dialog")
    await expect(dialog).to_contain_text("€2.00 back")
    await expect(dialog.locator("#qr-countdown")).to_contain_text(re.compile(r"Waiting for the guest · [34]:\d\d"))
    return await scanned(tablet.locator("#qr-image"))


async def test_a_cup_comes_back_and_its_deposit_goes_to_who_scans_first(pages: Pages) -> None:
    ground = pages.ground
    stall = await ground.stall()
    anna, ben = await ground.customer("Anna", funds=2_000), await ground.customer("Ben")
    await bought(pages, anna, stall, 2)
    tablet = await pages.open(stall, LAPTOP)
    await section(tablet, "Charge")
    await apart(tablet, "#back-form", 3)
    path = await offered(tablet)

    phone = await opened(pages, anna, path)
    await phone.set_viewport_size(SMALL)
    await expect(phone.locator("#stall")).to_have_text("Falafel Sun")
    await expect(phone.locator("#lines")).to_contain_text("1\u00a0× ayran")
    await fits(phone)
    await apart(phone, "#offer", 2)
    before = await ground.balance(anna)
    late = await opened(pages, ben, path)
    await expect(late.get_by_role("button", name="Take €2.00")).to_be_visible()
    await phone.get_by_role("button", name="Take €2.00").click()
    await expect(phone.locator("#taken-title")).to_have_text("€2.00 is yours")
    await expect(phone.locator("#taken-title")).to_be_focused()
    assert await ground.balance(anna) == before + 200
    await expect(tablet.locator("#qr-state")).to_have_text("Taken: €2.00 went back.")
    await expect(tablet.locator("#qr-image")).to_be_hidden()

    await late.get_by_role("button", name="Take €2.00").click()
    await expect(late.locator("#over-title")).to_have_text("Already taken")
    assert await ground.balance(ben) == 0
    await phone.reload()
    await expect(phone.locator("#taken-title")).to_have_text("€2.00 is yours")
    unknown = await opened(pages, ben, "/give-back/?offer=none")
    await expect(unknown.locator("#over-title")).to_have_text("This code is not valid any more")


async def test_an_organiser_gives_drink_tickets_and_takes_them_back(pages: Pages) -> None:
    ground = pages.ground
    admin, anna = await ground.admin(), await ground.customer("Anna", funds=100)
    office, phone = await pages.open(admin, LAPTOP), await pages.open(anna)
    await section(office, "People")
    await office.get_by_role("button", name="Rights of Anna").click()
    dialog = office.locator("#person")
    await dialog.get_by_label("Sum to give").fill("twelve")
    await dialog.get_by_label("What they are for").fill("Bar crew")
    await dialog.get_by_role("button", name="Give drink tickets").click()
    await expect(office.locator("#tickets-problem")).to_contain_text("This is no amount.")
    await dialog.get_by_label("Sum to give").fill("12.50")
    await dialog.get_by_role("button", name="Give drink tickets").click()
    await office.get_by_role("button", name="Give €12.50").click()
    await expect(office.locator("#tickets-done")).to_have_text("€12.50 given. Anna has €12.50 in drink tickets.")
    await expect(phone.locator("#allowance")).to_have_text("+ €12.50 in drink tickets")
    await apart(office, "#tickets", 3)
    await dialog.get_by_label("What they are for").fill("She is ill")
    await dialog.get_by_role("button", name="Take all back").click()
    await office.locator("#ask-form").get_by_role("button", name="Take all back").click()
    await expect(office.locator("#tickets-done")).to_have_text("€12.50 taken back.")
    await expect(phone.locator("#allowance")).to_be_hidden()
    await expect(phone.locator("#balance")).to_have_text("€1.00")


async def test_drink_tickets_stand_beside_the_wallet_and_are_used_first(pages: Pages) -> None:
    ground = pages.ground
    stall = await ground.stall()
    anna = await ground.customer("Anna", funds=2_000)
    page = await pages.open(anna)
    await expect(page.locator("#allowance")).to_be_hidden()
    granted = {"amount": 900, "reason": "crew"}
    made = await ground.post(
        f"/v1/admin/people/{anna.user_id}/allowance", granted, who=await ground.admin(), key=secrets.token_hex(8)
    )
    assert made.status_code == 201, made.text
    await expect(page.locator("#allowance")).to_have_text("+ €9.00 in drink tickets")
    await expect(page.locator("#balance")).to_have_text("€20.00")
    await page.set_viewport_size(SMALL)
    await fits(page)
    await bought(pages, anna, stall, 2)  # 5.00 more, less 6.00 for ayran and 4.00 for the cups
    await expect(page.locator("#allowance")).to_have_text("+ €4.00 in drink tickets")
    await expect(page.locator("#balance")).to_have_text("€20.00")
    await view(page, "Wallet")
    await expect(page.locator("#transactions")).to_contain_text("From your drink tickets")
    await expect(page.locator("#transactions")).to_contain_text("Deposit")
