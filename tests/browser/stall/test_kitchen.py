"""The stall's page as a kitchen display: whole tickets on every screen, in pages, with what is still to be made."""

from typing import Final

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.pages import LAPTOP, PHONE, Pages
from tests.browser.stall.kitchen import TABLET, TARGETS, WHOLE, more, placed, rush, section, ticket
from tests.support.ground import Stall

SCREENS: Final[list[tuple[ViewportSize, int]]] = [
    ({"width": 1024, "height": 768}, 12),
    ({"width": 1920, "height": 1080}, 24),
    ({"width": 390, "height": 844}, 3),
    ({"width": 360, "height": 640}, 3),
    ({"width": 1280, "height": 720}, 10),
    ({"width": 1080, "height": 1920}, 24),
]
"""Sizes, and how many whole tickets of two lines they must show."""
STILL: Final = (
    "document.scrollingElement.scrollHeight <= innerHeight && document.scrollingElement.scrollWidth <= innerWidth"
)


async def test_each_screen_shows_as_many_whole_tickets_as_it_holds_and_never_scrolls(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 26)
    page = await kitchen.open(stall, TABLET)
    for size, least in SCREENS:
        await page.set_viewport_size(size)
        await kitchen.true(page, f"(([all, whole]) => whole >= {least} && whole === all)(({WHOLE})('preparing'))")
        await kitchen.true(page, STILL)
        await expect(page.locator("#preparing li.ticket").first).to_contain_text("1")
    await expect(page.locator("#lane-pending")).to_be_hidden()
    await expect(page.locator("#lane-ready")).to_be_hidden()


async def test_what_does_not_fit_is_on_further_pages_by_button_and_by_swipe(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 26)
    page = await kitchen.open(stall, TABLET)
    await expect(page.locator("#preparing-page")).to_have_text("1/3")
    await expect(page.locator("#preparing-count")).to_have_text("26")
    await kitchen.drawn(page)  # with the room that is left by what stands above the tickets
    seen = [await page.locator("#preparing .ticket-number").all_inner_texts()]
    await page.get_by_role("button", name="Next page: To make").click()
    await expect(page.locator("#preparing-page")).to_have_text("2/3")
    seen.append(await page.locator("#preparing .ticket-number").all_inner_texts())
    await expect(page.locator("#lanes li[aria-disabled=true]")).to_have_count(0)
    await swipe(page, -200)
    await expect(page.locator("#preparing-page")).to_have_text("3/3")
    await expect(page.get_by_role("button", name="Next page: To make")).to_be_disabled()
    seen.append(await page.locator("#preparing .ticket-number").all_inner_texts())
    assert [int(number) for numbers in seen for number in numbers] == list(range(1, 27))
    await swipe(page, 200)
    await expect(page.locator("#preparing-page")).to_have_text("2/3")
    await expect(page.locator("#preparing-count")).to_have_text("26")  # a swipe is no step


async def swipe(page: Page, by: int) -> None:
    """Move a finger over the tickets."""
    box = await page.locator("#preparing").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + by, y + 5, steps=4)
    await page.mouse.up()


async def test_a_phone_shows_one_lane_and_counts_the_others(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 5)
    page = await kitchen.open(stall, PHONE)
    await page.get_by_role("button", name="Ready order 1").click()
    await page.get_by_role("button", name="Ready 1", exact=True).click()
    await expect(ticket(page, 1, "ready")).to_be_visible()
    await expect(page.locator("#preparing")).to_be_hidden()
    await page.get_by_role("button", name="To make 4").click()
    await expect(ticket(page, 2)).to_be_visible()


async def test_ready_orders_stand_in_a_rail_beside_those_to_make(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 16)
    page = await kitchen.open(stall, TABLET)
    for order in (await ground.get("/v1/orders?limit=100", who=stall)).json()["items"]:
        if order["number"] <= 5:
            await ground.step(stall, order["orderId"], "ready")
    await expect(page.locator("#ready-count")).to_have_text("5")
    for lane, least in (("preparing", 9), ("ready", 3)):
        await kitchen.true(page, f"(([all, whole]) => whole >= {least} && whole === all)(({WHOLE})('{lane}'))")
    await kitchen.true(page, STILL)


async def test_lines_are_ticked_off_and_leave_what_is_to_be_made_also_after_a_reload(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 3)
    page = await kitchen.open(stall, TABLET)
    counts = page.locator("#all-day-counts li")
    await expect(counts).to_have_text(["3 × ayran", "3 × wrap"])
    await page.get_by_role("checkbox", name="1 × wrap of order 2 is made").click()
    await expect(counts).to_have_text(["3 × ayran", "2 × wrap"])
    await page.reload()
    await kitchen.live(page)
    await expect(page.get_by_role("checkbox", name="1 × wrap of order 2 is made")).to_be_checked()
    await page.get_by_role("checkbox", name="1 × wrap of order 2 is made").click()
    await expect(counts).to_have_text(["3 × ayran", "3 × wrap"])
    await page.get_by_role("button", name="All day").click()
    await expect(page.locator("#all-day")).to_be_hidden()
    await page.reload()
    await kitchen.live(page)
    await expect(page.locator("#all-day")).to_be_hidden()


