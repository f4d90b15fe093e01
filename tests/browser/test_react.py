"""The hooks under real React: through a bundler, and as plain modules through an import map."""

import pytest
from playwright.async_api import expect

from tests.browser.hosts import FOLDER, bundle, open_host, serve_host
from tests.browser.pages import LIVE_WITHIN_MS, Pages


@pytest.mark.parametrize("by", ["bundler", "import map"])
async def test_an_app_written_for_the_old_hooks_works(pages: Pages, by: str) -> None:
    script = bundle("app.js") if by == "bundler" else (FOLDER / "host" / "app.js").read_text()
    await serve_host(pages.context, script, import_map=by == "import map")
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    page = await open_host(pages.context, ground.url(), anna)
    await expect(page.locator("#link")).to_have_text("connected", timeout=LIVE_WITHIN_MS)
    await expect(page.locator("#balance")).to_have_text("1000")

    order_id = await ground.placed(anna, stall)
    await expect(page.locator("#balance")).to_have_text("250")
    await ground.step(stall, order_id, "ready")
    notifications = page.locator("#notifications li")
    await expect(notifications.filter(has_text="order-status-changed:ready")).to_have_count(1)
    await expect(notifications.filter(has_text="order-ready:")).to_have_count(1)

    async with page.expect_response("**/v1/balance/refresh") as refreshed:
        await page.locator("#refresh").click()
    assert (await refreshed.value).status == 200

    (server,) = ground.servers
    server.kill()
    await expect(page.locator("#link")).to_have_text("not connected")
    server.start()
    await ground.top_up(anna, 50)
    await expect(page.locator("#balance")).to_have_text("300", timeout=LIVE_WITHIN_MS)
    await expect(page.locator("#link")).to_have_text("connected")

    async with page.expect_event("requestfailed", lambda request: "/v1/stream" in request.url):
        await page.locator("#close").click()
