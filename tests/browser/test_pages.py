"""The pages against the real server, in a real browser."""

from typing import Final

from playwright.async_api import Page, Route, ViewportSize, expect

from tests.browser.pages import LAPTOP, LIVE_WITHIN_MS, PHONE, WALL, Pages
from tests.browser.stall.kitchen import more
from tests.support.ground import PIN, Person

SMALL: Final[ViewportSize] = {"width": 320, "height": 568}
HOSTILE = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>'
# Files that came over the network to this page, if only as a 304.
FETCHED: Final = """performance.getEntriesByType("resource")
  .filter(({ name, transferSize }) => name.includes("/static/") && transferSize > 0).map(({ name }) => name)"""


async def register(page: Page, name: str) -> str:
    """Fill in the customer page's first form; the new sign-in name."""
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("PIN").fill(PIN)
    await page.get_by_role("button", name="Create my account").click()
    sign_in = await page.locator("#gate .big-code").inner_text()
    await page.get_by_role("button", name="I've got it").click()
    return sign_in


async def user_id_of(page: Page) -> str:
    """Who is signed in here by cookie."""
    user_id: str = await page.evaluate("fetch('/v1/me').then((answer) => answer.json()).then(({ userId }) => userId)")
    return user_id


async def test_money_an_order_and_its_way_to_the_board_show_on_all_four_pages(pages: Pages) -> None:
    ground = pages.ground
    stall, anna, admin = await ground.stall(), await ground.customer(), await ground.admin()
    phone, tablet = await pages.open(anna), await pages.open(stall, LAPTOP)
    wall, desk = await pages.open_board(await ground.screen(stall)), await pages.open(admin, LAPTOP)

    await ground.fund(anna, "20.00", external_id="pay-1")
    await expect(phone.locator("#balance")).to_have_text("€20.00")

    await phone.get_by_text("Falafel Sun").click()
    await phone.get_by_label("Add wrap").click()
    await phone.get_by_label("Add wrap").click()
    await phone.locator("#order").click()
    await expect(phone.locator("#balance")).to_have_text("€5.00")
    number = await phone.locator("#orders .order-number").inner_text()

    ticket = tablet.locator(".ticket", has_text=number)
    await expect(ticket).to_contain_text("2 × wrap")
    await expect(wall.locator("#preparing")).to_have_text(number)
    await tablet.locator("#preparing").get_by_role("button", name="Ready").click()

    await expect(wall.locator("#ready")).to_have_text(number)
    await expect(phone.locator("#orders .order")).to_contain_text("Ready for pickup")
    await desk.get_by_role("button", name="Show 1 new").click()
    await expect(desk.locator("#transactions tr")).to_have_count(2)
    await tablet.locator("#ready").get_by_role("button", name="Picked up").click()
    await expect(wall.locator("#ready li")).to_have_count(0)
    await expect(phone.locator("#orders .order")).to_contain_text("Picked up")


async def test_a_second_visit_asks_for_the_page_alone(pages: Pages) -> None:
    anna = await pages.ground.customer()
    page = await pages.open(anna)
    assert len(await page.evaluate(FETCHED)) > 50
    assert await (await pages.open(anna)).evaluate(FETCHED) == []
    await page.reload()
    await pages.live(page)
    assert await page.evaluate(FETCHED) == []


async def test_a_page_that_was_cut_off_says_so_and_then_catches_up(pages: Pages) -> None:
    ground = pages.ground
    (server,) = ground.servers
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    phone, wall = await pages.open(anna), await pages.open_board(await ground.screen(stall))

    server.kill()
    for page in (phone, wall):
        await expect(page.locator("#link")).to_have_text("Connecting…")
    await expect(phone.locator("#balance")).to_have_text("€10.00")
    await expect(phone.locator("#stale")).to_contain_text("as of")
    server.start()
    await ground.placed(anna, stall)
    for page in (phone, wall):
        await pages.live(page)
    await expect(phone.locator("#balance")).to_have_text("€2.50")
    await expect(phone.locator("#stale")).to_have_text("")
    await expect(wall.locator(".numbers li")).to_have_count(1)


