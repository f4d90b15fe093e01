"""The customer's page: what the organiser and the stalls have to say, food that is ready, and money that is left."""

from playwright.async_api import Page, Route, expect

from tests.browser.pages import LAPTOP, Pages
from tests.browser.test_pages import register
from tests.support.ground import PIN, Person, Stall

NEW_PIN = "280951"

COUNT_TONES = """window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.tones += 1; start.call(this, at); };"""


async def view(page: Page, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name).click()


async def patch(pages: Pages, path: str, body: object, *, who: Person) -> None:
    changed = await pages.ground.http.patch(pages.ground.url() + path, json=body, headers=who.bearer)
    assert changed.status_code == 200, changed.text


async def test_a_customer_and_a_stall_write_to_each_other(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    phone, tablet = await pages.open(anna), await pages.open(anna, LAPTOP)
    for page in (phone, tablet):
        await view(page, "Orders")
        await page.get_by_role("button", name="Message the stall").click()
    await phone.get_by_label("Your message to the stall").fill("No onions, please.")
    await phone.get_by_role("button", name="Send").click()
    answered = await ground.post(f"/v1/orders/{order_id}/messages", {"message": "Sure."}, who=stall)
    assert answered.status_code == 201
    await phone.get_by_label("Your message to the stall").fill("Thank you!")
    await phone.get_by_role("button", name="Send").click()
    await expect(phone.locator("#conversation-list li")).to_have_count(3)
    await expect(tablet.locator("#conversation-list li").last).to_contain_text("Thank you!")
    await expect(phone.locator("#toasts")).not_to_contain_text("Sure.")

    await phone.get_by_role("button", name="Close").click()
    await ground.post(f"/v1/orders/{order_id}/messages", {"message": "We are out of ayran."}, who=stall)
    await phone.get_by_role("button", name="1 new from the stall").click()
    await expect(phone.locator("#conversation-list li")).to_have_count(4)


async def test_food_that_is_ready_calls_until_somebody_comes(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    await pages.context.add_init_script(COUNT_TONES)
    phone = await pages.open(anna)
    await phone.locator("#balance").click()  # the first touch lets the page make a sound
    await ground.step(stall, order_id, "ready")
    await expect(phone.locator("#ready-list li")).to_have_text("1Falafel Sun")
    await expect(phone).to_have_title("1 ready! · My wallet · Festival Push")
    await pages.true(phone, "window.tones > 0")
    await phone.get_by_role("button", name="I'm coming").click()
    await expect(phone.locator("#ready")).to_be_hidden()
    await expect(phone).to_have_title("My wallet · Festival Push")
    await phone.reload()
    await pages.live(phone)
    await expect(phone.locator("#ready")).to_be_hidden()

    for status in ("preparing", "ready"):  # called by mistake, and then in earnest
        await ground.step(stall, order_id, status)
    await expect(phone.locator("#ready")).to_be_visible()
    await ground.step(stall, order_id, "completed")
    await expect(phone.locator("#ready")).to_be_hidden()


async def stall_with_cart(pages: Pages) -> tuple[Stall, Page]:
    stall = await pages.ground.stall()
    page = await pages.open(await pages.ground.customer(funds=5_000))
    await page.get_by_text("Falafel Sun").click()
    await page.get_by_label("Add wrap").click()
    return stall, page


async def test_what_changes_at_the_stall_is_shown_and_refusals_are_explained(pages: Pages) -> None:
    stall, page = await stall_with_cart(pages)
    # Cut off, so that the page has not heard of the change when the customer orders.
    await page.evaluate("dispatchEvent(new Event('pagehide'))")
    await patch(pages, f"/v1/menu/{stall.items['wrap']}", {"price": 800}, who=stall)
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("A price has changed")
    await expect(page.locator("#menu")).to_contain_text("€8.00 was €7.50")
    await patch(pages, f"/v1/menu/{stall.items['wrap']}", {"available": False}, who=stall)
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("Just sold out: wrap")
    await page.evaluate("dispatchEvent(new Event('pageshow'))")
    await pages.live(page)

    await page.get_by_label("Add ayran").click()
    await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"open": False}, who=stall)
    await expect(page.locator("#menu-closed")).to_be_visible()
    await expect(page.locator("#order")).to_be_disabled()
    await page.get_by_role("link", name="All stalls").click()
    await expect(page.locator(".stall")).to_contain_text("Closed")
    await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"open": True, "name": "Falafel Moon"}, who=stall)
    await expect(page.locator(".stall")).to_have_text("Falafel MoonSee the menu")