async def test_a_long_order_ends_in_more_which_opens_all_of_it(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall(prices={f"dish {number}": 100 for number in range(1, 10)})
    anna = await ground.customer(funds=5_000)
    lines = [
        {"itemId": item, "quantity": 1, "notes": "no onions" if index == 8 else ""}
        for index, item in enumerate(stall.items.values())
    ]
    await placed(kitchen, anna, stall, lines)
    page = await kitchen.open(stall, TABLET)
    await expect(page.locator("#preparing .ticket-line b")).to_have_count(4)
    await kitchen.true(page, f"(({WHOLE})('preparing'))[1] === 1")
    await page.get_by_role("button", name="+5 more of order 1").click()
    await expect(page.locator("#sheet .row")).to_have_count(9)
    await expect(page.locator("#sheet .row").last).to_contain_text("no onions")


async def test_what_is_sold_out_is_said_in_one_tap_and_can_be_undone(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 1)
    page = await kitchen.open(stall, TABLET)

    async def available() -> bool:
        menu = (await ground.get(f"/v1/vendors/{stall.vendor_id}/menu", who=stall)).json()["items"]
        return next(bool(item["available"]) for item in menu if item["name"] == "wrap")

    chip = page.get_by_role("switch", name="wrap is available")
    await chip.click()
    await expect(chip).not_to_be_checked()
    await expect(page.locator("#waiting")).to_be_hidden()
    kept = "Object.keys(localStorage).filter((name) => name.endsWith(' items')).map((name) => localStorage[name])"
    await kitchen.true(page, f"{kept}.join() === '[]'")
    assert not await available()
    await page.get_by_role("button", name="Undo wrap: sold out").click()
    await expect(chip).to_be_checked()
    sheet = await more(page, 1)
    await sheet.get_by_role("button", name="Sold out: wrap").click()
    await expect(sheet.get_by_role("button", name="Sold out: wrap")).to_have_attribute("aria-pressed", "true")
    await sheet.get_by_role("button", name="Close").click()
    await expect(chip).not_to_be_checked()


async def test_a_refunded_order_says_so_on_its_ticket(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    page = await kitchen.open(stall, TABLET)
    body = {"amount": 250, "reason": "Too late"}
    given = await ground.post(f"/v1/orders/{order_id}/refund", body, who=await ground.admin(), key="refund-1")
    assert given.is_success, given.text
    await expect(ticket(page, 1)).to_contain_text("€2.50 refunded")


async def test_targets_are_large_and_far_apart_in_every_section_and_sheet(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 9)
    for priority in ("normal", "high"):
        body = {"message": "Rain.", "audience": "all", "priority": priority}
        made = await kitchen.ground.post("/v1/admin/announcements", body, who=await kitchen.ground.admin())
        assert made.status_code == 201, made.text
    page = await kitchen.open(stall, PHONE)
    await expect(page.locator("#announcements li")).to_have_count(2)
    for size, _ in SCREENS:
        await page.set_viewport_size(size)
        await section(page, "Orders")
        await expect(ticket(page, 1)).to_be_visible()
        await apart(page, "body", 12)
        await more(page, 1)
        await apart(page, "#sheet", 8)
        await page.locator("#sheet").get_by_role("button", name="Cancel order 1").click()
        await expect(page.get_by_role("button", name="Keep it")).to_be_visible()
        await apart(page, "#sheet", 7)
        await page.locator("#sheet-close").click()
        await page.get_by_role("button", name="Recently done").click()
        await apart(page, "#done-sheet", 1)
        await page.locator("#done-close").click()
        for name in ("Menu", "Charge", "Sales", "Stall"):
            await page.set_viewport_size({"width": size["width"], "height": 1_600})
            await section(page, name)
            for part in await page.locator(f"#view-{name.lower()} details:not([open])").element_handles():
                await part.evaluate("(part) => part.querySelector('summary').click()")
            await apart(page, "body", 7)
    await section(page, "Menu")
    await page.get_by_role("button", name="Change wrap").click()
    await page.get_by_role("button", name="Remove from the menu").click()
    await apart(page, "#ask", 2)
    await page.get_by_role("button", name="Don't", exact=True).click()
    await expect(page.locator("#menu li")).to_have_count(2)


async def apart(page: Page, root: str, least: int) -> None:
    """Every target that is seen there is at least 44 px large and 8 px away from the next one."""
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    count, wrong = await page.evaluate(TARGETS, root)
    assert count >= least, f"{root}: {count} targets"
    assert wrong == [], root


async def test_an_item_leaves_the_menu_only_after_a_question(kitchen: Pages) -> None:
    stall: Stall = await kitchen.ground.stall()
    page = await kitchen.open(stall, LAPTOP)
    await section(page, "Menu")
    await page.get_by_role("button", name="Change wrap").click()
    await page.get_by_role("button", name="Remove from the menu").click()
    await expect(page.locator("#ask-title")).to_have_text("Remove wrap from the menu?")
    await expect(page.locator("#ask-back")).to_be_focused()
    await page.locator("#ask-do").click()
    await expect(page.locator("#menu li")).to_have_count(1)
    await expect(page.locator("#chips li")).to_have_count(1)
