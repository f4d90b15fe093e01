"""What guests, stalls and organisers do in these tests."""

from typing import Any, Final

from playwright.async_api import Page, expect

from tests.browser.pages import PHONE, Pages
from tests.support.ground import Person, Stall

DISHES: Final = {f"Dish {number} of the day": 300 + number for number in range(1, 13)}


async def view(page: Page, name: str) -> None:
    """Go to a section by its tab."""
    await page.get_by_role("navigation").get_by_role("link", name=name).click()


async def open_menu(page: Page, name: str = "Falafel Sun") -> None:
    """Go to the list of stalls, and open one."""
    await view(page, "Stalls")
    await page.locator(".stall", has_text=name).click()
    await expect(page.locator("#menu-title")).to_have_text(name)
    await expect(page.locator("#menu > li").first).to_be_visible()


async def hungry(pages: Pages, prices: dict[str, int] | None = None) -> tuple[Stall, Person, Page]:
    """A stall, a customer with money, and the stall's menu on the customer's phone."""
    stall, anna = await pages.ground.stall(prices=prices), await pages.ground.customer(funds=20_000)
    page = await pages.open(anna, PHONE)
    await open_menu(page)
    return stall, anna, page


async def announce(pages: Pages, message: str, *, priority: str = "normal", audience: str = "all") -> dict[str, Any]:
    """Announce something; the answer."""
    body = {"message": message, "audience": audience, "priority": priority}
    made = await pages.ground.post("/v1/admin/announcements", body, who=await pages.ground.admin())
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def change(pages: Pages, path: str, body: object, *, who: Person) -> None:
    """PATCH something."""
    done = await pages.ground.http.patch(pages.ground.url() + path, json=body, headers=who.bearer)
    assert done.status_code == 200, done.text


async def notes_of(pages: Pages, stall: Stall) -> dict[str, str | None]:
    """The wishes on the stall's newest ticket, by item."""
    newest = (await pages.ground.get("/v1/orders?limit=1", who=stall)).json()["items"][0]
    return {line["name"]: line["notes"] for line in newest["items"]}