async def test_a_tip_is_chosen_paid_and_shown_to_customer_and_stall(pages: Pages) -> None:
    stall, phone = await stall_with_cart(pages)
    tips = phone.get_by_role("group", name="Tip for the stall").get_by_role("button")
    await expect(tips).to_have_text(["None", "€0.40", "€0.80", "€1.10"])
    await expect(phone.locator("#order")).to_contain_text("€7.50")
    await tips.nth(2).click()
    await expect(tips.nth(2)).to_have_attribute("aria-pressed", "true")
    await expect(phone.locator("#order")).to_contain_text("€8.30")
    await phone.locator("#order").click()
    await expect(phone.locator("#orders .order")).to_contain_text("Includes a tip of €0.80")
    tablet = await pages.open(stall, LAPTOP)
    await tablet.get_by_role("link", name="Sales").click()
    await expect(tablet.locator("#sales-detail")).to_contain_text("sold €7.50 · tips €0.80")


async def test_an_order_whose_answer_got_lost_is_sent_again_as_it_was(pages: Pages) -> None:
    stall, phone = await stall_with_cart(pages)
    keys = []

    async def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        await route.fetch()
        await route.fulfill(status=500, content_type="text/plain", body="gone")

    await phone.route("**/v1/orders", lose)
    await phone.locator("#order").click()
    await expect(phone.locator("#order-problem")).not_to_be_empty()
    tips = phone.get_by_role("group", name="Tip for the stall").get_by_role("button")
    await expect(tips.last).to_be_disabled()
    await expect(phone.get_by_label("Add wrap")).to_be_disabled()
    await expect(phone.get_by_label("One wrap less")).to_be_disabled()
    # What became of it can be asked for, whatever happens at the stall meanwhile.
    await patch(pages, f"/v1/menu/{stall.items['wrap']}", {"available": False}, who=stall)
    await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"open": False}, who=stall)
    await expect(phone.locator("#menu-closed")).to_be_visible()
    await phone.unroute("**/v1/orders")
    async with phone.expect_request("**/v1/orders") as again:
        await phone.locator("#order").click()
    assert (await again.value).headers["idempotency-key"] == keys[-1]
    await expect(phone.locator("#toasts")).to_contain_text("you weren't charged twice")
    await expect(phone.locator("#balance")).to_have_text("€42.50")


async def test_an_order_whose_key_is_forgotten_is_not_sent_again_unasked(pages: Pages) -> None:
    """Ten minutes later the same order would count as a second one."""
    _, phone = await stall_with_cart(pages)
    sent = []

    async def lose(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        await route.fulfill(status=500, content_type="text/plain", body="gone")

    await phone.route("**/v1/orders", lose)
    await phone.locator("#order").click()
    await expect(phone.get_by_label("Add wrap")).to_be_disabled()
    before = len(sent)
    await phone.evaluate("(now) => { Date.now = () => now + 601_000; }", await phone.evaluate("Date.now()"))
    await phone.locator("#order").click()
    await expect(phone.locator("#order-problem")).to_contain_text("Look at your orders")
    await expect(phone.get_by_label("Add wrap")).to_be_enabled()
    assert len(sent) == before


async def test_a_pending_order_is_cancelled_by_its_customer(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"autoAccept": False}, who=stall)
    await ground.placed(anna, stall)
    phone = await pages.open(anna)
    await view(phone, "Orders")
    await phone.get_by_role("button", name="Cancel order").click()
    await expect(phone.locator("#balance")).to_have_text("€10.00")
    await expect(phone.locator("#orders .order")).to_contain_text("€7.50 refunded")


