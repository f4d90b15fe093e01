"""Links that sign somebody in: the page asks first, and a stranger's link changes nothing."""

import re
import time
from urllib.parse import urlencode

from playwright.async_api import Page, expect

from festival_push.domain.values import Instant
from festival_push.settings import Auth, Secret, Secrets
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.tokens import Tokens
from tests.browser.pages import LAPTOP, Pages
from tests.browser.relations.parts import sign_in_of
from tests.support.ground import PIN, Person
from tests.support.servers.server import JWT_SECRET


def link(person: Person, *, use: TokenUse = TokenUse.LINK, page: str = "customer", ttl_s: int = 3600) -> str:
    """A link of this person, as the demo prints it."""
    auth = Auth(jwt_secret=Secrets(Secret(JWT_SECRET)))
    tokens = Tokens(
        secrets=auth.jwt_secret,
        issuer=auth.issuer,
        audience=auth.audience,
        now=lambda: Instant(int(time.time() * 1000)),
    )
    return f"/{page}/#" + urlencode({"token": tokens.issue(person.user_id, use, ttl_s).token})


async def signed_in(pages: Pages, person: Person) -> Page:
    """This person's wallet, signed in by cookie like a guest's phone."""
    page = await pages.tab("/customer/")
    answer = await page.evaluate(
        """async ([userId, pin]) => {
          const answer = await fetch("/v1/auth/login", {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ userId, pin }) });
          return answer.status;
        }""",
        [await sign_in_of(pages.ground, person), PIN],
    )
    assert answer == 200
    await page.reload()
    await pages.live(page)
    return page


async def code_of(page: Page) -> str:
    """The top-up code that the page shows."""
    await page.get_by_role("link", name="Wallet").click()
    await expect(page.locator("#top-up-code")).to_have_text(re.compile(r"\S{4,}"))
    return str(await page.locator("#top-up-code").text_content())


async def test_a_strangers_link_is_asked_about_and_a_no_changes_nothing(pages: Pages) -> None:
    anna = await pages.ground.customer("Anna", funds=1_200)
    mallory = await pages.ground.customer("Anna's balance")  # a name of her choice
    hers = await code_of(await signed_in(pages, anna))
    page = await pages.tab(link(mallory))
    await expect(page.get_by_role("heading", name="Sign in as Anna's balance?")).to_be_visible()
    await expect(page.locator("#gate")).to_contain_text("You are Anna (customer) here.")
    await expect(page.locator("#app")).to_be_hidden()
    assert "token" not in page.url
    await expect(page.locator("#link-no")).to_be_focused()
    await page.locator("#link-no").click()
    await pages.live(page)
    await expect(page.locator("#greeting")).to_have_text("Anna's balance")
    await expect(page.locator("#balance")).to_have_text("€12.00")
    assert await code_of(page) == hers
    await page.reload()  # nothing of the link was kept
    await pages.live(page)
    await expect(page.locator("#balance")).to_have_text("€12.00")


async def test_a_yes_turns_this_tab_alone(pages: Pages) -> None:
    anna = await pages.ground.customer("Anna", funds=1_200)
    ben = await pages.ground.customer("Ben", funds=300)
    mine = await signed_in(pages, anna)
    page = await pages.tab(link(ben))
    await page.locator("#link-yes:not([data-resting])").click()
    await pages.live(page)
    await expect(page.locator("#balance")).to_have_text("€3.00")
    await mine.reload()
    await pages.live(mine)
    await expect(mine.locator("#balance")).to_have_text("€12.00")
    await page.get_by_role("link", name="Wallet").click()
    await page.get_by_role("button", name="Sign out").click()  # of the tab; the browser is Anna's
    await pages.live(page)
    await expect(page.locator("#balance")).to_have_text("€12.00")


async def test_a_link_that_is_none_is_refused_and_said(pages: Pages) -> None:
    anna = await pages.ground.customer("Anna", funds=1_200)
    mallory = await pages.ground.customer("Mallory")
    await signed_in(pages, anna)
    for bad in (link(mallory, use=TokenUse.SESSION), "/customer/#token=x", link(mallory, use=TokenUse.TICKET)):
        page = await pages.tab(bad)
        await pages.live(page)
        await expect(page.locator("#toasts")).to_contain_text("You are still Anna.")
        await expect(page.locator("#balance")).to_have_text("€12.00")
        assert "token" not in page.url
        await page.close()


async def test_a_link_opened_in_a_tab_that_is_in_use_asks_too(pages: Pages) -> None:
    anna = await pages.ground.customer("Anna", funds=1_200)
    mallory = await pages.ground.customer("Mallory")
    page = await signed_in(pages, anna)
    await page.evaluate("(hash) => { location.hash = hash }", link(mallory).partition("#")[2])
    await expect(page.get_by_role("heading", name="Sign in as Mallory?")).to_be_visible()
    assert "token" not in page.url
    await page.locator("#link-no").click()
    await pages.live(page)
    await expect(page.locator("#balance")).to_have_text("€12.00")


async def test_a_stall_and_an_office_are_entered_by_a_link_after_a_yes(pages: Pages) -> None:
    stall = await pages.ground.stall()
    admin = await pages.ground.admin()
    for person, name in ((stall, "Falafel Sun"), (admin, "Organiser")):
        page = await pages.tab(link(person, page=person.role), LAPTOP)
        await expect(page.locator("#gate")).to_contain_text("Nobody is signed in here.")
        await expect(page.locator("#gate")).to_contain_text(f"({person.role})")
        await page.get_by_role("button", name=f"Sign in as {name}").and_(page.locator(":not([data-resting])")).click()
        await pages.live(page)
