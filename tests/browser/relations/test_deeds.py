"""What staff do is listed for good, and what is much waits for a second organiser."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.guest.acts import view
from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE, organiser, page_of
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess


async def test_deeds_are_listed_live_and_can_be_downloaded(pages: Pages) -> None:
    ground = pages.ground
    anna, boss = await ground.customer("Anna", funds=500), await ground.admin()
    desk = await page_of(pages, boss, "admin", OFFICE)
    await view(desk, "Deeds")
    first = desk.locator("#deeds li").first
    await expect(first).to_contain_text(f"top up user:{anna.user_id}")
    await expect(first).to_contain_text("amount €5.00")
    await expect(first).to_contain_text(f"by {boss.user_id}")
    shown = await desk.locator("#deeds li").count()
    await ground.top_up(anna, 700)
    await desk.get_by_role("button", name="Show 1 new").click()
    await expect(desk.locator("#deeds li")).to_have_count(shown + 1)
    await expect(desk.locator("#deeds li").first).to_contain_text("€7.00")
    async with desk.expect_download() as saving:
        await desk.get_by_role("button", name="Download (CSV)").click()
    text = Path(await (await saving.value).path()).read_text("utf-8")
    assert text.count("top-up") == 2
    await view(desk, "Today")
    await ground.top_up(anna, 100)
    await view(desk, "Deeds")
    await expect(desk.locator("#deeds li")).to_have_count(shown + 2)  # nobody looked, so nothing was under a pointer


async def test_a_second_organiser_confirms_what_is_much(tmp_path: Path, browser: Browser) -> None:
    with ServerProcess(tmp_path, settings={"LIMITS__SECOND_PERSON_ABOVE": "5000"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            anna, first = await ground.customer("Anna"), await ground.admin()
            second = await organiser(ground, "Zoe")
            asking = await page_of(pages, first, "admin", OFFICE)
            confirming = await page_of(pages, second, "admin", OFFICE)
            for amount in ("60", "70"):
                await asking.get_by_label("User id").fill(anna.user_id)
                await asking.get_by_label("Amount").fill(amount)
                await asking.get_by_role("button", name="Top up").click()
                await asking.locator("#ask-do").click()
                await expect(asking.locator("#top-up-done")).to_contain_text("waits for a second organiser")
                await expect(asking.locator("#top-up-user")).to_have_value("")
            for page in (asking, confirming):
                await expect(page.locator("#confirmations-count")).to_have_text("2")
                await view(page, "Deeds")
            assert await ground.balance(anna) == 0
            await expect(asking.get_by_role("button", name="Confirm")).to_have_count(0)
            sixty = confirming.locator("#confirmations li", has_text="€60.00")
            await sixty.get_by_role("button", name="Confirm").click()
            await confirming.locator("#ask-do").click()
            seventy = asking.locator("#confirmations li", has_text="€70.00")
            await expect(asking.locator("#confirmations li")).to_have_count(1)
            await seventy.get_by_role("button", name="Take it back").click()
            await asking.locator("#ask-do").click()
            for page in (asking, confirming):
                await expect(page.locator("#confirmations li")).to_have_count(0)
                await expect(page.locator("#confirmations-count")).to_be_hidden()
            assert await ground.balance(anna) == 6_000
            assert pages.complaints == []