async def test_leftover_money_is_asked_for_and_what_became_of_it_shows(pages: Pages) -> None:
    ground = pages.ground
    anna, admin = await ground.customer(funds=2_000), await ground.admin()
    phone = await pages.open(anna)
    await view(phone, "Wallet")
    await expect(phone.get_by_role("button", name="Copy the code")).to_be_visible()
    await phone.get_by_text("Get leftover money back").click()
    await phone.get_by_label("Amount").fill("50")
    await phone.get_by_role("button", name="Ask for a payout").click()
    await expect(phone.locator("#payout-problem")).to_contain_text("Your balance is €20.00")
    for amount in ("5,00", ""):
        await phone.get_by_label("Amount").fill(amount)
        await phone.get_by_role("button", name="Ask for a payout").click()
        await phone.get_by_role("button", name="Back", exact=True).click()
        await expect(phone.locator("#payout-send")).to_be_enabled()
        await expect(phone.locator("#balance")).to_have_text("€20.00" if amount else "€15.00")
        await phone.get_by_role("button", name="Ask for a payout").click()
        await phone.get_by_role("button", name="Ask for €5.00" if amount else "Ask for €15.00").click()
        await expect(phone.locator("#balance")).to_have_text("€15.00" if amount else "€0.00")
    await expect(phone.locator("#payouts li")).to_have_count(2)
    asked = (await ground.get("/v1/payouts", who=admin)).json()["items"]
    newest, oldest = (f"/v1/payouts/{each['payoutId']}" for each in asked)
    assert (await ground.post(f"{oldest}/complete", {}, who=admin, key="1")).is_success
    assert (await ground.post(f"{newest}/reject", {"reason": "no such account"}, who=admin, key="2")).is_success
    await expect(phone.locator("#payouts li").first).to_contain_text("Reason: no such account")
    await expect(phone.locator("#payouts li").last).to_contain_text("Paid out")
    await expect(phone.locator("#balance")).to_have_text("€15.00")
    await expect(phone.locator("#transactions li")).to_have_count(4)


async def sign_in_on(page: Page, pin: str) -> None:
    """Where somebody was signed out; the browser knows their user id."""
    await page.locator("#gate").get_by_label("PIN").fill(pin)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_a_new_pin_signs_the_other_devices_out_and_the_old_one_is_refused(pages: Pages) -> None:
    phone = await pages.tab("/customer/")
    sign_in = await register(phone, "Zoë")
    login = await pages.ground.post("/v1/auth/login", {"userId": sign_in, "pin": PIN})
    pages.ground.http.cookies.clear()
    tablet = await pages.open(
        Person(user_id=login.json()["userId"], token=login.json()["token"], role="customer"), LAPTOP
    )
    await view(phone, "Wallet")
    form = phone.locator("#pin-change")
    await form.get_by_text("Change my PIN").first.click()
    for pin, again, told in (
        ("1357", NEW_PIN, "The old PIN is wrong. Nothing was changed."),
        (PIN, "280952", "The two new PINs are not the same. Nothing was changed."),
        (PIN, NEW_PIN, "Your PIN is changed. Your other devices are signed out."),
    ):
        await form.get_by_label("Old PIN").fill(pin)
        await form.get_by_label("New PIN", exact=True).fill(NEW_PIN)
        await form.get_by_label("New PIN again").fill(again)
        await form.get_by_role("button", name="Change my PIN").click()
        await expect(form).to_contain_text(told)
    await expect(form.get_by_label("Old PIN")).to_have_value("")

    await expect(tablet.locator("#gate")).to_contain_text("The PIN was changed: sign in with the new one.")
    await expect(tablet.locator("#app")).to_be_hidden()
    await sign_in_on(tablet, PIN)
    await expect(tablet.locator("#gate").get_by_role("alert")).to_contain_text("don't match")
    await sign_in_on(tablet, NEW_PIN)
    for page in (tablet, phone):
        await pages.live(page)
        await expect(page.locator("#app")).to_be_visible()


async def test_a_suspended_person_is_told_whom_to_ask(pages: Pages) -> None:
    ground = pages.ground
    anna, admin = await ground.customer(), await ground.admin()
    phone = await pages.open(anna)
    assert (await ground.post(f"/v1/admin/users/{anna.user_id}/suspend", {}, who=admin)).is_success
    await expect(phone.locator("#gate")).to_contain_text(
        "This account is suspended. Please ask at the festival office."
    )
