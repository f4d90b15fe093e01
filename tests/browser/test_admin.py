"""The organiser's page beside the pages of those whom it concerns."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, Route, expect

from tests.browser.pages import LAPTOP, WALL, Pages
from tests.browser.relations.parts import sign_in_of
from tests.support.ground import Person
from tests.support.timing.waiting import until


async def view(page: Page, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name).click()


async def test_money_moves_while_the_organiser_watches_and_goes_back_by_hand(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    phone, desk = await pages.open(anna), await pages.open(await ground.admin(), LAPTOP)
    figures = desk.locator("#figures")
    await expect(figures).to_contain_text("€20.00")
    await expect(desk.locator("#transactions tr")).to_have_count(1)
    order_id = await ground.placed(anna, stall)
    await desk.get_by_role("button", name="Show 1 new").click()
    await expect(desk.locator("#transactions tr")).to_have_count(2)
    await expect(figures).to_contain_text("0 ready, 0 picked up")
    await expect(figures.locator("li", has_text="Orders open").locator("b")).to_have_text("1")

    await view(desk, "Orders")
    await desk.get_by_label("Number, stall, guest or order id").fill("nobody")
    await expect(desk.locator("#orders li")).to_have_count(0)
    await desk.get_by_label("Number, stall, guest or order id").fill(order_id)
    await desk.get_by_role("button", name="Refund order 1").click()
    await desk.get_by_label("How much").fill("9.00")
    await desk.get_by_label("Reason").fill("Cold")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#ask-problem")).to_contain_text("up to 7.50")
    await desk.get_by_label("How much").fill("2.00")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#orders li")).to_contain_text("€2.00 refunded")
    await expect(phone.locator("#balance")).to_have_text("€14.50")
    await view(phone, "Orders")
    await expect(phone.locator("#orders .order")).to_contain_text("€2.00 refunded")
    await desk.get_by_role("button", name="Cancel order 1").click()
    await desk.get_by_label("Reason").fill("Rain")
    await desk.locator("#ask-do").click()
    await expect(phone.locator("#orders .order")).to_contain_text("€7.50 refunded")

    await view(desk, "Payouts")
    await expect(desk.locator("#payouts-state")).to_have_text("No payouts here.")
    for amount in (500, 700):
        asked = await ground.post("/v1/payouts", {"amount": amount, "note": "IBAN"}, who=anna, key=str(amount))
        assert asked.status_code == 201
        if amount == 500:
            asked_id = f"{asked.json()['payout']['payoutId']}-asked"
            back = {"amount": 100, "reason": "Too much"}
            path = f"/v1/admin/transfers/{asked_id}/reverse"
            assert (await ground.post(path, back, who=await ground.admin(), key="back")).status_code == 201
    await desk.locator("#payouts li", has_text="€5.00").get_by_role("button", name="Paid").click()
    await expect(desk.locator("#ask-title")).to_have_text("€4.00 are paid out to Anna")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#payouts li", has_text="€5.00")).to_contain_text("Paid")
    await desk.locator("#payouts li", has_text="€7.00").get_by_role("button", name="Reject").click()
    await desk.get_by_label("Reason").fill("No such account")
    await desk.locator("#ask-do").click()
    await expect(phone.locator("#balance")).to_have_text("€16.00")
    await view(phone, "Messages")
    await expect(phone.locator("#notifications")).to_contain_text("No such account")


async def test_the_ledger_goes_back_page_by_page(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer()
    for _ in range(53):
        await ground.top_up(anna, 100)
    desk = await pages.open(await ground.admin(), LAPTOP)
    await expect(desk.locator("#transactions tr")).to_have_count(50)
    await ground.top_up(anna, 100)
    await desk.get_by_role("button", name="Show 1 new").click()
    await expect(desk.locator("#transactions tr")).to_have_count(51)
    await desk.get_by_role("button", name="Show older transactions").click()
    await expect(desk.locator("#transactions tr")).to_have_count(54)
    await expect(desk.get_by_role("button", name="Show older transactions")).to_be_hidden()


async def test_no_row_of_the_feed_moves_while_money_does(pages: Pages) -> None:
    """How far what is seen moves by itself is added up as the browser counts it."""
    ground = pages.ground
    stall, anna, admin = await ground.stall(), await ground.customer(funds=50_000), await ground.admin()
    desk = await pages.open(admin, LAPTOP)
    await expect(desk.locator("#transactions tr")).to_have_count(1)
    await desk.evaluate(
        """() => {
          window.moved = 0;
          const add = (entries) => {
            for (const { hadRecentInput, value } of entries) window.moved += hadRecentInput ? 0 : value;
            return window.moved;
          };
          const moves = new PerformanceObserver((list) => add(list.getEntries()));
          moves.observe({ type: "layout-shift" });
          window.movedSoFar = () => add(moves.takeRecords());
        }"""
    )
    orders = []
    for number in range(1, 31):
        orders.append(await ground.placed(anna, stall))
        await expect(desk.locator("#transactions-new")).to_have_text(f"Show {number} new")
    await ground.top_up(anna, 12_345)
    await expect(desk.locator("#transactions-new")).to_have_text("Show 31 new")
    for number, (path, who) in enumerate(((f"/v1/orders/{orders[0]}/refund", admin), ("/v1/payouts", anna)), 32):
        body = {"amount": 700, "reason": "Cold"} if who is admin else {"amount": 700, "note": "IBAN"}
        done = await ground.post(path, body, who=who, key=str(number))
        assert done.is_success, done.text
        await expect(desk.locator("#transactions-new")).to_have_text(f"Show {number} new")
    payout_id = done.json()["payout"]["payoutId"]
    paid = await ground.post(f"/v1/payouts/{payout_id}/reject", {"reason": "No"}, who=admin, key="34")
    assert paid.is_success, paid.text
    await expect(desk.locator("#transactions-new")).to_have_text("Show 34 new")
    await expect(desk.locator("#transactions tr")).to_have_count(1)
    await expect(desk.locator("#figures li", has_text="Orders open").locator("b")).to_have_text("30")
    await expect(desk.locator("#figures li", has_text="Came in").locator("b")).to_have_text("€623.45")
    assert await desk.evaluate("window.movedSoFar()") <= 0.1
    await desk.locator("#transactions-new").click()
    await expect(desk.locator("#transactions tr")).to_have_count(35)
    await expect(desk.locator("#transactions tr").first).to_contain_text("€7.00")
    await expect(desk.locator("#transactions-new")).to_be_hidden()

    await view(desk, "Orders")
    await ground.placed(anna, stall)
    await expect(desk.locator("#orders li")).to_have_count(31)
    await view(desk, "Today")
    await expect(desk.locator("#transactions tr")).to_have_count(36)  # nobody looked, so nothing was under a pointer


async def test_one_tap_never_answers_two_questions(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    desk = await pages.open(await ground.admin(), LAPTOP)
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await desk.route("**/v1/admin/users?*", hold)
    await desk.get_by_label("User id").fill(anna.user_id)
    await desk.get_by_label("Amount").fill("5")
    async with desk.expect_request(lambda request: "limit=10" in request.url and anna.user_id in request.url):
        await desk.get_by_role("button", name="Top up").click()
    await view(desk, "Announce")
    await desk.get_by_label("What everybody should know").fill("Rain.")
    await desk.locator("#announce-send").click()
    await expect(desk.locator("#ask-title")).to_have_text("Announce to everyone")
    go.set()
    await expect(desk.locator("#top-up-send")).to_be_enabled()
    await expect(desk.locator("#ask-title")).to_have_text("Announce to everyone")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#announce-done")).to_contain_text("Rain.")
    assert await ground.balance(anna) == 0


async def test_people_are_found_suspended_let_back_in_and_given_a_role(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer("Anna")
    sign_in = await sign_in_of(ground, anna)
    await ground.customer("Ben")
    phone, desk = await pages.open(anna), await pages.open(await ground.admin(), LAPTOP)
    await view(desk, "People")
    await expect(desk.locator("#users li")).to_have_count(4)
    await expect(desk.locator("#connections")).to_contain_text(anna.user_id)
    await desk.get_by_label("Name, id or top-up code").fill("ann")
    await expect(desk.locator("#users li")).to_have_count(1)
    await desk.get_by_role("button", name="Suspend Anna").click()
    await desk.locator("#ask-back").click()
    await desk.get_by_role("button", name="Suspend Anna").click()
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#users li")).to_contain_text("suspended")
    await expect(phone.locator("#gate")).to_contain_text("This account is suspended")
    await desk.get_by_role("button", name="Let back in Anna").click()
    await expect(desk.get_by_role("button", name="Suspend Anna")).to_be_visible()
    assert (await ground.get("/v1/me", who=anna)).status_code == 200

    await desk.get_by_role("button", name="PIN of Anna").click()
    await desk.get_by_role("textbox", name="New PIN").fill("62904817")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#toasts")).to_contain_text("Anna has a new PIN.")
    signed_in = await ground.post("/v1/auth/login", {"userId": sign_in, "pin": "62904817"})
    assert signed_in.status_code == 200
    anna = Person(user_id=anna.user_id, token=signed_in.json()["token"], role="customer")

    await desk.get_by_role("button", name="Rights of Anna").click()
    await desk.locator("#person-stall").select_option(stall.vendor_id)
    await desk.locator("#person-appoint").click()
    await expect(desk.locator("#person-parts")).to_contain_text("Falafel Sun")
    await desk.locator("#person-close").click()
    await expect(desk.locator("#users li")).to_contain_text("keeper")
    assert (await ground.get("/v1/me", who=anna)).json()["vendorId"] == stall.vendor_id

    await desk.get_by_label("Name", exact=True).fill("Caro")
    await desk.locator("#admit-role").select_option("admin")
    await desk.locator("#admit-pin").fill("805193")
    await desk.get_by_role("button", name="Take in").click()
    await expect(desk.locator("#admit-done")).to_contain_text("Caro signs in with the name")


async def test_the_cash_desk_knows_top_up_codes_and_never_guesses(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    code = (await ground.get("/v1/me", who=anna)).json()["topUpCode"]
    desk = await pages.open(await ground.admin(), LAPTOP)
    for typed, said in (("Anna", f"Did you mean Anna ({anna.user_id})?"), ("no-such", "Nobody has this user id")):
        await desk.get_by_label("User id").fill(typed)
        await desk.get_by_label("Amount").fill("5")
        await desk.get_by_role("button", name="Top up").click()
        await expect(desk.locator("#top-up-problem")).to_contain_text(said)
    await desk.get_by_label("User id").fill(code.lower())
    await desk.get_by_role("button", name="Top up").click()
    await desk.get_by_role("button", name="Book €5.00").click()
    await expect(desk.locator("#top-up-done")).to_contain_text(f"booked for Anna ({anna.user_id})")
    assert await ground.balance(anna) == 500


async def test_stalls_are_closed_settled_and_given_screens_and_codes(pages: Pages, tmp_path: Path) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await ground.placed(anna, stall)
    phone, desk = await pages.open(anna), await pages.open(await ground.admin(), LAPTOP)
    await view(desk, "Stalls")
    await desk.get_by_role("switch", name="Falafel Sun is open").click()
    await expect(phone.locator(".stall")).to_contain_text("Closed")
    await desk.get_by_role("switch", name="Falafel Sun is open").click()
    await expect(phone.locator(".stall")).to_contain_text("See the menu")

    await desk.get_by_role("button", name="Money and screens of Falafel Sun").click()
    await expect(desk.locator("#stall-settlement .row").last).to_have_text("Left in the till€7.50")
    async with desk.expect_download() as saving:
        await desk.get_by_role("button", name="Download the settlement").click()
    await (await saving.value).save_as(tmp_path / "settlement.csv")
    assert "Falafel Sun" in (tmp_path / "settlement.csv").read_text()

    await desk.get_by_label("Name of the new screen").fill("Left of the door")
    await desk.get_by_role("button", name="Pair a screen").click()
    await expect(desk.locator("#displays")).to_contain_text("Left of the door")
    url = await desk.get_by_label("Link for the screen").input_value()
    wall = await pages.tab(url[url.index("/kiosk/") :], WALL)
    await pages.live(wall)
    await expect(wall.locator(".numbers li")).to_have_count(1)
    await desk.get_by_role("button", name="Take down").click()
    await expect(desk.locator("#displays li")).to_have_count(0)
    await expect(wall.locator(":root[data-link=live]")).to_have_count(0)
    await desk.get_by_role("button", name="Close").click()

    await desk.get_by_label("How many").fill("3")
    await desk.get_by_role("button", name="Make codes").click()
    await expect(desk.locator("#codes-list li")).to_have_count(3)
    body = {
        "name": "Pizza Moon",
        "pin": "805193",
        "vendorCode": await desk.locator("#codes-list li").first.inner_text(),
    }
    assert (await ground.post("/v1/auth/register", body)).json()["userType"] == "vendor"


async def say(desk: Page, message: str, *, audience: str = "all", urgency: str = "normal") -> None:
    """Announce something on the organiser's page; whatever goes to guests is asked once more."""
    await desk.get_by_label("What everybody should know").fill(message)
    await desk.get_by_label("For", exact=True).select_option(audience)
    await desk.get_by_label("How urgent").select_option(urgency)
    await desk.locator("#announce-send").click()
    if audience != "vendors":
        await expect(desk.locator("#ask-words")).to_contain_text("All of them see this at once")
        await desk.locator("#ask-do").click()
    await expect(desk.locator("#announce-done")).to_contain_text(message.replace("\n", " "))


