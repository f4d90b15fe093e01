"""My account: how somebody signs in, which is nobody else's business."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, Route, expect

from tests.browser.guest.acts import view
from tests.browser.pages import PHONE, Pages
from tests.browser.relations.parts import OFFICE, TABLET, page_of, sign_in_of
from tests.browser.stall.kitchen import section
from tests.support.ground import PIN, Person


async def test_the_sign_in_name_is_covered_until_somebody_taps(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    sign_in = await sign_in_of(ground, anna)
    phone = await pages.open(anna, PHONE)
    await view(phone, "Wallet")
    assert sign_in not in await phone.content()
    await phone.get_by_role("button", name="Show my sign-in name").click()
    await expect(phone.get_by_label("Your sign-in name")).to_have_text(sign_in)
    assert sign_in not in phone.url
    await phone.get_by_role("button", name="Hide my sign-in name").click()
    assert sign_in not in await phone.content()


async def test_every_page_has_the_account_and_its_way_out(pages: Pages) -> None:
    ground = pages.ground
    stall, organiser = await ground.stall(), await ground.admin()
    tablet, desk = await pages.open(stall, TABLET), await page_of(pages, organiser, "admin", OFFICE)
    await section(tablet, "Stall")
    await view(desk, "My account")
    for page in (tablet, desk):
        await expect(page.locator("#account #pin-change")).to_be_visible()
        await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()


async def test_whose_sign_in_name_others_know_takes_a_new_one(pages: Pages) -> None:
    """As a keeper of before, who signed in with the stall's id."""
    ground = pages.ground
    anna = await ground.customer("Anna")

    async def known(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "signInPublic": True})

    phone = await page_with_route(pages, anna, known)
    await view(phone, "Wallet")
    old = await sign_in_of(ground, anna)
    await phone.get_by_role("button", name="Take a new sign-in name").click()
    name = phone.get_by_label("Your sign-in name")
    await expect(name).to_be_visible()
    await expect(name).not_to_have_text(old)
    new = await name.inner_text()
    assert await sign_in_of(ground, anna) == new
    for tried, status in ((old, 401), (new, 200)):
        assert (await ground.post("/v1/auth/login", {"signIn": tried, "pin": PIN})).status_code == status
    await expect(phone.get_by_role("button", name="Take a new sign-in name")).to_be_hidden()


async def test_who_has_no_sign_in_name_and_came_by_a_link_is_told_what_concerns_them(pages: Pages) -> None:
    """As the people of the demo, and those of an identity provider, whom a stall takes on by their id too."""
    anna = await pages.ground.customer("Anna")

    async def nameless(route: Route) -> None:
        answer = await route.fetch()
        me = await answer.json()
        del me["signIn"]
        await route.fulfill(response=answer, json=me)

    async def unlisted(route: Route) -> None:
        await route.fulfill(json={"items": []})

    await pages.context.route("**/v1/me/sessions", unlisted)
    phone = await page_with_route(pages, anna, nameless)
    await view(phone, "Wallet")
    await expect(phone.locator("[data-account=user-id]")).to_have_text(anna.user_id)
    await expect(phone.locator("#pin-change")).to_have_count(0)
    await phone.get_by_text("Where I am signed in").click()
    await expect(phone.locator("#sessions").get_by_role("status")).to_contain_text("This device is not in the list")
    await expect(phone.get_by_role("button", name="Sign out everywhere else")).to_be_hidden()


async def page_with_route(pages: Pages, person: Person, answer: Callable[[Route], Awaitable[None]]) -> Page:
    """The customer page of somebody, whose `GET /v1/me` is answered in another way."""
    await pages.context.route("**/v1/me", answer)
    return await page_of(pages, person, "customer")


async def test_a_weak_pin_is_refused_with_its_reason(pages: Pages) -> None:
    phone = await pages.open(await pages.ground.customer("Anna"), PHONE)
    await view(phone, "Wallet")
    form = phone.locator("#pin-change")
    await form.get_by_text("Change my PIN").first.click()
    for pin, why in (("123456", "is a sequence"), ("1999", "is a year")):
        await form.get_by_label("Old PIN").fill(PIN)
        await form.get_by_label("New PIN", exact=True).fill(pin)
        await form.get_by_label("New PIN again").fill(pin)
        await form.get_by_role("button", name="Change my PIN").click()
        await expect(form.get_by_role("alert")).to_contain_text(f"guessed too easily: it {why}")


async def test_a_paused_sign_in_counts_down(pages: Pages) -> None:
    page = await pages.tab("/vendor/")
    waits = {"code": "too-many-tries", "title": "T", "status": 429}

    async def pause(route: Route) -> None:
        await route.fulfill(status=429, headers={"Retry-After": "62"}, json=waits)

    await page.route("**/v1/auth/login", pause)
    await page.clock.install(time="2026-06-01T12:00:00Z")
    await page.clock.pause_at("2026-06-01T13:00:00Z")
    await page.get_by_label("Sign-in name").fill("anna")
    await page.get_by_label("PIN").fill(PIN)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    problem = page.locator("#gate").get_by_role("alert")
    await expect(problem).to_have_text("Too many wrong PINs. Try again in 2 minutes.")
    await page.clock.run_for(3_000)
    await expect(problem).to_have_text("Too many wrong PINs. Try again in a minute.")
    await page.clock.run_for(60_000)
    await expect(problem).to_have_text("You can try again now.")


async def test_somebody_sees_where_they_are_signed_in_and_ends_it(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    phone = await pages.open(anna, PHONE)
    sign_in = await sign_in_of(ground, anna)
    other = await ground.post("/v1/auth/login", {"userId": sign_in, "pin": PIN})
    ground.http.cookies.clear()
    lost = Person(user_id=anna.user_id, token=other.json()["token"], role="customer")
    tablet = await pages.open(lost, TABLET)
    await view(phone, "Wallet")
    await phone.get_by_text("Where I am signed in").click()
    rows = phone.locator("#sessions li")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="This one")).to_have_count(1)
    await phone.locator("#sessions li").get_by_role("button").click()
    await expect(rows).to_have_count(1)
    await expect(tablet.locator("#gate")).to_contain_text("This session was signed out.")
    assert (await ground.get("/v1/me", who=lost)).status_code == 401
    assert (await ground.get("/v1/me", who=anna)).status_code == 200
