"""A keeper who orders elsewhere, a second keeper's tablet, a keeper of two stalls: each page is about one account."""

from playwright.async_api import Page, expect

from tests.browser.guest.acts import open_menu, view
from tests.browser.pages import PHONE, Pages
from tests.browser.relations.parts import TABLET, appoint, page_of
from tests.browser.stall.kitchen import section


async def test_a_keeper_orders_elsewhere_with_their_own_money(kitchen: Pages) -> None:
    ground = kitchen.ground
    sun, moon = await ground.stall("Falafel Sun"), await ground.stall("Pizza Moon")
    anna, ben = await ground.customer("Anna", funds=2_000), await ground.customer("Ben", funds=2_000)
    anna = await appoint(kitchen, anna, sun)
    phone, tablet = await page_of(kitchen, anna, "customer"), await page_of(kitchen, anna, "vendor", TABLET)
    await expect(phone.locator("#balance")).to_have_text("€20.00")
    await section(tablet, "Sales")
    await expect(tablet.locator("#balance")).to_have_text("€0.00")

    await open_menu(phone, "Pizza Moon")
    await phone.get_by_label("Add wrap").click()
    await phone.locator("#order").click()
    await expect(phone.locator("#balance")).to_have_text("€12.50")
    await expect(phone.locator("#orders .order")).to_have_count(1)
    await section(tablet, "Stall")
    await expect(tablet.locator("#wallet")).to_have_text("€12.50")
    await ground.placed(ben, sun)
    await section(tablet, "Orders")
    await expect(tablet.locator(".ticket")).to_have_count(1)  # Ben's, and not her own at the other stall
    await section(tablet, "Sales")
    await expect(tablet.locator("#balance")).to_have_text("€7.50")
    await expect(tablet.locator("#sales-detail")).to_have_text("1 order · sold €7.50")

    await ground.top_up(anna, 5)  # once shown as the till
    await expect(phone.locator("#balance")).to_have_text("€12.55")
    await expect(tablet.locator("#wallet")).to_have_text("€12.55")
    await expect(tablet.locator("#balance")).to_have_text("€7.50")
    await expect(phone.locator("#orders .order")).to_have_count(1)  # and not Ben's

    order_id = (await ground.get("/v1/orders?account=wallet", who=anna)).json()["items"][0]["orderId"]
    said = await ground.post(f"/v1/orders/{order_id}/messages", {"message": "No onions left."}, who=moon)
    assert said.status_code == 201, said.text
    await expect(phone.locator("#toasts")).to_contain_text("No onions left.")
    await ground.placed(ben, sun)
    await section(tablet, "Orders")
    await expect(tablet.locator(".ticket")).to_have_count(2)
    await expect(tablet.locator("#toasts")).not_to_contain_text("No onions left.")  # it came before that order

    for page in (phone, tablet):
        await page.reload()
        await kitchen.live(page)
    await expect(phone.locator("#balance")).to_have_text("€12.55")
    await expect(phone.locator("#orders .order")).to_have_count(1)
    await section(tablet, "Sales")
    await expect(tablet.locator("#balance")).to_have_text("€15.00")
    await section(tablet, "Orders")
    await expect(tablet.locator(".ticket")).to_have_count(2)
    await view(phone, "Wallet")
    await expect(phone.locator("#transactions li")).to_have_count(3)


