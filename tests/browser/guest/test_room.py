"""Nothing covers the button for the next order, whatever else the page has to say; and a menu is seen as one."""

from playwright.async_api import Page, expect

from tests.browser.guest.acts import DISHES, announce, hungry, open_menu, view
from tests.browser.guest.measures import SIZES, SMALL, covering, meeting, places, targets, whole_rows
from tests.browser.pages import Pages
from tests.support.ground import Person, Stall

WORDS = (
    ("Thunderstorm: leave the hill now, and wait in the tents until we say more.", "high"),
    ("The bar by the lake is open.", "normal"),
    ("Lost: a red bag.", "low"),
)
# By their time, as pages kept it before announcements had ids.
DISMISS = """([user, times]) => {
  const key = `festival-push.dismissed.${user}`;
  localStorage.setItem(key, times.join(" "));
  dispatchEvent(new StorageEvent("storage", { key }));
}"""


async def call(pages: Pages, anna: Person, stall: Stall, count: int) -> list[str]:
    """So many more orders of hers become ready; their ids."""
    ids = [await pages.ground.placed(anna, stall) for _ in range(count)]
    for order_id in ids:
        assert (await pages.ground.step(stall, order_id, "ready")).is_success
    return ids


async def check(page: Page, told: str) -> None:
    """The order button is free and the stack is one, on every screen."""
    await expect(page.locator("[data-resting]")).to_have_count(0)
    for name, size in SIZES.items():
        await page.set_viewport_size(size)
        await expect(page.locator("#order")).to_be_visible()
        assert await covering(page) == [], f"{told} at {name}"
        assert await meeting(page) == [], f"{told} at {name}"
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{told} at {name}"


async def check_announcements(pages: Pages, page: Page, anna: Person, told: str) -> None:
    """The same with none, one and three announcements."""
    times = (await pages.ground.get("/v1/me/notifications?limit=200", who=anna)).json()["items"]
    times = [item["timestamp"] for item in times if item["type"] == "announcement"]
    for shown in (0, 1, 3):
        await page.evaluate(DISMISS, [anna.user_id, times[shown:]])
        await expect(page.locator("#announcements li")).to_have_count(shown)
        await check(page, f"{told}, {shown} announcements")
    await page.set_viewport_size(SIZES["360x640"])
    await page.locator(".announcements-line").click()
    await expect(page.locator("#announcements li").first).to_be_visible()
    await check(page, f"{told}, announcements opened")
    await page.set_viewport_size(SIZES["360x640"])
    await page.locator(".announcements-line").click()


async def test_nothing_covers_the_order_button_in_any_state(pages: Pages) -> None:
    stall, anna, page = await hungry(pages, DISHES)
    for message, priority in WORDS:
        await announce(pages, message, priority=priority)
    await expect(page.locator("#announcements li")).to_have_count(3)
    await page.get_by_label("Add Dish 1 of").click()
    ids: list[str] = []
    for ready in (1, 3, 9):
        ids += await call(pages, anna, stall, ready - len(ids))
        await expect(page.locator("#ready-list li")).to_have_count(min(3, ready))
        await check_announcements(pages, page, anna, f"{ready} ready, one line")

    await page.set_viewport_size(SIZES["390x844"])
    for number in range(2, 13):
        await page.get_by_label(f"Add Dish {number} of").click()
    await check_announcements(pages, page, anna, "9 ready, 12 lines")
    await page.locator("#order-more").click()
    await expect(page.locator("#wishes li")).to_have_count(12)
    await check(page, "9 ready, 12 wishes open")
    for order_id in ids[1:]:
        assert (await pages.ground.step(stall, order_id, "completed")).is_success
    await expect(page.locator("#ready-list li")).to_have_count(1)
    await check_announcements(pages, page, anna, "1 ready, 12 wishes open")

    await pages.context.set_offline(offline=True)
    await expect(page.locator("#link")).to_have_text("Offline")
    await page.set_viewport_size(SIZES["360x640"])
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("You are offline")
    await check(page, "offline")
    await pages.context.set_offline(offline=False)


async def rows_are_whole(page: Page, told: str) -> None:
    """Two whole rows of the menu are seen on each small screen."""
    for name in SMALL:
        await page.set_viewport_size(SIZES[name])
        assert await whole_rows(page) >= 2, f"{told} at {name}"


async def test_two_whole_rows_of_a_menu_are_seen_on_a_small_screen(pages: Pages) -> None:
    stall, anna, page = await hungry(pages, DISHES)
    for message, priority in WORDS:
        await announce(pages, message, priority=priority)
    await expect(page.locator("#announcements li")).to_have_count(3)
    await rows_are_whole(page, "with announcements")
    await page.get_by_label("Add Dish 1 of").click()
    await expect(page.locator("#order-bar")).to_be_visible()
    await rows_are_whole(page, "and a cart")
    await call(pages, anna, stall, 3)
    await expect(page.locator("#ready-list li")).to_have_count(3)
    await rows_are_whole(page, "and food that is ready")


async def test_what_arrives_moves_nothing_under_the_finger(pages: Pages) -> None:
    stall, anna, page = await hungry(pages, DISHES)
    await page.get_by_label("Add Dish 1 of").click()
    await expect(page.locator("#order-bar")).to_be_visible()
    watched = "#menu > li, #order, .tabs a"
    before = await places(page, watched)
    (order_id,) = await call(pages, anna, stall, 1)
    await expect(page.locator("#ready")).to_be_visible()
    await announce(pages, "Thunderstorm: leave the hill.", priority="high")
    await expect(page.locator("#announcements li")).to_have_count(1)
    assert await places(page, watched) == before
    assert (await pages.ground.step(stall, order_id, "completed")).is_success
    await expect(page.locator("#ready")).to_be_hidden()
    assert await places(page, watched) == before
    await expect(page.locator("[data-resting]")).to_have_count(0)
    # The second of it. No click: the browser's driver scrolls to find a way where a note still covers the button.
    await page.get_by_label("Add Dish 1 of").dispatch_event("click")
    await expect(page.locator("#order")).to_contain_text("2 items")
    assert (await places(page, "#menu > li"))[1:] == before[1:12]


async def test_the_end_of_a_menu_can_be_scrolled_above_the_stack(pages: Pages) -> None:
    stall, anna, page = await hungry(pages, DISHES)
    await page.get_by_label("Add Dish 1 of").click()
    await call(pages, anna, stall, 1)
    await expect(page.locator("#ready")).to_be_visible()
    await page.set_viewport_size(SIZES["320x568"])
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    await page.get_by_label("Add Dish 12 of").click()
    await expect(page.locator("#order")).to_contain_text("Order 2 items")


async def targets_are_apart(page: Page, told: str) -> None:
    """Whatever is to be tapped is large, and far from the next, on every screen."""
    for name, size in SIZES.items():
        await page.set_viewport_size(size)
        assert await targets(page) == [], f"{told} at {name}"


async def test_targets_are_large_and_apart(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    await announce(pages, "Thunderstorm.", priority="high")
    await announce(pages, "The bar is open.")
    await call(pages, anna, stall, 1)
    await page.get_by_label("Add wrap").click()
    await expect(page.locator("#announcements li")).to_have_count(2)
    await page.locator("#order-more").click()
    await targets_are_apart(page, "the menu with wishes")
    for tab in ("Stalls", "Orders", "Messages", "Wallet"):
        await view(page, tab)
        await targets_are_apart(page, tab)
    await open_menu(page)
    await targets_are_apart(page, "the menu")
