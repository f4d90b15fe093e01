"""Second factors in a real browser: an app and a passkey are added, sign their owner in, and are removed.

The passkey is that of Chromium's virtual authenticator.
"""

from pathlib import Path
from typing import Any

import pyotp
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE, sign_in_of
from tests.support.ground import PIN, Ground
from tests.support.servers.server import ServerProcess

MOUNT = """async () => {
  const { mountFactors } = await import("/static/ui/account/factors.js");
  const { createClient } = await import("/static/sdk/client.js");
  const element = document.createElement("section");
  element.id = "own-factors";
  document.body.prepend(element);
  mountFactors(element, createClient());
}"""


async def sign_in(page: Page, name: str) -> None:
    """The first step, on the page of their role."""
    have = page.get_by_role("button", name="I have an account: sign in")
    submit = page.get_by_role("button", name="Sign in", exact=True)
    await expect(have.or_(submit)).to_be_visible()
    if await have.is_visible():
        await have.click()
    await page.locator("input[autocomplete=username]").fill(name)
    await page.get_by_label("PIN", exact=True).fill(PIN)
    await submit.click()


async def panel(page: Page) -> Locator:
    """Their second factors, above all else on the page."""
    await page.evaluate(MOUNT)
    own = page.locator("#own-factors")
    await expect(own.get_by_role("button", name="Add an authenticator app")).to_be_visible()
    return own