async def test_an_announcement_reaches_those_it_is_for(pages: Pages) -> None:
    ground = pages.ground
    phone, desk = await pages.open(await ground.customer()), await pages.open(await ground.admin(), LAPTOP)
    await view(desk, "Announce")
    await say(desk, "Keep it short.", audience="vendors")
    await say(desk, "Rain is\ncoming.", audience="customers", urgency="high")
    await expect(phone.locator("#announcements li")).to_have_count(1)
    await expect(phone.locator("#announcements [data-priority=high]")).to_contain_text("Rain is coming.")


async def test_nobody_is_told_before_the_organiser_says_so_twice(pages: Pages) -> None:
    desk = await pages.open(await pages.ground.admin(), LAPTOP)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.method) if "/announcements" in request.url else None)
    await view(desk, "Announce")
    await desk.get_by_label("What everybody should know").fill("Thunderstorm!")
    await desk.locator("#announce-send").click()
    await expect(desk.locator("#ask-title")).to_have_text("Announce to everyone")
    await expect(desk.locator("#ask-words")).to_contain_text("pickup screens: Thunderstorm!")
    await desk.locator("#ask-back").click()
    await expect(desk.locator("#announce-send")).to_be_enabled()
    await expect(desk.get_by_label("What everybody should know")).to_have_value("Thunderstorm!")
    assert "POST" not in asked


