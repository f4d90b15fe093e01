"""Steps at the stall: a double tap is one, nothing moves under a finger, and what was done can be taken back."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.pages import LAPTOP, Pages
from tests.browser.stall.kitchen import TABLET, more, rested, rush, step, ticket
from tests.browser.stall.test_vendor import more_tones, second_keeper
from tests.browser.test_customer import COUNT_TONES
from tests.support.ground import Ground, Stall
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until

# Each tap comes at its time by the page's clock, however late a busy machine lets it come.
TAPS: Final = """async (taps) => {
  let at = performance.now();
  for (const {x, y, after} of taps) {
    await new Promise((resolve) => setTimeout(resolve, after));
    at += after;
    const click = new MouseEvent('click', {bubbles: true, cancelable: true, clientX: x, clientY: y, detail: 1});
    performance.now = () => at;
    document.elementFromPoint(x, y)?.dispatchEvent(click);
    delete performance.now;
  }
}"""


async def middle(target: Locator) -> dict[str, float]:
    """Where a finger would tap it."""
    box = await target.bounding_box()
    assert box is not None
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


async def tap(page: Page, target: Locator, *after_ms: int) -> None:
    """Tap the same place at once and again after each time, whatever stands there then."""
    await rested(page)
    at = await middle(target)
    await page.evaluate(TAPS, [{**at, "after": after} for after in (0, *after_ms)])


async def statuses(pages: Pages, stall: Stall) -> dict[int, str]:
    """How the server knows the stall's orders, by number."""
    orders = (await pages.ground.get("/v1/orders?limit=100", who=stall)).json()["items"]
    return {order["number"]: order["status"] for order in orders}


async def test_a_double_tap_takes_one_step_on_ready_and_on_picked_up(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 5)
    page = await kitchen.open(stall, TABLET)
    gaps = {1: 60, 2: 200, 3: 450}
    for number, gap in gaps.items():
        await tap(page, page.get_by_role("button", name=f"Ready order {number}"), gap)
        await expect(ticket(page, number, "ready")).to_be_visible()
        await expect(page.locator("#ready-count")).to_have_text(str(number))
        await expect(page.locator("#preparing-count")).to_have_text(str(5 - number))
    for number, gap in gaps.items():
        await tap(page, page.get_by_role("button", name=f"Picked up order {number}"), gap)
        await expect(page.locator("#ready-count")).to_have_text(str(3 - number) if number < 3 else "")

    async def told() -> bool:
        return await statuses(kitchen, stall) == {
            1: "completed", 2: "completed", 3: "completed", 4: "preparing", 5: "preparing",
        }  # fmt: skip

    await until(told, within_s=60)


async def test_two_taps_on_different_tickets_within_a_double_tap_are_one_step(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 3)
    page = await kitchen.open(stall, TABLET)
    await rested(page)
    first, second = [await middle(ticket(page, number).locator(".ticket-next")) for number in (1, 2)]
    await page.evaluate(TAPS, [{**first, "after": 0}, {**second, "after": 100}])
    await expect(page.locator("#ready-count")).to_have_text("1")
    await rested(page)
    await expect(page.locator("#preparing-count")).to_have_text("2")


async def test_a_double_tap_ticks_a_line_once(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 1)
    page = await kitchen.open(stall, TABLET)
    boxes = [page.get_by_role("checkbox", name=f"1 × {name} of order 1 is made") for name in ("wrap", "ayran")]
    await rested(page)
    wrap, ayran = [await middle(box) for box in boxes]
    await page.evaluate(TAPS, [{**wrap, "after": 0}, {**wrap, "after": 150}, {**ayran, "after": 0}])
    for box in boxes:  # the other one at once: two lines may be ticked as quickly as fingers can
        await expect(box).to_be_checked()


async def test_nothing_moves_up_while_one_step_follows_the_other(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 26)
    page = await kitchen.open(stall, TABLET)
    await rested(page)
    first, second = [await middle(ticket(page, number).locator(".ticket-next")) for number in (1, 2)]
    await page.evaluate(TAPS, [{**first, "after": 0}, {**second, "after": 800}])
    await expect(page.locator("#ready-count")).to_have_text("2")
    await expect(ticket(page, 2, "ready")).to_be_visible()
    await expect(page.locator("#preparing .outline")).to_have_count(0)


