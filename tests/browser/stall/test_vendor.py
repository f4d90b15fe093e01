"""The stall's page: orders that ring until accepted, times, messages, an open and a closed stall, its takings."""

import re
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.pages import LAPTOP, PHONE, Pages
from tests.browser.stall.kitchen import more, rested, section
from tests.browser.test_customer import COUNT_TONES
from tests.support.ground import PIN, Ground, Person, Stall
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until


async def by_hand(pages: Pages, stall: Stall) -> None:
    """The stall accepts each order itself."""
    path = f"/v1/vendors/{stall.vendor_id}"
    answer = await pages.ground.http.patch(pages.ground.url() + path, json={"autoAccept": False}, headers=stall.bearer)
    assert answer.status_code == 200, answer.text


async def more_tones(page: Page) -> None:
    """Wait until it rings again."""
    before: int = await page.evaluate("window.tones")

    async def rang() -> bool:
        count: int = await page.evaluate("window.tones")
        return count > before

    await until(rang, within_s=120)


async def test_an_order_rings_until_it_is_accepted_also_after_a_reload(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=3_000)
    await by_hand(kitchen, stall)
    await kitchen.context.add_init_script(COUNT_TONES)
    tablet = await kitchen.open(stall, LAPTOP)
    await tablet.get_by_role("button", name="Tap for sound").click()
    await expect(tablet.get_by_role("button", name="Sound is on")).to_have_attribute("aria-pressed", "true")
    await ground.placed(anna, stall)
    await expect(tablet.locator("#ringing")).to_have_text("One order waits to be accepted")
    await expect(tablet).to_have_title(re.compile(r"\(1\) new · Falafel Sun"))
    await more_tones(tablet)
    await more_tones(tablet)

    await tablet.reload()
    await kitchen.live(tablet)
    await expect(tablet.locator("#ringing")).to_be_visible()
    await tablet.locator(".brand img").click()  # a browser wants a tap before there is sound
    await more_tones(tablet)

    await ground.placed(anna, stall)
    await expect(tablet.locator("#ringing")).to_have_text("2 orders wait to be accepted")
    await tablet.get_by_role("button", name="Accept order 1").click()
    await expect(tablet.locator("#ringing")).to_have_text("One order waits to be accepted")
    sheet = await more(tablet, 2)
    await sheet.get_by_role("button", name="Reject order 2").click()
    await tablet.get_by_label("Another reason").fill("The oven is cold")
    await tablet.get_by_role("button", name="Cancel it").click()
    await expect(tablet.locator("#ringing")).to_be_hidden()
    await expect(tablet).to_have_title("Falafel Sun · Festival Push")
    await expect(tablet.locator("#preparing .ticket")).to_have_count(1)
    assert await ground.balance(anna) == 3_000 - 750


async def test_an_order_rings_after_a_cut_and_falls_silent_when_another_keeper_accepts_it(kitchen: Pages) -> None:
    ground = kitchen.ground
    (server,) = ground.servers
    stall, anna = await ground.stall(), await ground.customer(funds=3_000)
    await by_hand(kitchen, stall)
    tablet, other = await kitchen.open(stall, LAPTOP), await kitchen.open(await second_keeper(kitchen, stall), LAPTOP)
    await expect(other.locator("#stall")).to_have_text("Falafel Sun")
    server.kill()
    await expect(tablet.locator(".lost")).to_be_visible()
    server.start()
    await ground.placed(anna, stall)
    for page in (tablet, other):
        await kitchen.live(page)
        await expect(page.locator(".lost")).to_be_hidden()
        await expect(page.locator("#ringing")).to_be_visible()
    await other.get_by_role("button", name="Accept order 1").click()
    await expect(tablet.locator("#ringing")).to_be_hidden()
    await tablet.get_by_role("button", name="Ready order 1").click()
    await expect(other.locator("#ready .ticket")).to_have_count(1)


async def test_a_kitchen_goes_on_without_a_connection_and_loses_nothing(kitchen: Pages) -> None:
    ground = kitchen.ground
    (server,) = ground.servers
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    tablet = await kitchen.open(stall, LAPTOP)
    server.kill()
    await expect(tablet.locator(".lost")).to_be_visible()
    await tablet.get_by_role("button", name="Ready order 1").click()
    await expect(tablet.locator("#ready .ticket")).to_contain_text("Not sent yet")
    server.start()
    await kitchen.live(tablet)

    async def arrived() -> bool:
        answer = await ground.get(f"/v1/orders/{order_id}", who=anna)
        return bool(answer.json()["status"] == "ready")

    await until(arrived, within_s=120)  # the outbox's longest back-off, and a little
    await tablet.get_by_role("button", name="Picked up order 1").click()
    await expect(tablet.locator(".ticket")).to_have_count(0)


async def second_keeper(pages: Pages, stall: Stall) -> Person:
    """Somebody else who works at the stall."""
    ground = pages.ground
    body = {"name": "Helper", "role": "vendor", "vendorId": stall.vendor_id, "pin": PIN}
    made = await ground.post("/v1/admin/users", body, who=await ground.admin())
    assert made.status_code == 201, made.text
    sign_in = made.json().get("signIn", made.json()["userId"])
    login = await ground.post("/v1/auth/login", {"userId": sign_in, "pin": PIN})
    assert login.status_code == 200, login.text
    ground.http.cookies.clear()
    return Person(user_id=login.json()["userId"], token=login.json()["token"], role="vendor")


