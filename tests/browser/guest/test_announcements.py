"""An announcement stays on the pages of those it is for, until they dismiss it or it is withdrawn."""

from urllib.parse import quote

from playwright.async_api import Page, expect

from tests.browser.guest.acts import announce, change, hungry, open_menu, view
from tests.browser.guest.measures import SIZES
from tests.browser.pages import LAPTOP, Pages
from tests.support.ground import Person


async def withdraw(pages: Pages, announced: dict[str, str]) -> None:
    admin = await pages.ground.admin()
    path = f"/v1/admin/announcements/{quote(announced['announcementId'])}"
    done = await pages.ground.http.delete(pages.ground.url() + path, headers=admin.bearer)
    assert done.is_success, done.text


async def edit(pages: Pages, announced: dict[str, str], message: str) -> None:
    path = f"/v1/admin/announcements/{quote(announced['announcementId'])}"
    await change(pages, path, {"message": message}, who=await pages.ground.admin())


async def paying(pages: Pages, person: Person) -> Page:
    stall = await pages.ground.stall()
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}", who=person)
    await pages.live(page)
    return page


async def test_announcements_stay_on_wallet_and_pay_page_until_they_are_dismissed(pages: Pages) -> None:
    anna = await pages.ground.customer()
    await announce(pages, "The bar by the lake is open.")
    wallet, pay = await pages.open(anna, LAPTOP), await paying(pages, anna)
    await announce(pages, "Thunderstorm: leave the hill.", priority="high")
    for page in (wallet, pay):
        await expect(page.locator("#announcements li")).to_have_count(2)
        await expect(page.locator("#announcements li").first).to_contain_text("Thunderstorm: leave the hill.")
        await page.reload()
        await pages.live(page)
        await expect(page.locator("#announcements li")).to_have_count(2)
    await view(wallet, "Messages")  # that it was read somewhere is no reason to take it away
    await expect(wallet.locator("#notifications-badge")).to_be_hidden()
    await expect(wallet.locator("#announcements li")).to_have_count(2)

    await wallet.get_by_role("button", name="Dismiss: Thunderstorm").click()
    for page in (wallet, pay):  # one device has one memory
        await expect(page.locator("#announcements li")).to_have_count(1)
        await page.reload()
        await pages.live(page)
        await expect(page.locator("#announcements li .grow")).to_have_text(
            ["AnnouncementThe bar by the lake is open." + await when(page)]
        )


async def when(page: Page) -> str:
    """The time that the last announcement shows."""
    return await page.locator("#announcements .announcement-when").last.inner_text()


async def test_what_is_edited_or_withdrawn_changes_where_it_stands(pages: Pages) -> None:
    page = await pages.open(await pages.ground.customer(), LAPTOP)
    bar = await announce(pages, "The bar is open.", audience="customers")
    storm = await announce(pages, "Thunderstorm.", priority="high")
    cards = page.locator("#announcements li")
    await expect(cards).to_have_count(2)
    await edit(pages, bar, "The bar is full.")
    await expect(cards.last).to_contain_text("The bar is full.")
    for name in ("Dismiss: The bar", "Dismiss: Thunderstorm"):
        await page.get_by_role("button", name=name).click()
    await expect(cards).to_have_count(0)
    await edit(pages, bar, "The bar is closed.")
    await edit(pages, storm, "The storm is here: lie down.")
    await expect(cards).to_have_count(1)  # only what is urgent comes back
    await expect(cards).to_contain_text("The storm is here: lie down.")
    await page.reload()
    await pages.live(page)
    await expect(cards).to_have_count(1)
    await withdraw(pages, storm)
    await expect(cards).to_have_count(0)
    await view(page, "Messages")
    await expect(page.locator("#notifications")).to_contain_text("The bar is closed.")
    await expect(page.locator("#notifications")).not_to_contain_text("storm")


async def test_what_was_withdrawn_during_a_cut_is_gone_after_it(pages: Pages) -> None:
    page = await pages.open(await pages.ground.customer(), LAPTOP)
    announced = await announce(pages, "The bar is open.")
    await expect(page.locator("#announcements li")).to_have_count(1)
    await page.evaluate("dispatchEvent(new Event('pagehide'))")
    await withdraw(pages, announced)
    await page.evaluate("dispatchEvent(new Event('pageshow'))")
    await expect(page.locator("#announcements li")).to_have_count(0)


async def test_several_are_one_line_on_a_small_screen_with_the_urgent_ones_words(pages: Pages) -> None:
    _, _, page = await hungry(pages)
    await view(page, "Stalls")
    await page.set_viewport_size(SIZES["360x640"])
    await announce(pages, "The bar is open.")
    await expect(page.locator("#announcements li")).to_be_visible()
    await announce(pages, "Lost: a red bag.", priority="low")
    await announce(pages, "Thunderstorm.", priority="high")
    line = page.locator(".announcements-line")
    await expect(line).to_have_text("3 announcements · Thunderstorm.")
    await expect(page.locator("#announcements")).to_be_hidden()
    await line.click()
    await expect(line).to_have_attribute("aria-expanded", "true")
    for name in ("Thunderstorm", "The bar"):
        await page.get_by_role("button", name=f"Dismiss: {name}").click()
    await expect(line).to_be_hidden()
    await expect(page.locator("#announcements li")).to_be_visible()
    await open_menu(page)  # there, one is a line too
    await expect(line).to_have_text("Lost: a red bag.")
    await expect(page.locator("#announcements")).to_be_hidden()


async def test_a_server_that_keeps_no_announcements_tells_them_as_notifications(pages: Pages) -> None:
    missing = {"status": 404, "code": "not-found", "title": "There is no such path."}
    await pages.context.route("**/v1/announcements", lambda route: route.fulfill(status=404, json=missing))
    anna = await pages.ground.customer()
    await announce(pages, "The bar by the lake is open.")
    page, tablet = await pages.open(anna, LAPTOP), await pages.open(anna, LAPTOP)
    await announce(pages, "Thunderstorm: leave the hill.", priority="high")
    for each in (page, tablet):
        await expect(each.locator("#announcements li")).to_have_count(2)
    await view(page, "Messages")
    for each in (page, tablet):  # read by now; the urgent one has to be dismissed
        await expect(each.locator("#announcements li")).to_have_count(1)
    await page.get_by_role("button", name="Dismiss: Thunderstorm").click()
    await page.reload()
    await pages.live(page)
    await expect(page.locator("#notifications li")).to_have_count(2)
    await expect(page.locator("#announcements li")).to_have_count(0)
