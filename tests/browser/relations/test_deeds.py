"""What staff do is listed for good, and what is much waits for a second organiser."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Route, expect

from tests.browser.guest.acts import view
from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE, organiser, page_of
from tests.support.ground import PIN, Ground
from tests.support.servers.server import ServerProcess


async def test_deeds_are_listed_live_and_can_be_downloaded(pages: Pages, tmp_path: Path) -> None:
    ground = pages.ground
    anna, boss = await ground.customer("Anna", funds=500), await ground.admin()
    desk = await page_of(pages, boss, "admin", OFFICE)
    await view(desk, "Deeds")
    first = desk.locator("#deeds li").first
    await expect(first).to_contain_text(f"Top up user:{anna.user_id}")
    await expect(first).to_contain_text("amount €5.00")
    await expect(first).to_contain_text(f"by {boss.user_id}")
    shown = await desk.locator("#deeds li").count()
    await ground.top_up(anna, 700)
    await desk.get_by_role("button", name="Show 1 new").click()
    await expect(desk.locator("#deeds li")).to_have_count(shown + 1)
    await expect(desk.locator("#deeds li").first).to_contain_text("€7.00")
    async with desk.expect_download() as saving:
        await desk.get_by_role("button", name="Download (CSV)").click()
    await (await saving.value).save_as(tmp_path / "deeds.csv")
    text = await asyncio.to_thread((tmp_path / "deeds.csv").read_text, "utf-8")
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
            await expect(sixty).to_contain_text(f"Top up of €60.00 for Anna ({anna.user_id})")
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


async def test_the_pin_is_asked_again_before_money_leaves(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna", funds=2_000)
    phone = await page_of(pages, anna, "customer")

    async def as_if_left_open(route: Route) -> None:
        """Answer as five minutes after the sign-in; what has a PIN goes to the server."""
        if "pin" in (route.request.post_data_json or {}):
            return await route.continue_()
        return await route.fulfill(
            status=403, json={"code": "pin-required", "title": "Give your PIN again.", "status": 403}
        )

    await phone.route("**/v1/payouts", as_if_left_open)
    await view(phone, "Wallet")
    await phone.get_by_text("Get leftover money back").click()
    dialog = phone.locator("#pin-dialog")

    async def ask() -> None:
        await phone.locator("#payout-send").click()
        await phone.locator("#ask-do").click()
        await expect(dialog).to_be_visible()

    await ask()
    await dialog.get_by_role("button", name="Don't").click()
    await expect(dialog).to_have_count(0)
    await expect(phone.locator("#payout-problem")).to_have_text("")
    await expect(phone.locator("[data-resting]")).to_have_count(0)
    assert await ground.balance(anna) == 2_000
    await ask()
    await dialog.get_by_label("PIN").fill("000001")
    await dialog.get_by_role("button", name="Go on").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("That PIN was wrong")
    await dialog.get_by_label("PIN").fill(PIN)
    await dialog.get_by_role("button", name="Go on").click()
    await expect(phone.locator("#payouts li")).to_have_count(1)
    await expect(phone.locator("#balance")).to_have_text("€0.00")
    assert PIN not in await phone.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