async def virtual_authenticator(page: Page) -> Any:
    """A device that keeps passkeys and knows its owner, without asking anybody."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


async def on_localhost(pages: Pages, path: str) -> Page:
    """A tab at a name that passkeys can be bound to: an address is none."""
    page = await pages.tab(path)
    await page.goto(pages.ground.url().replace("127.0.0.1", "localhost") + path)
    return page


async def sign_out(page: Page) -> None:
    """As a browser that has forgotten everything but its passkeys."""
    await page.context.clear_cookies()
    await page.evaluate("sessionStorage.clear()")
    await page.goto(page.url.partition("#")[0])
    await page.reload()


async def test_an_app_is_added_and_its_codes_sign_in(pages: Pages) -> None:
    name = await sign_in_of(pages.ground, await pages.ground.customer())
    page = await pages.tab("/customer/")
    await sign_in(page, name)
    await pages.live(page)
    own = await panel(page)
    await own.get_by_role("button", name="Add an authenticator app").click()
    await own.get_by_label("Your PIN").fill("000000")
    await page.keyboard.press("Enter")
    await expect(own.get_by_role("alert")).to_have_text("This is not your PIN.")
    await own.get_by_label("Your PIN").fill(PIN)
    await page.keyboard.press("Enter")
    await expect(own.get_by_role("img", name="QR code for your app")).to_be_visible()
    secret = await own.locator("code").inner_text()
    await own.get_by_label("Code from your app").fill(pyotp.TOTP(secret).at(await clock_s(page)))
    await own.get_by_label("Name").fill("My phone")
    await own.get_by_role("button", name="Add it").click()
    codes = own.locator(".recovery-codes li")
    await expect(codes).to_have_count(10)
    recovery = await codes.first.inner_text()
    await own.get_by_role("button", name="I have kept them").click()
    await expect(own.get_by_text("My phone", exact=True)).to_be_visible()

    await sign_out(page)
    await sign_in(page, name)
    await page.get_by_label("Code from your app").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.locator(".second-step").get_by_role("alert")).to_contain_text("not right")
    # The next code counts already: the present one was used, and thirty seconds may be over at any moment.
    await page.get_by_label("Code from your app").fill(pyotp.TOTP(secret).at(await clock_s(page), counter_offset=1))
    await page.keyboard.press("Enter")
    await pages.live(page)

    await sign_out(page)
    await sign_in(page, name)
    await page.get_by_role("button", name="I have lost it: use a recovery code").click()
    await page.get_by_label("Recovery code").fill(recovery.lower())
    await page.keyboard.press("Enter")
    await pages.live(page)
    own = await panel(page)
    await expect(own.get_by_text("9 recovery codes are left")).to_be_visible()
    await own.get_by_role("button", name="Remove My phone").click()
    await own.get_by_label("Your PIN").fill(PIN)
    await page.keyboard.press("Enter")
    await expect(own.get_by_role("status")).to_have_text("My phone was removed.")


async def clock_s(page: Page) -> int:
    """Seconds since 1970, by the browser's clock, which is the server's."""
    now: int = await page.evaluate("Math.floor(Date.now() / 1000)")
    return now


async def test_a_passkey_is_added_and_signs_in_with_a_pin_and_alone(pages: Pages) -> None:
    anna = await pages.ground.customer()
    name = await sign_in_of(pages.ground, anna)
    page = await on_localhost(pages, "/customer/")
    await virtual_authenticator(page)
    await sign_in(page, name)
    await pages.live(page)
    own = await panel(page)
    await own.get_by_role("button", name="Add a passkey").click()
    await own.get_by_label("Your PIN").fill(PIN)
    await page.keyboard.press("Enter")
    await expect(own.locator(".recovery-codes li")).to_have_count(10)
    await own.get_by_role("button", name="I have kept them").click()
    await expect(own.get_by_role("status")).to_contain_text("Passkey is your second factor now")
    await own.get_by_role("button", name="Add a passkey").click()
    await own.get_by_label("Your PIN").fill(PIN)
    await page.keyboard.press("Enter")
    await expect(own.get_by_role("alert")).to_have_text("This device has a passkey for you already.")

    await sign_out(page)
    await sign_in(page, name)
    await page.get_by_role("button", name="Use my passkey").click()
    await pages.live(page)

    await sign_out(page)
    have = page.get_by_role("button", name="I have an account: sign in")
    alone = page.get_by_role("button", name="Sign in with a passkey")
    await expect(have.or_(alone)).to_be_visible()
    if await have.is_visible():
        await have.click()
    await alone.click()
    await pages.live(page)
    me: dict[str, Any] = await page.evaluate("fetch('/v1/me').then((answer) => answer.json())")
    assert (me["userId"], me["secondFactor"]) == (anna.user_id, "present")


async def test_what_is_touched_is_large_enough_and_named(pages: Pages) -> None:
    name = await sign_in_of(pages.ground, await pages.ground.customer())
    page = await on_localhost(pages, "/customer/")
    await virtual_authenticator(page)
    await sign_in(page, name)
    await pages.live(page)
    own = await panel(page)
    small = """[...document.querySelectorAll("#own-factors :is(button, a, input)")].filter((each) => {
      const { width, height } = each.getBoundingClientRect();
      const isNamed = each.textContent.trim() || each.labels?.length;
      return !isNamed || width < 44 || height < 44;
    }).map((each) => each.outerHTML)"""
    assert await page.evaluate(small) == []
    await own.get_by_role("button", name="Add an authenticator app").click()
    assert await page.evaluate(small) == []
    await own.get_by_label("Your PIN").fill(PIN)
    await page.keyboard.press("Enter")
    await expect(own.get_by_label("Code from your app")).to_be_focused()
    assert await page.evaluate(small) == []


async def test_a_panel_that_can_not_be_read_says_so(pages: Pages) -> None:
    page = await pages.tab("/customer/")
    await page.evaluate(MOUNT)
    own = page.locator("#own-factors")
    await expect(own.get_by_role("alert")).to_contain_text("sign in again")
    await expect(own.get_by_role("button", name="Try again")).to_be_visible()


async def test_an_organiser_without_one_adds_it_before_anything_else(tmp_path: Path, browser: Browser) -> None:
    with ServerProcess(tmp_path, settings={"AUTH__SECOND_FACTOR": "required"}) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            desk = await pages.tab("/admin/", OFFICE, who=await ground.admin())
            await pages.live(desk)
            tabs = desk.get_by_role("navigation", name="Sections").get_by_role("link")
            await expect(tabs).to_have_text(["My account"])
            await expect(desk.locator("#factors")).to_contain_text("the office stays closed")
            await desk.get_by_role("button", name="Add an authenticator app").click()
            await desk.locator("#factors").get_by_label("Your PIN").fill(PIN)
            await desk.keyboard.press("Enter")
            await expect(desk.locator("#factors .factor-secret")).to_be_visible()
            assert pages.complaints == []
