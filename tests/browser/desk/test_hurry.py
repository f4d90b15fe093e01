"""The desk's page in a hurry: a camera, a lost sign-in, a second person, no network, and who has no business here."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Route, expect

from tests.browser.desk.counter import card, code_of, counter, look, opened, yes
from tests.browser.guest.acts import view
from tests.browser.pages import PHONE, Pages
from tests.browser.relations.parts import OFFICE, cashier, page_of
from tests.browser.test_pay import text_of
from tests.support.ground import PIN, Ground
from tests.support.servers.server import ServerProcess

# A camera that sees a grey wall, and a browser that reads this text on it.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
HTMLMediaElement.prototype.play = async () => {};
globalThis.BarcodeDetector = class { async detect() { return [{ rawValue: %s }]; } };
"""


async def test_a_camera_opens_the_card(pages: Pages) -> None:
    ground = pages.ground
    anna, caro = await ground.customer("Anna", funds=700), await ground.customer("Caro")
    await cashier(pages, caro)
    code = await code_of(ground, anna)
    desk = await page_of(pages, caro, "desk")
    await expect(desk.locator("#scan")).to_be_hidden()  # this browser reads no codes
    await desk.add_init_script(CAMERA % json.dumps(code.lower()))
    await desk.reload()
    await pages.live(desk)
    await desk.get_by_role("button", name="Scan").click()
    await expect(desk.locator("#guest-name")).to_have_text("Anna")
    await expect(desk.locator("#scanner")).to_be_hidden()
    await expect(desk.locator("#guest-balance")).to_have_text("€7.00")
    allowed = "document.featurePolicy.allowsFeature('camera')"
    assert await desk.evaluate(allowed)
    await desk.get_by_role("link", name="My wallet").click()
    await pages.live(desk)
    assert not await desk.evaluate(allowed)


async def test_a_card_shows_its_own_guests_money_whichever_answer_comes_first(pages: Pages) -> None:
    ground = pages.ground
    anna, ben = await ground.customer("Anna", funds=1_450), await ground.customer("Ben", funds=900)
    _, desk = await counter(pages)
    stall = await ground.stall()
    order_id = await ground.placed(anna, stall)
    for status in ("ready", "completed"):
        assert (await ground.step(stall, order_id, status)).status_code == 200
    held, told = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await desk.route(f"**/people/{anna.user_id}", late)  # the movements are there first
    desk.on("response", lambda answer: told.set() if "/transactions" in answer.url else None)
    await desk.goto(f"{ground.url()}/desk/#guest={anna.user_id}")
    await told.wait()
    held.set()
    await expect(desk.locator("#guest-name")).to_have_text("Anna")
    await expect(desk.locator("#moves")).to_contain_text("€7.00")
    await expect(desk.locator("#guest-orders")).to_contain_text("Picked up")
    await expect(desk.locator("#guest-problem")).to_have_text("")
    await expect(desk.locator("#moves-state")).to_have_text("")
    held.clear()
    await desk.route(f"**/people/{ben.user_id}/transactions*", late)  # the card is there first
    await card(desk, "ben", "Ben")
    await expect(desk.locator("#moves-state")).to_have_text("Loading…")
    await expect(desk.locator("#moves li")).to_have_count(0)
    held.set()
    await expect(desk.locator("#moves")).to_contain_text("€9.00")


async def test_the_next_guests_code_is_no_amount(pages: Pages) -> None:
    ground = pages.ground
    anna, _ = await ground.customer("Anna", funds=700), await ground.customer("Ben")
    _, desk = await counter(pages, PHONE)
    await card(desk, "ben", "Ben")
    await desk.get_by_label("Other amount").fill("")
    await desk.keyboard.type(f"20{await code_of(ground, anna)}", delay=5)  # with what stood there
    await expect(desk.locator("#amount")).to_have_value("")
    await expect(desk.locator("#find-text")).to_be_focused()
    await desk.locator("#find-text").fill("")
    await desk.get_by_role("link", name="Gate 1").click()
    await desk.locator("#find-text").evaluate("element => element.blur()")
    await desk.keyboard.type(await code_of(ground, anna), delay=5)
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#guest-name")).to_have_text("Anna")
    await expect(desk.locator("#amount")).to_be_focused()


