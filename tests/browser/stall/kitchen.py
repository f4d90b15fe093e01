"""What the tests of the stall's kitchen display share."""

import asyncio
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser.pages import Pages
from tests.support.ground import Person, Stall

TABLET: Final[ViewportSize] = {"width": 1024, "height": 768}
TAPS_MAX: Final = 20


def measure(name: str) -> str:
    """A function, in JavaScript, that measures a page."""
    lines = (Path(__file__).parent / f"measures/{name}.js").read_text("utf-8").rstrip(";\n").splitlines()
    return "\n".join(lines[1:])  # without the comment: what is evaluated begins with the function


WHOLE: Final = measure("whole")
TARGETS: Final = measure("targets")
QUICK: Final = """(places) => {
  for (const { x, y, width, height } of places) {
    document.elementFromPoint(x + width / 2, y + height / 2)?.closest("button")?.click();
  }
}"""


async def section(page: Page, name: str) -> None:
    """Open a section of the stall's page by its tab."""
    await page.get_by_role("navigation").get_by_role("link", name=name).click()


async def placed(pages: Pages, who: Person, stall: Stall, lines: Sequence[dict[str, Any]]) -> str:
    """Order these lines; the id of the order."""
    body = {"vendorId": stall.vendor_id, "items": list(lines)}
    made = await pages.ground.post("/v1/orders", body, who=who, key=secrets.token_hex(8))
    assert made.status_code == 201, made.text
    order_id: str = made.json()["order"]["orderId"]
    return order_id


async def rush(pages: Pages, stall: Stall, count: int) -> Person:
    """So many orders of two lines each, by one customer, in the order of their numbers."""
    anna = await pages.ground.customer(funds=1_050 * count)
    lines = [{"itemId": item_id, "quantity": 1} for item_id in stall.items.values()]
    await asyncio.gather(*(placed(pages, anna, stall, lines) for _ in range(count)))
    return anna


async def asked(pages: Pages, stall: Stall, name: str) -> None:
    """Let a screen ask to show the stall's board, without a page of its own."""
    ground = pages.ground
    made = await ground.post(f"/v1/vendors/{stall.vendor_id}/displays/codes", {"name": name}, who=stall)
    begun = await ground.post("/v1/displays/pairings", {"code": made.json()["code"]})
    assert begun.status_code == 202, begun.text
    ground.secrets.add(begun.json()["secret"])


def ticket(page: Page, number: int, lane: str = "preparing") -> Locator:
    """A ticket by its number."""
    of_it = page.locator(".ticket-number", has_text=re.compile(rf"^{number}$"))
    return page.locator(f"#{lane} li.ticket").filter(has=of_it)


async def rested(page: Page) -> None:
    """Wait until a double tap would be over: the next tap is meant."""
    await expect(page.locator("#lanes")).not_to_have_attribute("aria-disabled", "true")
    await expect(page.locator("#lanes li[aria-disabled=true]")).to_have_count(0)
    await expect(page.locator("[data-resting]")).to_have_count(0)


async def step(page: Page, number: int) -> None:
    """Take the next step of an order that is prepared; a tap on a place that had just moved is made again."""
    place = ticket(page, number)
    for _ in range(TAPS_MAX):
        await rested(page)
        await place.locator(".ticket-next").click()
        await rested(page)  # by then the page shows a step that was taken
        if await place.count() == 0:
            return
    raise AssertionError(f"{TAPS_MAX} taps took no step of order {number}")


async def quick_taps(*targets: Locator) -> None:
    """Tap each of these places as soon as the one before it was tapped, whatever stands there then."""
    boxes = [await target.bounding_box() for target in targets]
    await targets[0].page.evaluate(QUICK, boxes)


async def more(page: Page, number: int) -> Locator:
    """Open the sheet of an order."""
    await page.get_by_role("button", name=f"More of order {number}").click()
    sheet = page.locator("#sheet")
    await expect(sheet).to_be_visible()
    return sheet
