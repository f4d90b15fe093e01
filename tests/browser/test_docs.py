"""The page that shows the contract to people, in a real browser, without signing in."""

from playwright.async_api import expect

from tests.browser.pages import LAPTOP, PHONE, Pages
from tests.support.contract import ASYNCAPI, OPENAPI


async def test_every_route_and_every_event_is_shown_and_found(pages: Pages) -> None:
    page = await pages.tab("/docs/", PHONE)
    entries = page.locator("#sections .entry")
    await expect(page.locator("#found")).to_contain_text("routes, events and refusals")
    shown = set(await entries.locator("summary .path").all_inner_texts())
    events = {event for channel in ASYNCAPI["channels"].values() for event in channel["messages"]}
    assert set(OPENAPI["paths"]) | events <= shown

    await page.get_by_label("Search").fill("insufficient place")
    placing = page.locator("#post-v1-orders")
    await expect(placing).to_be_visible()
    await expect(page.locator("#get-v1-vendors")).to_be_hidden()
    await placing.locator("summary").click()
    await expect(placing).to_contain_text("expectedTotal")
    await expect(placing).to_contain_text("409 insufficient-funds")
    await expect(placing.locator(".curl")).to_contain_text(r"curl -s -w '\n' -X POST ")
    await expect(placing.locator(".curl")).to_contain_text('-H "Idempotency-Key: $(date +%s%N)"')
    await expect(placing.locator(".curl")).to_contain_text(
        '{"vendorId":"<vendorId>","items":[{"itemId":"<itemId>","quantity":1}]}'
    )
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    assert pages.complaints == []


async def test_a_link_leads_to_its_entry(pages: Pages) -> None:
    page = await pages.tab("/docs/#v1-stream-balance-updated", LAPTOP)
    entry = page.locator("details[open]")
    await expect(entry).to_contain_text("newBalance")
    await expect(entry).to_contain_text("user:<owner>")
    await expect(entry).to_be_in_viewport()
    assert pages.complaints == []