async def test_a_browser_signed_in_by_cookie_comes_back_by_itself(pages: Pages) -> None:
    ground = pages.ground
    (server,) = ground.servers
    page = await pages.tab("/customer/")
    await register(page, "Zoë")
    await pages.live(page)
    user_id = await user_id_of(page)
    server.kill()
    await expect(page.locator("#link")).to_have_text("Connecting…")
    server.start()
    await ground.top_up(Person(user_id=user_id, token="", role="customer"), 700)
    await pages.live(page)
    await expect(page.locator("#balance")).to_have_text("€7.00")


async def test_a_new_customer_registers_stays_signed_in_and_signs_out(pages: Pages) -> None:
    page = await pages.tab("/customer/")
    sign_in = await register(page, "Zoë")
    await pages.live(page)
    await page.reload()
    await pages.live(page)
    await expect(page.locator("#greeting")).to_have_text("Zoë's balance")

    await page.get_by_role("link", name="Wallet").click()
    await page.get_by_role("button", name="Show my sign-in name").click()
    await expect(page.get_by_label("Your sign-in name")).to_have_text(sign_in)
    await page.get_by_role("button", name="Sign out").click()
    await page.locator("#gate").get_by_label("PIN").fill("0000")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("don't match")
    await page.locator("#gate").get_by_label("PIN").fill(PIN)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await pages.live(page)


async def test_a_token_is_in_no_place_that_other_tabs_see_and_the_wrong_page_says_so(pages: Pages) -> None:
    anna = await pages.ground.customer()
    page = await pages.open(anna)
    assert anna.token not in await page.evaluate("JSON.stringify([location.href, document.cookie, localStorage])")

    other = await pages.tab("/admin/", who=anna)
    await expect(other.get_by_role("heading", name="This is the wrong page for you")).to_be_visible()


async def test_an_order_whose_answer_was_lost_is_paid_once(pages: Pages) -> None:
    ground = pages.ground
    await ground.stall()
    anna = await ground.customer(funds=2_000)
    page = await pages.open(anna)
    keys = []

    async def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return await route.continue_()
        await route.fetch()
        return await route.abort()

    await page.route(
        "**/v1/orders", lambda route: lose_the_first(route) if route.request.method == "POST" else route.continue_()
    )
    await page.get_by_text("Falafel Sun").click()
    await page.get_by_label("Add ayran").click()
    await page.locator("#order").click()
    await expect(page.locator("#toasts")).to_contain_text("you weren't charged twice")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert await ground.balance(anna) == 1_700
    await expect(page.locator("#orders .order")).to_have_count(1)


async def test_refusals_are_explained_and_cost_nothing(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=500)
    page = await pages.open(anna)
    await page.get_by_text("Falafel Sun").click()
    await page.get_by_label("Add wrap").click()
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("€2.50 is missing")
    assert await ground.balance(anna) == 500

    tablet = await pages.open(stall, LAPTOP)
    await tablet.get_by_role("switch", name="wrap is available").click()
    await expect(page.locator("#menu")).to_contain_text("Sold out")
    await expect(page.locator("#order-bar")).to_be_hidden()


