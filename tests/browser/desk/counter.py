"""What cashiers and guests do at the counter, in these tests."""

import os
import secrets
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.pages import Pages
from tests.browser.relations.parts import TABLET, cashier, page_of
from tests.browser.relations.test_room import fits
from tests.browser.stall.test_kitchen import apart
from tests.support.ground import Ground, Person

SIZES: Final[dict[str, ViewportSize]] = {
    "320x568": {"width": 320, "height": 568},
    "390x844": {"width": 390, "height": 844},
    "1024x768": {"width": 1024, "height": 768},
}
SHOTS: Final = os.environ.get("FESTIVAL_PUSH_SHOTS")
"""A folder for pictures of the page, for whoever wants to look at them."""
_TALL_PX: Final = 4_000
"""A height at which nothing has to be scrolled."""


async def counter(pages: Pages, size: ViewportSize = TABLET, *, cash: int | None = 10_000) -> tuple[Person, Page]:
    """A cashier and their desk, with an open drawer that began with so much cash; None: with none."""
    caro = await pages.ground.customer("Caro")
    await cashier(pages, caro)
    if cash is not None:
        await opened(pages.ground, caro, cash)
    page = await page_of(pages, caro, "desk", size)
    await expect(page.locator("#drawer-cash")).not_to_have_text("")
    return caro, page


async def opened(ground: Ground, who: Person, cash: int, name: str = "Gate 1") -> str:
    """Open a drawer; its id."""
    made = await ground.post("/v1/admin/drawers", {"name": name, "float": cash}, who=who, key=secrets.token_hex(8))
    assert made.status_code == 201, made.text
    drawer_id: str = made.json()["drawerId"]
    return drawer_id


async def code_of(ground: Ground, who: Person) -> str:
    """Somebody's top-up code, as their phone shows it."""
    code: str = (await ground.get("/v1/me", who=who)).json()["topUpCode"]
    return code


async def card(page: Page, text: str, name: str) -> None:
    """Find a guest by what they say, and open their card with a finger."""
    await page.locator("#find-text").fill(text)
    found = page.locator("#found button")
    await found.filter(has=page.get_by_text(name, exact=True)).first.click()  # what was found before stands there still
    await expect(page.locator("#guest-name")).to_have_text(name)
    await expect(page.locator("#guest-card[data-resting]")).to_have_count(0)


async def yes(page: Page, **fields: str) -> None:
    """Fill in a question's fields, and say yes when a finger may."""
    for name, text in fields.items():
        await page.locator(f"#ask-{name}").fill(text)
    await expect(page.locator("#ask-do[data-resting]")).to_have_count(0)
    await page.locator("#ask-do").click()
    await expect(page.locator("#ask")).to_be_hidden()
    await expect(page.locator("#app[data-resting]")).to_have_count(0)


async def drawer(ground: Ground, who: Person) -> dict[str, Any]:
    """The newest drawer of a cashier, with its sums."""
    listed = (await ground.get("/v1/admin/drawers?limit=1", who=who)).json()["items"][0]
    sums: dict[str, Any] = (await ground.get(f"/v1/admin/drawers/{listed['drawerId']}", who=who)).json()
    return sums


async def look(page: Page, name: str, root: str = "body", least: int = 1) -> None:
    """On every size, light and dark: nothing is wider than the screen, and every target is large and far apart."""
    before = page.viewport_size
    for size_name, size in SIZES.items():
        await page.set_viewport_size(size)
        await fits(page)
        for scheme in ("light", "dark") if SHOTS else ():
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=Path(str(SHOTS)) / f"{name}-{size_name}-{scheme}.png")
        await page.set_viewport_size({"width": size["width"], "height": _TALL_PX})
        await apart(page, root, least)
    assert before is not None
    await page.set_viewport_size(before)