async def test_what_was_announced_is_listed_with_its_reach_edited_and_withdrawn(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    await ground.customer("Ben")
    phone, desk = await pages.open(anna), await pages.open(await ground.admin(), LAPTOP)
    await view(desk, "Announce")
    await expect(desk.locator("#announced-state")).to_have_text("Nothing was announced yet.")
    await say(desk, "The bar by the lake is open.", audience="customers")
    row = desk.locator("#announced li")
    await expect(row).to_contain_text("For all guests · read by 0 of 3")
    await expect(phone.locator("#announcements li")).to_have_count(1)
    await view(phone, "Messages")

    async def is_read() -> bool:  # the phone's badge has gone when that is on its way
        return bool((await ground.get("/v1/me", who=anna)).json()["unread"] == 0)

    await until(is_read)
    await expect(phone.locator("#notifications-badge")).to_be_hidden()
    await view(desk, "Orders")
    await view(desk, "Announce")
    await expect(row).to_contain_text("read by 1 of 3")

    await desk.get_by_role("button", name="Edit The bar").click()
    await expect(desk.get_by_label("For", exact=True)).to_be_disabled()
    await desk.get_by_label("Heading").fill("Bar")
    await desk.get_by_label("What everybody should know").fill("The bar by the lake is full.")
    await desk.get_by_role("button", name="Save the change").click()
    await expect(row).to_contain_text("The bar by the lake is full.")
    await expect(phone.locator("#announcements li")).to_contain_text("BarThe bar by the lake is full.")
    await expect(desk.get_by_label("What everybody should know")).to_have_value("")

    await desk.get_by_role("button", name="Withdraw Bar").click()
    await desk.locator("#ask-back").click()
    await expect(phone.locator("#announcements li")).to_have_count(1)
    await desk.get_by_role("button", name="Withdraw Bar").click()
    await desk.locator("#ask-do").click()
    await expect(row).to_contain_text("withdrawn")
    await expect(desk.get_by_role("button", name="Edit Bar")).to_have_count(0)
    await expect(phone.locator("#announcements li")).to_have_count(0)
    await expect(phone.locator("#notifications")).not_to_contain_text("The bar by the lake")


async def test_an_older_server_keeps_no_list_and_the_page_says_so(pages: Pages) -> None:
    await pages.context.route(
        "**/v1/admin/announcements?*", lambda route: route.fulfill(status=405, json={"code": "method-not-allowed"})
    )
    desk = await pages.open(await pages.ground.admin(), LAPTOP)
    await view(desk, "Announce")
    await expect(desk.locator("#announced-state")).to_contain_text("keeps no list")


async def test_a_picked_up_orders_tip_goes_back_with_all_that_is_left(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    items = [{"itemId": stall.items["wrap"], "quantity": 1}]
    placed = await ground.post(
        "/v1/orders", {"vendorId": stall.vendor_id, "items": items, "tip": 80}, who=anna, key="tip"
    )
    order_id = placed.json()["order"]["orderId"]
    for status in ("ready", "completed"):
        assert (await ground.step(stall, order_id, status)).status_code == 200
    desk = await pages.open(await ground.admin(), LAPTOP)
    await view(desk, "Orders")
    await desk.get_by_role("button", name="Refund order 1").click()
    await desk.get_by_label("Reason").fill("Cold")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#orders li")).to_contain_text("€7.50 refunded")
    await desk.get_by_role("button", name="Refund with tip order 1").click()
    await expect(desk.locator("#ask-do")).to_have_text("Refund €0.80")
    await desk.get_by_label("Reason").fill("Cold")
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#orders li")).to_contain_text("€8.30 refunded")
    await expect(desk.get_by_role("button", name="Refund")).to_have_count(0)
    assert await ground.balance(anna) == 2_000