async def test_a_place_stays_empty_until_the_undo_is_over(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 3)
    page = await kitchen.open(stall, TABLET)
    await rested(page)
    left, stays = [await middle(page.get_by_role("button", name=f"Ready order {number}")) for number in (1, 2)]
    await page.mouse.click(left["x"], left["y"])
    await expect(page.locator("#preparing .outline")).to_have_text("1 ready")
    await expect(ticket(page, 1, "ready")).to_be_visible()
    second = page.get_by_role("button", name="Ready order 2")
    assert await middle(second) == stays
    await expect(page.locator("#preparing .outline")).to_have_count(0)
    assert await middle(second) == left
    await expect(page.locator("#undo li")).to_have_count(0)


async def test_nothing_moves_under_a_finger_that_is_down(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 3)
    page, other = await kitchen.open(stall, TABLET), await kitchen.open(await second_keeper(kitchen, stall), LAPTOP)
    orders = (await ground.get("/v1/orders", who=stall)).json()["items"]
    first = next(order["orderId"] for order in orders if order["number"] == 1)
    await rested(page)
    at = await middle(page.get_by_role("button", name="Ready order 2"))
    await page.mouse.move(at["x"], at["y"])
    await page.mouse.down()
    await ground.step(stall, first, "ready")
    await expect(ticket(other, 1, "ready")).to_be_visible()
    await expect(ticket(page, 1)).to_be_visible()
    await page.mouse.up()
    await expect(page.locator("#preparing .outline").first).to_have_text("1 ready")
    await expect(ticket(page, 2, "ready")).to_be_visible()  # the tap was meant