async def test_a_second_keepers_tablet_is_about_the_till_and_may_not_empty_it(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer("Anna")
    ben = await ground.customer("Ben", funds=1_500)
    order_id = await ground.placed(ben, stall)
    anna = await appoint(kitchen, anna, stall)
    tablet, owners = await page_of(kitchen, anna, "vendor", TABLET), await kitchen.open(stall, TABLET)
    for page in (tablet, owners):
        await section(page, "Sales")
        await expect(page.locator("#balance")).to_have_text("€7.50")
    await expect(tablet.locator("#payout")).to_be_hidden()
    await expect(tablet.locator("#payout-owner")).to_be_visible()
    await expect(owners.locator("#payout")).to_be_visible()
    await ground.top_up(anna, 300)
    await ground.placed(ben, stall)
    for page in (tablet, owners):
        await expect(page.locator("#balance")).to_have_text("€15.00")

    for status in ("ready", "completed"):
        assert (await ground.step(stall, order_id, status)).is_success
    await owners.get_by_role("button", name="Ask for a payout").click()
    await owners.get_by_role("button", name="Ask for the payout").click()
    for page in (tablet, owners):
        await expect(page.locator("#balance")).to_have_text("€7.50")  # of the order that is not completed
        await expect(page.locator("#payouts li")).to_have_count(1)

    await section(owners, "Stall")
    await expect(owners.locator("#keepers li")).to_have_count(2)
    await owners.get_by_role("button", name="Dismiss Anna").click()
    await owners.locator("#ask-do").click()
    await expect(owners.locator("#keepers li")).to_have_count(1)
    await expect(tablet.locator("#gate h2")).to_have_text("This is the wrong page for you")
    await tablet.get_by_role("link", name="My wallet").click()
    await kitchen.live(tablet)
    await expect(tablet.locator("#balance")).to_have_text("€3.00")


async def test_who_keeps_two_stalls_says_which_one_a_tablet_shows(kitchen: Pages) -> None:
    ground = kitchen.ground
    sun, moon = await ground.stall("Falafel Sun"), await ground.stall("Pizza Moon")
    anna, ben = await ground.customer("Anna"), await ground.customer("Ben", funds=5_000)
    for stall in (sun, moon):
        anna = await appoint(kitchen, anna, stall)
    tablet = await kitchen.tab("/vendor/", TABLET, who=anna)
    await expect(tablet.locator("#gate h2")).to_have_text("Which stall?")
    await tablet.get_by_role("button", name="Pizza Moon").click()
    await kitchen.live(tablet)
    assert tablet.url.endswith(f"?stall={moon.vendor_id}")
    await expect(tablet.locator("#stall")).to_have_text("Pizza Moon")
    for stall in (sun, moon, sun):
        await ground.placed(ben, stall)
    await section(tablet, "Sales")
    await expect(tablet.locator("#balance")).to_have_text("€7.50")
    await section(tablet, "Orders")
    await expect(tablet.locator(".ticket")).to_have_count(1)

    await tablet.goto(ground.url() + "/vendor/")  # the device remembers
    await kitchen.live(tablet)
    await expect(tablet.locator("#stall")).to_have_text("Pizza Moon")
    await expect(tablet.locator(".ticket")).to_have_count(1)
    await section(tablet, "Stall")
    await tablet.locator("#other-stalls").get_by_role("link", name="Falafel Sun").click()
    await kitchen.live(tablet)
    await expect(tablet.locator("#stall")).to_have_text("Falafel Sun")
    await expect(tablet.locator(".ticket")).to_have_count(2)
    await ground.placed(ben, moon)
    await ground.placed(ben, sun)
    await expect(tablet.locator(".ticket")).to_have_count(3)
    await charged(tablet)


async def charged(tablet: Page) -> None:
    """Charge an amount: it is for the till of the stall that is shown."""
    await section(tablet, "Charge")
    await tablet.get_by_label("What for").fill("Deposit")
    await tablet.locator("#charge-amount").fill("1")
    await tablet.get_by_role("button", name="Show the code").click()
    await expect(tablet.locator("#qr-image")).to_be_visible()


async def test_somebody_who_is_appointed_finds_the_way_to_the_stall(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer("Anna", funds=700)
    phone = await kitchen.open(anna, PHONE)
    await expect(phone.locator("header").get_by_role("link")).to_have_count(0)
    await appoint(kitchen, anna, stall)
    await phone.get_by_role("link", name="My stall").click()
    await kitchen.live(phone)
    await expect(phone.locator("#stall")).to_have_text("Falafel Sun")
    await section(phone, "Stall")
    await expect(phone.locator("#wallet")).to_have_text("€7.00")
    await phone.get_by_role("link", name="My wallet").click()
    await kitchen.live(phone)
    await expect(phone.locator("#balance")).to_have_text("€7.00")
