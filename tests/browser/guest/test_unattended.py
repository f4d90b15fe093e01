"""A stall whose keepers are all suspended, as its customers see it."""

from playwright.async_api import expect

from tests.browser.pages import Pages


async def test_a_stall_closes_with_its_last_keeper_and_what_waits_there_can_be_cancelled(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    anna = await ground.customer("Anna", funds=2_000)
    admin = await ground.admin()
    order_id = await ground.placed(anna, stall)
    page = await kitchen.open(anna)
    await expect(page.locator(".stall")).to_contain_text("See the menu")
    await page.get_by_role("link", name="Orders").click()
    order = page.locator(".order")
    await expect(order).to_contain_text("Falafel Sun")
    await expect(order.get_by_role("button", name="Cancel")).to_have_count(0)  # it is being made

    assert (await ground.post(f"/v1/admin/users/{stall.user_id}/suspend", {}, who=admin)).is_success
    await expect(order.get_by_role("button", name="Cancel order")).to_be_visible()
    await page.get_by_role("link", name="Stalls").click()
    await expect(page.locator(".stall")).to_contain_text("Closed")
    refused = await ground.order(anna, stall)
    assert refused.json()["code"] == "vendor-unattended"

    await page.get_by_role("link", name="Orders").click()
    await order.get_by_role("button", name="Cancel order").click()
    await expect(page.locator("#balance")).to_have_text("€20.00")
    assert (await ground.get(f"/v1/orders/{order_id}", who=anna)).json()["status"] == "cancelled"

    assert (await ground.post(f"/v1/admin/users/{stall.user_id}/unsuspend", {}, who=admin)).is_success
    await page.get_by_role("link", name="Stalls").click()
    await expect(page.locator(".stall")).to_contain_text("See the menu")