async def test_a_guest_gets_a_new_sign_in_on_the_phone_that_scans_it(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna", funds=700)
    _, desk = await counter(pages)
    await card(desk, "anna", "Anna")
    assert anna.sign_in not in await desk.content()
    await desk.get_by_role("button", name="New sign-in").click()
    await yes(desk)
    await expect(desk.locator("#sign-in-title")).to_have_text("New sign-in for Anna")
    await look(desk, "new-sign-in", "#sign-in-sheet", 1)
    url = urlsplit(await text_of(desk.locator("#sign-in-qr")))
    await desk.locator("#sign-in-close").click()
    await expect(desk.locator("#sign-in-qr")).not_to_have_attribute("src", "data:")
    assert (await ground.get("/v1/me", who=anna)).status_code == 401

    phone = await pages.tab(f"{url.path}#{url.fragment}", PHONE)
    await expect(phone.get_by_role("heading", name="A new sign-in for Anna")).to_be_visible()
    assert "new-sign-in" not in phone.url
    await phone.locator("#gate").get_by_label("PIN").fill(PIN)
    await phone.get_by_role("button", name="Set my PIN and sign in").click()
    await expect(phone.get_by_role("heading", name="Welcome, Anna!")).to_be_visible()
    assert await phone.locator("#gate .big-code").inner_text() != anna.sign_in
    await phone.get_by_role("button", name="I've got it").click()
    await pages.live(phone)
    await expect(phone.locator("#balance")).to_have_text("€7.00")

    other = await pages.tab(f"{url.path}#{url.fragment}", PHONE)
    await expect(other.locator(".toasts")).to_contain_text("This code was used already")


async def test_a_wallet_is_frozen_and_thawed(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer("Anna", funds=2_000)
    _, desk = await counter(pages)
    await card(desk, "anna", "Anna")
    await desk.get_by_role("button", name="Freeze").click()
    await desk.get_by_role("button", name="Phone stolen").click()
    await yes(desk)
    await expect(desk.locator("#guest-state")).to_contain_text("This wallet is frozen")
    await expect(desk.locator("#found .chip")).to_have_text("frozen")
    refused = await ground.order(anna, stall)
    assert refused.json()["code"] == "wallet-frozen", refused.text
    await desk.get_by_role("button", name="Unfreeze").click()
    await desk.get_by_role("button", name="Phone found").click()
    await yes(desk)
    await expect(desk.locator("#guest-state")).to_be_hidden()
    await ground.placed(anna, stall)


async def test_what_is_spent_already_stays_and_the_rest_comes_back(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer("Anna")
    _, desk = await counter(pages)
    await card(desk, "anna", "Anna")
    await desk.get_by_role("button", name="€10.00", exact=True).click()
    await yes(desk)
    await expect(desk.locator("#done-words")).to_contain_text("€10.00 booked")
    await ground.placed(anna, stall)  # 7.50
    await desk.locator("#done-undo").click()
    await desk.get_by_role("button", name="Wrong guest").click()
    await desk.get_by_role("button", name="Take €10.00 back").click()
    await expect(desk.locator("#ask-title")).to_have_text("Only €2.50 are left")
    await yes(desk)
    await expect(desk.locator("#guest-balance")).to_have_text("€0.00")
    await expect(desk.locator("#done")).to_be_hidden()
    assert await ground.balance(anna) == 0


async def test_without_a_network_nothing_is_booked_and_the_page_says_so(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    _, desk = await counter(pages)
    await card(desk, "anna", "Anna")
    await pages.context.set_offline(offline=True)
    await expect(desk.locator("#link")).to_have_text("Offline")
    await desk.get_by_role("button", name="€20.00").click()
    await yes(desk)
    await expect(desk.locator("#top-up-problem")).to_have_text("You are offline. Nothing was sent.")
    await desk.locator("#find-text").fill("ann")
    await expect(desk.locator("#find-state")).to_contain_text("This loads by itself when you are back")
    await pages.context.set_offline(offline=False)
    await pages.live(desk)
    await expect(desk.locator("#found button")).to_contain_text("Anna")
    assert await ground.balance(anna) == 0
    await desk.get_by_role("button", name="€20.00").click()
    await yes(desk)
    await expect(desk.locator("#guest-balance")).to_have_text("€20.00")


async def test_much_money_waits_for_an_organiser(tmp_path: Path, browser: Browser) -> None:
    with ServerProcess(tmp_path, settings={"LIMITS__SECOND_PERSON_ABOVE": "5000"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            anna = await ground.customer("Anna")
            _, desk = await counter(pages)
            await card(desk, "anna", "Anna")
            await desk.get_by_role("button", name="€100.00").click()
            await yes(desk)
            await expect(desk.locator(".toasts")).to_contain_text("€100.00 for Anna: this waits for a second organiser")
            await expect(desk.locator("#done")).to_be_hidden()
            assert await ground.balance(anna) == 0
            assert pages.complaints == []


async def test_whoever_looks_for_the_desk_in_the_office_is_led_there_and_guests_are_not(pages: Pages) -> None:
    ground = pages.ground
    anna, caro = await ground.customer("Anna", funds=700), await ground.customer("Caro")
    await cashier(pages, caro)
    desk = await page_of(pages, caro, "admin", OFFICE)
    assert urlsplit(desk.url).path == "/desk/"
    await expect(desk.locator("#drawer-cash")).to_have_text("closed")
    await desk.locator("#find-text").fill("anna")
    await expect(desk.locator("#found button")).to_have_count(1)
    await desk.keyboard.press("ArrowDown")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#guest-name")).to_have_text("Anna")
    await expect(desk.get_by_role("button", name="Drink tickets")).to_be_hidden()
    await desk.goto(ground.url() + "/admin/#view=people")
    await pages.live(desk)
    assert urlsplit(desk.url).path == "/desk/"
    stranger = await pages.tab("/desk/", who=anna)
    await expect(stranger.get_by_role("heading", name="This is the wrong page for you")).to_be_visible()

    organiser = await ground.admin()
    office = await pages.open(organiser, OFFICE)
    await office.get_by_label("User id").fill(anna.user_id)
    await office.get_by_role("button", name="Their card").click()
    await pages.live(office)
    await expect(office.locator("#guest-name")).to_have_text("Anna")
    await expect(office.locator("#top-up-hint")).to_contain_text("booked on the office's desk")
    await office.get_by_role("button", name="Drink tickets").click()
    await office.get_by_role("button", name="Crew").click()
    await yes(office, amount="12")
    await expect(office.locator("#guest-allowance")).to_have_text("and €12.00 in drink tickets")
    await office.get_by_role("button", name="Drink tickets").click()
    await office.get_by_label("What").select_option("Take back")
    await office.get_by_role("button", name="Given by mistake").click()
    await yes(office, amount="2")
    await expect(office.locator("#guest-allowance")).to_have_text("and €10.00 in drink tickets")
    drawer_id = await opened(ground, caro, 5_000)
    await view(office, "Drawer")
    await office.get_by_role("button", name="Count… Gate 1 of Caro").click()
    await office.get_by_label("Counted").fill("50")
    await office.get_by_role("button", name="Close the drawer", exact=True).click()
    await expect(office.locator("#closed-words")).to_have_text("Gate 1 is closed. It is right to the last coin.")
    closed = (await ground.get(f"/v1/admin/drawers/{drawer_id}", who=organiser)).json()
    assert (closed["status"], closed["closedBy"]) == ("closed", organiser.user_id)
