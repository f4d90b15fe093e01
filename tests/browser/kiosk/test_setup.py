"""A screen is paired by a code or a link, shows several stalls, and remembers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.async_api import Route, expect

from tests.browser.pages import WALL, Pages


async def test_a_screen_shows_several_stalls_and_keeps_them(pages: Pages) -> None:
    ground = pages.ground
    sun, moon, anna = await ground.stall(), await ground.stall("Moon"), await ground.customer(funds=3_000)
    screens = [await ground.screen(sun), await ground.screen(moon)]
    await ground.step(sun, await ground.placed(anna, sun), "ready")
    await ground.placed(anna, moon)
    first = await pages.open_board(screens[0])
    await first.goto(first.url.partition("#")[0] + "#setup")
    await first.get_by_text("Enter a link by hand").click()
    await first.get_by_label("Stall id").fill(screens[1].vendor_id)
    await first.get_by_label("Display token").fill(screens[1].token)
    await first.get_by_role("button", name="Show this stall").click()
    await pages.live(first)
    assert "token" not in first.url
    await first.close()

    again = await pages.tab("/kiosk/", WALL)  # as after a power cut
    await pages.live(again)
    await expect(again.locator(".stall h2")).to_have_text(["Falafel Sun", "Moon"])
    await expect(again.locator("#ready li")).to_have_text("1")
    await expect(again.locator("#preparing-2 li")).to_have_text("1")
    removed = f"{ground.url()}/v1/displays/{screens[1].display_id}"
    assert (await ground.http.delete(removed, headers=moon.bearer)).status_code == 204
    await expect(again.locator("#link")).to_have_text("Moon: no access")
    await expect(again.locator(".stall[data-link=live] h2")).to_have_text("Falafel Sun")

    dead = "document.getElementById('clock').click(), document.getElementById('add-stall').disabled"
    assert await again.evaluate(dead)  # the second touch of a double one
    await again.get_by_role("button", name="Add a stall").click()
    moon_row = again.locator("#paired-list li", has_text=screens[1].vendor_id)
    for name in ("Remove", "Put back", "Remove"):
        await moon_row.get_by_role("button", name=name).click()
    await again.get_by_role("button", name="Show the board").click()
    await pages.live(again)
    await expect(again.locator(".stall")).to_have_count(1)


@dataclass
class Pairing:
    """What the server answers to a request to pair, and to the questions that follow."""

    begun: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    async def begin(self, route: Route) -> None:
        asked = route.request.post_data_json
        assert asked is not None
        self.codes.append(asked["code"])
        await route.fulfill(**self.begun)

    async def tell(self, route: Route) -> None:
        assert route.request.headers["authorization"] == "Bearer s1"
        await route.fulfill(**self.told)


UNKNOWN: Final = {"status": 404, "json": {"code": "not-found"}}
BEGUN: Final = {"pairingId": "p1", "secret": "s1", "vendorId": "sun", "vendorName": "Sun", "expiresAt": "2026-06-01Z"}


async def test_a_screen_is_paired_by_a_code_and_each_refusal_has_a_way_back(pages: Pages) -> None:
    ground = pages.ground
    screen = await ground.screen(await ground.stall())
    page, server = await pages.tab("/kiosk/", WALL), Pairing(begun=UNKNOWN)
    await page.route("**/v1/displays/pairings", server.begin)
    await page.route("**/v1/displays/pairings/p1", server.tell)
    words, keys = page.locator("#pair-words"), page.locator("#keys")
    await expect(words).to_contain_text("Ask the stall for a code")
    await page.keyboard.type("ab0o1c")  # look-alikes type nothing
    await expect(page.locator("#code")).to_have_text("A B C _ _ _")
    await page.keyboard.press("Backspace")
    await page.keyboard.type("d234")
    await expect(words).to_contain_text("This code is not known")

    server.begun = {"status": 202, "json": BEGUN}
    server.told = {"status": 200, "json": {"status": "waiting", "vendorId": "sun"}}
    for char in "QRS56":
        await keys.get_by_role("button", name=char, exact=True).click()
    await keys.get_by_role("button", name="2", exact=True).dblclick()  # the second one calls nothing off
    await expect(words).to_contain_text("Waiting for Sun to confirm")
    server.told = {"status": 200, "json": {"status": "refused", "vendorId": "sun"}}
    await expect(words).to_contain_text("The stall has refused this screen")

    server.told = UNKNOWN
    await page.keyboard.press("ArrowRight")  # a remote control: the first key, then its neighbour
    await page.keyboard.press("ArrowRight")
    for _ in range(6):
        await page.keyboard.press("Enter")
    await expect(words).to_contain_text("has not confirmed in time")

    server.told = {"status": 503, "json": {}}
    await page.keyboard.type("222222")
    await expect(words).to_contain_text("No connection to the server")
    confirmed = {"status": "confirmed", "vendorId": screen.vendor_id, "token": screen.token}
    server.told = {"status": 200, "json": confirmed}
    await pages.live(page)
    assert server.codes == ["ABD234", "QRS562", "333333", "222222"]
    await expect(page.locator("#stall")).to_have_text("Falafel Sun")
    await expect(page.locator("#setup")).to_be_hidden()
    await page.reload()
    await pages.live(page)


async def test_the_stall_confirms_a_screen_that_was_paired_by_its_code(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await ground.placed(anna, stall)
    displays = f"/v1/vendors/{stall.vendor_id}/displays"
    code = (await ground.post(f"{displays}/codes", {"name": "Left of the door"}, who=stall)).json()["code"]
    page = await pages.tab("/kiosk/", WALL)
    keys = {key.strip() for key in await page.locator("#keys .key").all_inner_texts()}
    assert set(code) <= keys
    async with page.expect_response("**/v1/displays/pairings") as asking:
        await page.keyboard.type(code.lower())
    begun = await (await asking.value).json()
    ground.secrets.add(begun["secret"])
    await expect(page.locator("#pair-words")).to_have_text("Waiting for Falafel Sun to confirm…")
    answer = await ground.post(f"{displays}/pairings/{begun['pairingId']}", {"accept": True}, who=stall)
    assert answer.json()["status"] == "confirmed"
    await pages.live(page)
    await expect(page.locator("#preparing li")).to_have_text("1")