async def test_a_step_is_undone_on_the_bar(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await ground.placed(anna, stall)
    phone, page = await kitchen.open(anna), await kitchen.open(stall, TABLET)
    await page.get_by_role("button", name="Ready order 1").click()
    await page.get_by_role("button", name="Undo 1 ready").click()
    await expect(ticket(page, 1)).to_be_visible()

    async def is_preparing() -> bool:
        return await statuses(kitchen, stall) == {1: "preparing"}

    await until(is_preparing, within_s=60)
    await expect(phone.locator("#open-orders")).to_contain_text("Being prepared")
    await page.get_by_role("button", name="Ready order 1").click()
    await expect(ticket(page, 1, "ready")).to_be_visible()
    await page.get_by_role("button", name="Picked up order 1").click()
    await expect(page.locator("#ready .outline")).to_have_text("1 picked up")
    await page.get_by_role("button", name="Undo 1 picked up").click()
    await expect(ticket(page, 1, "ready")).to_be_visible()

    async def is_ready() -> bool:
        return await statuses(kitchen, stall) == {1: "ready"}

    await until(is_ready, within_s=60)


async def test_a_picked_up_order_is_called_back_also_after_a_reload(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    for status in ("ready", "completed"):
        await ground.step(stall, order_id, status)
    page = await kitchen.open(stall, TABLET)
    wall = await kitchen.open_board(await ground.screen(stall))
    await page.get_by_role("button", name="Recently done").click()
    await expect(page.locator("#done-list li")).to_contain_text("1 × wrap")
    await page.get_by_role("button", name="Recall order 1").click()
    await expect(ticket(page, 1, "ready")).to_be_visible()
    await expect(wall.locator("#ready")).to_contain_text("1")
    assert await statuses(kitchen, stall) == {1: "ready"}


async def test_an_order_that_is_recalled_elsewhere_is_back_on_the_tablet(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    page = await kitchen.open(stall, TABLET)
    await page.get_by_role("button", name="Ready order 1").click()
    await page.get_by_role("button", name="Picked up order 1").click()
    await expect(page.locator(".ticket")).to_have_count(0)

    async def is_completed() -> bool:
        return bool((await ground.get(f"/v1/orders/{order_id}", who=stall)).json()["status"] == "completed")

    await until(is_completed, within_s=60)
    await ground.step(stall, order_id, "ready")
    await expect(page.locator("#ready .ticket")).to_have_count(1)
    await page.reload()
    await kitchen.live(page)
    await page.get_by_role("button", name="Picked up order 1").click()
    await expect(page.locator(".ticket")).to_have_count(0)


async def test_a_new_order_rings_until_somebody_has_looked(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=5_000)
    await kitchen.context.add_init_script(COUNT_TONES)
    page = await kitchen.open(stall, TABLET)
    await expect(page.locator("#sound")).to_have_text("Tap for sound")
    await page.locator("#sound").click()
    await expect(page.locator("#sound")).to_have_text("Sound is on")
    await ground.placed(anna, stall)
    await expect(page.locator("#ringing")).to_have_text("New order")
    await expect(ticket(page, 1)).to_have_attribute("data-new", "true")
    await ground.placed(anna, stall)
    await expect(page.locator("#ringing")).to_have_text("2 new orders")
    await expect(page).to_have_title(re.compile(r"\(2\) new · Falafel Sun"))
    await more_tones(page)
    await more_tones(page)
    await page.locator(".brand img").click()
    await expect(page.locator("#ringing")).to_be_hidden()
    await expect(page).to_have_title("Falafel Sun · Festival Push")
    await expect(page.locator("[data-new=true]")).to_have_count(0)
    await page.locator("#sound").click()
    await expect(page.locator("#sound")).to_have_text("Sound is off")
    await page.reload()
    await expect(page.locator("#sound")).to_have_text("Sound is off")


async def test_while_the_guest_may_cancel_nothing_rings_and_no_tap_takes_a_step(
    tmp_path: Path, browser: Browser
) -> None:
    with ServerProcess(tmp_path, settings={"ORDERS__CANCEL_S": "12"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            stall, anna = await ground.stall(), await ground.customer(funds=5_000)
            page = await pages.open(stall, TABLET)
            await ground.placed(anna, stall)
            await expect(ticket(page, 1)).to_contain_text("the guest may still cancel")
            await expect(ticket(page, 1)).to_have_attribute("data-age", "grace")
            await expect(page.locator("#ringing")).to_be_hidden()
            await expect(page.locator("#all-day-counts li")).to_have_count(0)
            await ticket(page, 1).locator(".ticket-next").dispatch_event("click")
            await expect(page.locator("#ringing")).to_have_text("New order")
            await expect(ticket(page, 1)).to_have_attribute("data-age", "calm")
            assert await statuses(pages, stall) == {1: "preparing"}
            second = await ground.placed(anna, stall)
            await expect(ticket(page, 2)).to_have_attribute("data-age", "grace")
            cancelled = await ground.post(f"/v1/orders/{second}/cancel", {}, who=anna, key="cancel-2")
            assert cancelled.is_success, cancelled.text
            await expect(page.locator("#preparing .outline")).to_have_text("2 cancelled")
            assert pages.complaints == []


async def test_ages_go_by_the_rules_of_the_server(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await ground.placed(anna, stall)
    rules = {"lateMinutes": 0.05, "veryLateMinutes": 10}

    async def change(route: Route) -> None:
        answer = await route.fetch()
        me = await answer.json()
        await route.fulfill(response=answer, json={**me, "rules": {**me["rules"], **rules}})

    await kitchen.context.route("**/v1/me", change)
    page = await kitchen.open(stall, TABLET)
    await expect(ticket(page, 1)).to_have_attribute("data-age", "late")
    await expect(ticket(page, 1).locator(".ticket-age")).to_contain_text("late")
    rules["veryLateMinutes"] = 0.05
    await page.reload()
    await kitchen.live(page)
    await expect(ticket(page, 1)).to_have_attribute("data-age", "very-late")
    await expect(ticket(page, 1).locator(".ticket-age")).to_contain_text("very late")


async def test_a_device_whose_clock_is_wrong_shows_the_true_ages(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await ground.placed(anna, stall)
    await kitchen.context.clock.install(time=datetime.now(UTC) + timedelta(hours=1))
    page = await kitchen.open(stall, TABLET)
    await expect(ticket(page, 1)).to_have_attribute("data-age", "calm")
    await page.get_by_role("button", name="Ready order 1").click()
    await expect(ticket(page, 1, "ready")).to_have_attribute("data-age", "calm")
    await page.get_by_role("button", name="Picked up order 1").click()
    await page.get_by_role("button", name="Recently done").click()
    await expect(page.get_by_role("button", name="Recall order 1")).to_be_visible()


async def test_a_customer_who_comes_is_seen_on_the_ticket(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    page = await kitchen.open(stall, TABLET)
    await page.get_by_role("button", name="Ready order 1").click()
    await expect(ticket(page, 1, "ready")).to_be_visible()

    async def is_ready() -> bool:  # the page shows it before the server knows
        return await statuses(kitchen, stall) == {1: "ready"}

    await until(is_ready, within_s=60)
    coming = await ground.post(f"/v1/orders/{order_id}/coming", {}, who=anna, key="coming-1")
    assert coming.is_success, coming.text
    await expect(ticket(page, 1, "ready")).to_contain_text("Coming")


async def test_an_amount_that_is_paid_is_no_ticket(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    page = await kitchen.open(stall, TABLET)
    asked = await ground.post("/v1/payment-requests", {"amount": 250, "description": "Deposit"}, who=stall, key="ask-1")
    paid = await ground.post(f"/v1/payment-requests/{asked.json()['requestId']}/pay", {}, who=anna, key="pay-1")
    assert paid.is_success, paid.text
    await ground.placed(anna, stall)
    await expect(page.locator("#ringing")).to_have_text("New order")  # one, not two
    await expect(page.locator("li.ticket")).to_have_count(1)


async def test_without_a_network_the_kitchen_says_what_will_be_sent_and_calls_it_off(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 2)
    page = await kitchen.open(stall, TABLET)
    await expect(page.get_by_role("switch", name="wrap is available")).to_be_visible()
    await rested(page)
    await kitchen.context.set_offline(offline=True)
    await expect(page.locator("#link")).to_have_text("Offline")
    await page.get_by_role("button", name="Ready order 1").click()
    await expect(page.locator("#undo")).to_contain_text("1 ready. You are offline: sent when you are back")
    await expect(ticket(page, 1, "ready")).to_contain_text("Not sent yet")
    await page.get_by_role("switch", name="wrap is available").click()
    await expect(page.locator("#undo")).to_contain_text(
        "wrap: sold out. You are offline: guests see it when you are back"
    )
    await page.get_by_role("button", name="2 wait for the connection").click()
    await expect(page.locator("#waiting-list li")).to_contain_text(["Order 1: ready", "wrap: sold out"])
    await page.get_by_role("button", name="Call off Order 1: ready").click()
    await expect(page.locator("#waiting-words")).to_have_text("Called off: Order 1: ready")
    await page.locator("#waiting-close").click()
    await expect(ticket(page, 1)).to_be_visible()

    sheet = await more(page, 2)
    await sheet.get_by_role("button", name="Cancel order 2").click()
    await sheet.get_by_role("button", name="Closing").click()
    await expect(page.locator("#sheet-problem")).to_have_text("You are offline. Nothing was sent.")
    await page.locator("#sheet-close").click()

    await kitchen.context.set_offline(offline=False)
    await kitchen.live(page)

    async def is_sold_out() -> bool:
        menu = (await ground.get(f"/v1/vendors/{stall.vendor_id}/menu", who=stall)).json()["items"]
        return [item["available"] for item in menu if item["name"] == "wrap"] == [False]

    await until(is_sold_out, within_s=120)
    assert await statuses(kitchen, stall) == {1: "preparing", 2: "preparing"}
    await expect(page.locator("#waiting")).to_be_hidden()


async def test_without_a_network_what_was_done_twice_is_taken_back_in_order(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 2)
    page = await kitchen.open(stall, TABLET)
    chip = page.get_by_role("switch", name="wrap is available")
    await expect(chip).to_be_visible()
    await kitchen.context.set_offline(offline=True)
    await expect(page.locator("#link")).to_have_text("Offline")
    await chip.click()
    await expect(chip).not_to_be_checked()
    await chip.click()
    await page.get_by_role("button", name="Undo wrap: available again").click()
    await expect(chip).not_to_be_checked()

    await page.get_by_role("button", name="Ready order 1").click()
    await page.get_by_role("button", name="Picked up order 1").click()
    await page.get_by_role("button", name="3 wait for the connection").click()
    await page.get_by_role("button", name="Call off Order 1: ready").click()
    await expect(page.locator("#waiting-list li")).to_have_count(1)
    await expect(page.locator("#waiting-list li")).to_contain_text("wrap: sold out")
    await page.locator("#waiting-close").click()
    await expect(ticket(page, 1)).to_be_visible()
    await expect(page.locator("#undo")).not_to_contain_text("1 picked up")


async def test_an_order_that_others_cancel_is_said(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 2)
    page = await kitchen.open(stall, TABLET)
    sheet = await more(page, 1)
    await sheet.get_by_role("button", name="Cancel order 1").click()
    await sheet.get_by_role("button", name="Closing").click()
    await expect(page.locator("#preparing .outline")).to_have_text("1 cancelled")
    orders = (await ground.get("/v1/orders", who=stall)).json()["items"]
    second = next(order["orderId"] for order in orders if order["number"] == 2)
    cancelled = await ground.post(
        f"/v1/orders/{second}/cancel", {"reason": "Storm"}, who=await ground.admin(), key="cancel-2"
    )
    assert cancelled.is_success, cancelled.text
    await expect(page.locator(".toast")).to_contain_text(["Order 2 was cancelled."])


async def test_many_steps_in_a_row_are_all_taken(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 14)
    page = await kitchen.open(stall, TABLET)
    for number in range(1, 15):
        await step(page, number)
    await expect(page.locator("#ready-count")).to_have_text("14")

    async def told() -> bool:
        return set((await statuses(kitchen, stall)).values()) == {"ready"}

    await until(told, within_s=120)
