"""After ordering: taking it back in time, being called, and saying that one comes."""

import re
from datetime import datetime

from playwright.async_api import Route, expect

from tests.browser.guest.acts import hungry, open_menu, view
from tests.browser.pages import LAPTOP, Pages


async def test_an_order_is_cancelled_in_time_at_a_stall_that_accepts_by_itself(pages: Pages) -> None:
    _, anna, page = await hungry(pages)
    await page.get_by_label("Add wrap").click()
    await page.locator("#order").click()
    await expect(page.locator("#orders .order")).to_contain_text("Being prepared")
    stop = page.get_by_role("button", name=re.compile(r"Cancel \(\d+ s\)"))
    await expect(stop).to_be_visible()
    first = await stop.inner_text()
    await expect(stop).not_to_have_text(first)  # it counts down, in place
    await stop.click()
    await expect(page.locator("#orders .order")).to_contain_text("€7.50 refunded")
    await expect(page.locator("#orders .order")).to_contain_text("Cancelled")
    assert await pages.ground.balance(anna) == 20_000


async def test_the_time_to_cancel_is_the_servers_whatever_the_phones_clock_says(pages: Pages) -> None:
    await pages.context.add_init_script("const now = Date.now; Date.now = () => now() + 3_600_000;")
    _, _, page = await hungry(pages)
    await page.get_by_label("Add wrap").click()
    await page.locator("#order").click()
    await expect(page.get_by_role("button", name=re.compile(r"Cancel \((1\d|20) s\)"))).to_be_visible()


async def test_the_button_goes_when_the_time_is_over_and_who_is_late_is_told(pages: Pages) -> None:
    _, _, page = await hungry(pages)

    async def soon(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        body["order"]["cancellableUntil"] = body["order"]["createdAt"]
        await route.fulfill(response=answer, json=body)

    await page.route("**/v1/orders", soon)
    await page.get_by_label("Add wrap").click()
    await page.locator("#order").click()
    await expect(page.locator("#orders .order")).to_contain_text("Being prepared")
    await expect(page.get_by_role("button", name="Cancel")).to_have_count(0)

    await page.unroute("**/v1/orders")
    await open_menu(page)
    await page.get_by_label("Add wrap").click()
    await page.locator("#order").click()
    stop = page.get_by_role("button", name=re.compile(r"Cancel \(\d+ s\)"))
    await expect(stop).to_be_visible()
    refusal = {
        "status": 409,
        "code": "invalid-transition",
        "title": "No.",
        "orderStatus": "preparing",
        "asked": "cancelled",
    }
    await page.route("**/v1/orders/*/cancel", lambda route: route.fulfill(status=409, json=refusal))
    await stop.click()
    await expect(page.locator("#toasts")).to_contain_text("Too late to cancel: the stall has begun.")


async def test_what_was_just_paid_by_code_is_cancelled_on_the_page_that_paid_it(pages: Pages) -> None:
    stall, anna = await pages.ground.stall(), await pages.ground.customer(funds=2_000)
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}", who=anna)
    await pages.live(page)
    await page.get_by_role("button", name="Pay €3.00").click()
    await page.get_by_role("button", name=re.compile(r"Cancel \(\d+ s\)")).click()
    await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    await expect(page.locator("#paid-text")).to_have_text("€3.00 went back into your wallet.")
    await expect(page.locator("#paid-cancel")).to_be_hidden()
    assert await pages.ground.balance(anna) == 2_000