async def test_a_stall_closes_and_opens_for_customers_who_are_looking(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    phone, tablet = await kitchen.open(anna), await kitchen.open(stall, LAPTOP)
    await section(tablet, "Stall")
    await tablet.get_by_role("switch", name="Open for orders").click()
    await expect(tablet.locator("#closed")).to_be_visible()
    await expect(phone.locator(".stall")).to_contain_text("Closed")
    refused = await ground.order(anna, stall)
    assert refused.json()["code"] == "vendor-closed"
    await tablet.get_by_role("switch", name="Open for orders").click()
    await expect(tablet.locator("#closed")).to_be_hidden()
    await expect(phone.locator(".stall")).not_to_contain_text("Closed")

    await tablet.locator("#stall-name").fill("Falafel Moon")
    await tablet.get_by_role("button", name="Rename").click()
    await expect(tablet.locator("#stall")).to_have_text("Falafel Moon")
    await expect(phone.locator(".stall")).to_contain_text("Falafel Moon")
    await tablet.get_by_role("switch", name="accepted by themselves").click()
    await expect(tablet.locator("#auto-accept")).to_have_text("Accept by hand")
    await ground.placed(anna, stall)
    await expect(tablet.locator("#ringing")).to_be_visible()


async def test_a_stall_says_when_an_order_will_be_ready(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=3_000)
    phone, tablet = await kitchen.open(anna), await kitchen.open(stall, PHONE)
    await ground.placed(anna, stall)
    sheet = await more(tablet, 1)
    await sheet.get_by_role("button", name="15 minutes").click()
    await expect(tablet.locator(".ticket")).to_contain_text("about 15 min")
    await expect(phone.locator("#open-orders")).to_contain_text("You're next · about 15 min")


async def test_a_stall_and_a_customer_write_to_each_other(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer("Anna", funds=1_000)
    order_id = await ground.placed(anna, stall)
    tablet = await kitchen.open(stall, LAPTOP)
    await ground.post(f"/v1/orders/{order_id}/messages", {"message": "No onions!"}, who=anna)
    await expect(tablet.locator(".ticket")).to_contain_text("1 new message")
    await tablet.get_by_role("button", name="More of order 1, 1 new messages").click()
    await tablet.locator("#sheet").get_by_role("button", name="Messages").click()
    await expect(tablet.locator("#conversation-title")).to_have_text("Anna, order 1")
    await expect(tablet.locator("#conversation-list")).to_contain_text("No onions!")
    await tablet.get_by_label("Your message to the customer").fill("Sure.")
    await tablet.get_by_role("button", name="Send").click()
    await expect(tablet.locator("#conversation-list li")).to_have_count(2)
    said = (await ground.get(f"/v1/orders/{order_id}/messages", who=anna)).json()["items"]
    assert [(each["sender"], each["message"]) for each in said] == [("vendor", "Sure."), ("customer", "No onions!")]


async def served(ground: Ground, stall: Stall, order_id: str) -> None:
    """Take an order to its end: its money is the stall's by then."""
    for status in ("ready", "completed"):
        stepped = await ground.step(stall, order_id, status)
        assert stepped.is_success, stepped.text


async def test_a_stall_gets_all_of_its_takings_however_much_that_is(tmp_path: Path, browser: Browser) -> None:
    with ServerProcess(tmp_path, settings={"LIMITS__AMOUNT_MAX": "1000"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            stall = await ground.stall()
            for name in ("Anna", "Ben"):
                await served(ground, stall, await ground.placed(await ground.customer(name, funds=1_000), stall))
            tablet = await pages.open(stall, LAPTOP)
            await section(tablet, "Sales")
            await expect(tablet.locator("#balance")).to_have_text("€15.00")
            await tablet.get_by_role("button", name="Ask for a payout").click()
            await tablet.get_by_role("button", name="Ask for the payout").click()
            await expect(tablet.locator("#balance")).to_have_text("€0.00")
            assert pages.complaints == []


async def test_a_stall_sees_its_takings_and_asks_for_them(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=3_000)
    first, second = await ground.placed(anna, stall), await ground.placed(anna, stall)
    assert first != second
    tablet = await kitchen.open(stall, LAPTOP)
    await section(tablet, "Sales")
    await expect(tablet.locator("#sales")).to_have_text("€15.00")
    await expect(tablet.locator("#sales-detail")).to_have_text("2 orders · sold €15.00")
    await section(tablet, "Orders")
    sheet = await more(tablet, 1)
    await sheet.get_by_role("button", name="Cancel order 1").click()
    await sheet.get_by_role("button", name="Sold out").first.click()
    await section(tablet, "Sales")
    await expect(tablet.locator("#sales-detail")).to_have_text("2 orders · sold €15.00 · given back €7.50")
    await tablet.get_by_label("How else should we pay it?").fill("Cash, please")
    for amount, title in (("7.50", "Ask for €7.50?"), ("", "Ask for all that can be had?")):
        await tablet.locator("#payout-amount").fill(amount)
        await tablet.get_by_role("button", name="Ask for a payout").click()
        await expect(tablet.locator("#ask-title")).to_have_text(title)
        await tablet.get_by_role("button", name="Ask for the payout").click()
        await expect(tablet.locator("#payout-problem")).to_contain_text(
            "orders that are not completed stays in the till"
        )
        await rested(tablet)
    await served(ground, stall, second)
    await tablet.get_by_role("button", name="Ask for a payout").click()
    await tablet.get_by_role("button", name="Ask for the payout").click()
    await expect(tablet.locator("#payouts")).to_contain_text("Cash, please")
    await expect(tablet.locator("#balance")).to_have_text("€0.00")
    await expect(tablet.locator("#sales")).to_have_text("€7.50")