async def test_a_cancelled_order_gives_the_money_back_on_the_page(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    phone, tablet = await pages.open(anna), await pages.open(stall, LAPTOP)
    await ground.placed(anna, stall)
    await expect(phone.locator("#balance")).to_have_text("€2.50")
    sheet = await more(tablet, 1)
    await sheet.get_by_role("button", name="Cancel order").click()
    await sheet.get_by_role("button", name="Closing").click()
    await expect(phone.locator("#balance")).to_have_text("€10.00")
    await phone.get_by_role("link", name="Orders").click()
    await expect(phone.locator("#orders .order")).to_contain_text("€7.50 refunded")
    await expect(tablet.locator(".ticket")).to_have_count(0)


async def test_the_cash_desk_tops_up_and_gives_lost_money_an_owner(pages: Pages) -> None:
    ground = pages.ground
    anna, admin = await ground.customer(), await ground.admin()
    desk, phone = await pages.open(admin, LAPTOP), await pages.open(anna)
    await desk.get_by_label("User id").fill(anna.user_id)
    await desk.get_by_label("Amount").fill("12,50")
    await desk.get_by_role("button", name="Top up").click()
    await expect(desk.locator("#ask")).to_contain_text(
        f"€12.50, paid in cash, go into the wallet of Anna ({anna.user_id})"
    )
    await desk.locator("#ask-back").click()
    await expect(desk.locator("#top-up-send")).to_be_enabled()
    assert await ground.balance(anna) == 0
    await desk.get_by_role("button", name="Top up").click()
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#top-up-done")).to_contain_text("New balance: €12.50")
    await expect(phone.locator("#balance")).to_have_text("€12.50")

    stranger = Person(user_id="nobody-we-know", token="", role="customer")
    await ground.fund(stranger, "30.00", external_id="pay-lost")
    card = desk.locator("#held .card", has_text="€30.00")
    await card.get_by_placeholder("User id").fill(anna.user_id)
    await card.get_by_role("button", name="Assign").click()
    await expect(desk.locator("#ask")).to_contain_text(f"go into the wallet of Anna ({anna.user_id})")
    await desk.get_by_role("button", name="Give it").click()
    await expect(phone.locator("#balance")).to_have_text("€42.50")
    await expect(desk.locator("#held .card")).to_have_count(0)


async def test_a_board_comes_back_after_a_power_cut_without_its_link(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    wall = await pages.open_board(await ground.screen(stall))
    await wall.close()
    await ground.placed(anna, stall)
    again = await pages.tab("/kiosk/", WALL)
    await pages.live(again)
    await expect(again.locator(".numbers li")).to_have_count(1)


async def test_what_was_read_on_one_device_is_read_on_the_other(pages: Pages) -> None:
    anna = await pages.ground.customer()
    phone, tablet = await pages.open(anna), await pages.open(anna, LAPTOP)
    await pages.ground.fund(anna, "20.00", external_id="pay-1")
    await expect(tablet.locator("#notifications-badge")).to_have_text("1")
    await phone.get_by_role("link", name="Messages").click()
    await expect(tablet.locator("#notifications-badge")).to_be_hidden()


async def test_names_are_only_ever_text(pages: Pages) -> None:
    ground = pages.ground
    stall = await ground.stall(HOSTILE[:60], {HOSTILE[:70]: 100})
    anna = await ground.customer(HOSTILE[:60], funds=1_000)
    phone, tablet = await pages.open(anna), await pages.open(stall, LAPTOP)
    desk = await pages.open(await ground.admin(), LAPTOP)
    await ground.placed(anna, stall)
    await phone.locator(".stall").click()
    await expect(phone.locator("#menu")).to_contain_text(HOSTILE[:70])
    await expect(tablet.locator(".ticket")).to_contain_text(HOSTILE[:60])
    for page in (phone, tablet, desk):
        assert await page.evaluate("window.harmed") is None


async def test_no_page_is_wider_than_its_screen(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = (
        await ground.stall("The Falafel Kingdom of the Long Names", {"W" * 60: 99_999}),
        await ground.customer(funds=100_000),
    )
    await ground.placed(anna, stall)
    opened = [
        await pages.tab("/"),
        await pages.open(anna),
        await pages.open(stall),
        await pages.open(await ground.admin()),
    ]
    opened.append(await pages.open_board(await ground.screen(stall)))
    for page in opened:
        for size in (PHONE, LAPTOP, SMALL):
            await page.set_viewport_size(size)
            await pages.drawn(page)
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{page.url} is {wide} px too wide at {size}"


async def test_a_browser_that_goes_offline_says_so_at_once(pages: Pages) -> None:
    page = await pages.open(await pages.ground.customer())
    await pages.context.set_offline(offline=True)
    await expect(page.locator("#link")).to_have_text("Offline")
    await pages.context.set_offline(offline=False)
    await expect(page.locator("#link")).to_have_text("Live", timeout=LIVE_WITHIN_MS)
