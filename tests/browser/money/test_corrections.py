"""Money that is wrong is put right in the office, and its owner reads what has happened."""

import json
import os
from pathlib import Path
from typing import Final

import httpx2
from playwright.async_api import Browser, Page, expect

from tests.browser.guest.acts import view
from tests.browser.pages import PHONE, Pages
from tests.browser.relations.parts import OFFICE, TABLET
from tests.browser.relations.test_room import fits
from tests.browser.stall.test_kitchen import apart
from tests.support.ground import Ground
from tests.support.servers.server import WEBHOOK_SECRET, ServerProcess
from tests.support.wire.signature import signed_headers

SHOTS: Final = os.environ.get("FESTIVAL_PUSH_SHOTS")
"""A folder for pictures of these pages, for whoever wants to look at them."""


async def picture(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def report(ground: Ground, external_id: str, payment: dict[str, object]) -> httpx2.Response:
    """Report something as the provider does, signed."""
    body = json.dumps({"id": external_id, "currency": "EUR", "status": "succeeded", **payment}).encode()
    headers = signed_headers(external_id, body, WEBHOOK_SECRET) | {"Content-Type": "application/json"}
    return await ground.http.post(ground.url() + "/v1/webhooks/funds/zeffy", content=body, headers=headers)


async def yes(page: Page) -> None:
    await page.locator("#ask-do").click()


async def test_a_top_up_is_taken_back_in_part_then_with_a_loss(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    phone, desk = await pages.open(anna), await pages.open(await ground.admin(), OFFICE)
    row = desk.locator("#transactions tr", has_text="desk:cash").first
    await row.get_by_role("button", name="Take back").click()
    await expect(desk.locator("#ask-title")).to_have_text("Take €20.00 back?")
    await picture(desk, "office-take-back")
    await desk.get_by_label("How much").fill("5.00")
    await desk.get_by_label("Reason").fill("Typed twice")
    await yes(desk)
    await expect(row).to_contain_text("€5.00 taken back")
    await expect(phone.locator("#balance")).to_have_text("€15.00")
    await view(phone, "Messages")
    await expect(phone.locator("#notifications")).to_contain_text(
        "€5.00 was taken back from your wallet. Reason: Typed twice"
    )
    await view(phone, "Wallet")
    await expect(phone.locator("#transactions")).to_contain_text("Taken back")
    await picture(phone, "phone-wallet")

    await ground.placed(anna, stall)  # 7.50 of the 15.00
    await row.get_by_role("button", name="Take back").click()
    await desk.get_by_label("Reason").fill("False note")
    await yes(desk)
    await expect(desk.locator("#ask-title")).to_have_text("Some of it is spent")
    await expect(desk.locator("#ask-words")).to_contain_text("holds €7.50 of €15.00. The other €7.50 are spent")
    await picture(desk, "office-loss")
    await yes(desk)
    await expect(row).to_contain_text("€20.00 taken back")
    await expect(row.get_by_role("button")).to_have_count(0)
    await expect(phone.locator("#balance")).to_have_text("€0.00")
    await expect(desk.locator("#figures")).to_contain_text("Lost")
    await expect(desk.locator("#figures li", has_text="Lost").locator("b")).to_have_text("€7.50")


async def test_held_money_goes_in_part_to_its_owner_and_the_rest_back(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer()
    desk = await pages.open(await ground.admin(), OFFICE)
    sent = await report(ground, "p-1", {"amount": "30.00", "top_up_code": "NO-SUCH-1", "donor_name": "Dora"})
    assert sent.status_code == 200, sent.text
    card = desk.locator("#held li")
    await expect(card).to_contain_text("Sent with code “NO-SUCH-1”, which nobody has")
    await card.get_by_placeholder("User id or code").fill(anna.user_id)
    await card.get_by_role("button", name="Assign").click()
    await desk.get_by_label("How much").fill("10.00")
    await yes(desk)
    await expect(card).to_contain_text("€20.00 of €30.00 from Dora")
    await expect(desk.locator(".toasts")).to_contain_text("€10.00 given to Anna")
    assert await ground.balance(anna) == 1_000
    await card.get_by_role("button", name="Give back").click()
    await desk.get_by_label("Reason").fill("Gave too much")
    await picture(desk, "office-give-back")
    await yes(desk)
    await expect(desk.locator("#held-state")).to_have_text("All money has an owner.")


async def test_a_report_that_nobody_can_read_is_booked_or_dismissed(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer()
    desk = await pages.open(await ground.admin(), OFFICE)
    await expect(desk.locator("#unread-section")).to_be_hidden()
    for name in ("p-2", "p-3"):
        assert (await report(ground, name, {"amount": {"value": name}})).json()["status"] == "kept"
    cards = desk.locator("#unread li")
    await expect(cards).to_have_count(2)
    card = cards.filter(has_text="p-2")
    await picture(desk, "office-unread")
    await card.get_by_label("Amount").fill("12.50")
    await card.get_by_label("Whose").fill(anna.user_id)
    await card.get_by_role("button", name="Book").click()
    await expect(desk.locator("#ask-words")).to_contain_text("go into the wallet of Anna")
    await yes(desk)
    await expect(cards).to_have_count(1)
    assert await ground.balance(anna) == 1_250
    await cards.get_by_role("button", name="Dismiss").click()
    await desk.get_by_label("Reason").fill("A test of the provider's")
    await yes(desk)
    await expect(desk.locator("#unread-section")).to_be_hidden()


async def test_every_target_is_large_enough_on_every_screen(pages: Pages) -> None:
    ground = pages.ground
    await ground.customer(funds=2_000)
    assert (await report(ground, "p-4", {"amount": {"value": 1}})).status_code == 200
    assert (
        await report(ground, "p-5", {"amount": "30.00", "user_id": "a-very-long-user-id-that-nobody-has"})
    ).is_success
    for name, size in (("office", OFFICE), ("tablet", TABLET), ("phone", PHONE)):
        desk = await pages.open(await ground.admin(), size)
        await expect(desk.locator("#unread li")).to_have_count(1)
        await expect(desk.locator("#held li")).to_have_count(1)
        await fits(desk)
        await desk.set_viewport_size({"width": size["width"], "height": 4_000})
        await apart(desk, "#unread", 4)
        await apart(desk, "#held", 2)
        await desk.get_by_role("button", name="Take back").first.scroll_into_view_if_needed()
        await apart(desk, "#transactions", 1)
        await picture(desk, f"{name}-today")
        await view(desk, "Payouts")
        await expect(desk.locator("#claims-state")).to_have_text("No provider has taken anything back.")
        await fits(desk)


async def test_much_waits_for_a_second_organiser_and_a_provider_takes_back(tmp_path: Path, browser: Browser) -> None:
    meanings = {"EVENT": "kind", "EVENTS__PAID": '["paid"]', "EVENTS__DISPUTED": '["disputed"]', "CLAIM_ID": "claim"}
    settings = {f"FUNDS__ZEFFY__{name}": value for name, value in meanings.items()}
    with ServerProcess(tmp_path, settings={**settings, "LIMITS__SECOND_PERSON_ABOVE": "5000"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            stall, anna = await ground.stall(), await ground.customer()
            payment = {"amount": "60.00", "user_id": anna.user_id}
            assert (await report(ground, "p-6", {"kind": "paid", **payment})).json()["status"] == "credited"
            await ground.placed(anna, stall)
            desk = await pages.open(await ground.admin(), OFFICE)
            row = desk.locator("#transactions tr", has_text="provider:zeffy")
            await row.get_by_role("button", name="Take back").click()
            await desk.get_by_label("How much").fill("51.00")
            await desk.get_by_label("Reason").fill("Stolen card")
            await yes(desk)
            await expect(desk.locator(".toasts")).to_contain_text("waits for a second organiser")
            await expect(desk.locator("#confirmations-count")).to_have_text("1")
            assert await ground.balance(anna) == 5_250

            phone = await pages.open(anna)
            disputed = await report(ground, "p-6", {"kind": "disputed", "claim": "d-1", **payment})
            assert disputed.json()["status"] == "taken-back", disputed.text
            await expect(phone.locator("#balance")).to_have_text("€0.00")
            await view(phone, "Messages")
            await expect(phone.locator("#notifications")).to_contain_text(
                "zeffy has taken €52.50 of your payment back."
            )
            await view(desk, "Payouts")
            await expect(desk.locator("#claims li")).to_contain_text("Dispute at zeffy")
            await expect(desk.locator("#claims li")).to_contain_text("€52.50 taken back, €7.50 lost: spent already")
            await picture(desk, "office-claims")
            assert pages.complaints == []