async def test_the_stall_is_told_that_a_guest_comes(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    tablet = await pages.open(anna, LAPTOP)
    order_id = await pages.ground.placed(anna, stall)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/coming") else None)
    await pages.ground.step(stall, order_id, "ready")
    await page.get_by_role("button", name="I'm coming").click()
    await view(page, "Orders")
    await expect(page.locator("#orders .order")).to_contain_text("The stall knows you're coming.")
    await expect(tablet.locator("#orders .order")).to_contain_text("The stall knows you're coming.")
    await expect(tablet.locator("#ready")).to_be_hidden()  # one answer is enough
    assert (await pages.ground.get(f"/v1/orders/{order_id}", who=stall)).json()["comingAt"]
    assert len(sent) == 1

    for status in ("preparing", "ready"):  # called by mistake, and then in earnest
        await pages.ground.step(stall, order_id, status)
    await page.get_by_role("button", name="I'm coming").click()
    await expect(page.locator("#orders .order")).to_contain_text("The stall knows you're coming.")
    assert len(sent) == 2


async def test_a_call_after_a_recall_is_heard_by_a_page_that_was_away(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    order_id = await pages.ground.placed(anna, stall)
    await pages.ground.step(stall, order_id, "ready")
    await page.get_by_role("button", name="I'm coming").click()
    await view(page, "Orders")
    await expect(page.locator("#orders .order")).to_contain_text("The stall knows you're coming.")
    await page.goto("about:blank")
    for status in ("completed", "ready"):
        assert (await pages.ground.step(stall, order_id, status)).is_success
    await page.goto(f"{pages.ground.url()}/customer/#view=orders")
    await pages.live(page)
    await expect(page.locator("#orders .order")).not_to_contain_text("The stall knows")
    await page.get_by_role("button", name="I'm coming").click()
    await expect(page.locator("#orders .order")).to_contain_text("The stall knows you're coming.")
    assert (await pages.ground.get(f"/v1/orders/{order_id}", who=stall)).json()["comingAt"]


async def test_a_stall_that_could_not_be_told_is_not_said_to_know(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    order_id = await pages.ground.placed(anna, stall)
    await pages.ground.step(stall, order_id, "ready")
    await expect(page.locator("#ready")).to_be_visible()
    await pages.context.set_offline(offline=True)
    await expect(page.locator("#link")).to_have_text("Offline")
    await page.get_by_role("button", name="I'm coming").click()
    await expect(page.locator("#toasts")).to_contain_text("the stall doesn't know yet that you're coming")
    await view(page, "Orders")
    await expect(page.locator("#orders .order")).not_to_contain_text("The stall knows")
    await pages.context.set_offline(offline=False)
    await pages.live(page)
    async with page.expect_request("**/coming"):
        await page.get_by_role("button", name="Tell the stall I'm coming").click()


async def test_an_older_server_knows_nothing_of_coming_and_that_is_no_fault(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    order_id = await pages.ground.placed(anna, stall)
    await pages.ground.step(stall, order_id, "ready")
    missing = {"status": 404, "code": "not-found", "title": "There is no such path."}
    await page.route("**/v1/orders/*/coming", lambda route: route.fulfill(status=404, json=missing))
    async with page.expect_response("**/coming"):
        await page.get_by_role("button", name="I'm coming").click()
    await view(page, "Orders")
    await expect(page.locator("#ready")).to_be_hidden()
    await expect(page.locator("#orders .order")).not_to_contain_text("coming")
    await expect(page.locator("#toasts")).not_to_contain_text("coming")


async def test_what_was_picked_up_keeps_its_time_and_waits_for_nothing(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    order_id = await pages.ground.placed(anna, stall)
    body = {"status": "preparing", "estimatedTime": 15}
    assert (await pages.ground.post(f"/v1/orders/{order_id}/status", body, who=stall)).is_success
    await view(page, "Orders")
    await expect(page.locator("#orders .order")).to_contain_text("about 15 min")
    for status in ("ready", "completed"):
        await pages.ground.step(stall, order_id, status)
    order = page.locator("#orders .order")
    await expect(order).to_contain_text("Picked up")
    await expect(order).not_to_contain_text("min")
    await expect(order).not_to_contain_text("queue")
    shown = await page.locator("#orders .order-head .muted").inner_text()
    assert datetime.strptime(shown, "%H:%M")  # noqa: DTZ007  # only that it is a time
    await page.reload()
    await pages.live(page)
    await expect(page.locator("#orders .order-head .muted")).to_have_text(shown)
