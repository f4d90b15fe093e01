"""What a finger and an eye find on the customer's page: is the button free, which rows are whole, what is how large."""

from typing import Any, Final

from playwright.async_api import Locator, Page, ViewportSize, expect

SIZES: Final[dict[str, ViewportSize]] = {
    "360x640": {"width": 360, "height": 640},
    "320x568": {"width": 320, "height": 568},
    "390x844": {"width": 390, "height": 844},
    "844x390": {"width": 844, "height": 390},
    "1024x768": {"width": 1024, "height": 768},
    "1280x720": {"width": 1280, "height": 720},
    "1080x1920": {"width": 1080, "height": 1920},
    "1920x1080": {"width": 1920, "height": 1080},
}
SMALL: Final = ("360x640", "320x568", "844x390")

# The middle of the button and of each of its sides: its corners are round.
_FREE: Final = """() => {
  const button = document.getElementById("order");
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const covering = [[x, y], [left + 4, y], [right - 4, y], [x, top + 2], [x, bottom - 2]]
    .map(([px, py]) => document.elementFromPoint(px, py)).filter((hit) => !hit || !button.contains(hit))
    .map((hit) => (hit ? `${hit.tagName} ${hit.className} ${hit.id}` : "outside of the screen"));
  const inside = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
  return inside ? covering : [`outside: ${top}..${bottom} of ${innerHeight}`, ...covering];
}"""
_PARTS: Final = """Array.from(document.querySelector(".bottom").children)
    .filter((part) => !part.classList.contains("sr-only") && part.getClientRects().length)
    .map((part) => ({ name: part.id || part.className, box: part.getBoundingClientRect() }))"""
_STACK: Final = f"""() => {{
  const parts = {_PARTS};
  const meets = (a, b) =>
    a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  return parts.flatMap((a, at) => parts.slice(at + 1).filter((b) => meets(a.box, b.box))
    .map((b) => `${{a.name}} and ${{b.name}}`));
}}"""
_ROWS: Final = f"""() => {{
  const end = Math.min(...{_PARTS}.map(({{ box }}) => box.top));
  return Array.from(document.querySelectorAll("#menu > li")).map((row) => row.getBoundingClientRect())
    .filter(({{ top, bottom }}) => top >= 0 && bottom <= end).length;
}}"""
_TARGETS: Final = """() => {
  const isSeen = (target) => !target.closest("[hidden], dialog:not([open]), #toasts")
    && target.checkVisibility({ visibilityProperty: true }) && target.getClientRects().length;
  const nameOf = (target) => `${target.id || target.className} ${target.textContent.trim().slice(0, 20)}`;
  const targets = Array.from(document.querySelectorAll("button, a, input, select, textarea, summary"))
    .filter(isSeen)
    .map((target) => ({ name: nameOf(target), box: target.getBoundingClientRect(), part: target.closest(".bottom") }));
  const small = targets.filter(({ box }) => box.width < 43.5 || box.height < 43.5);
  const gap = (a, b) => Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
  // A list scrolls below the stack: how close its rows come to it is nobody's choice.
  const isClose = (a, b) => a.part === b.part && gap(a.box, b.box) >= 0 && gap(a.box, b.box) < 7.5;
  const close = targets.flatMap((a, at) => targets.slice(at + 1).filter((b) => isClose(a, b))
    .map((b) => `${a.name} and ${b.name}: ${gap(a.box, b.box)}`));
  return [...small.map(({ name, box }) => `${name}: ${box.width} x ${box.height}`), ...close];
}"""
# What a second tap at the same spot would press, in the moment when something else has come there.
_SECOND_TAP: Final = """([selector, x, y]) => {
  window.hit = null;
  const element = document.querySelector(selector);
  const before = element.hidden;
  const look = () => {
    if (element.hidden === before) return; // a page that writes what is there already is heard too
    const hit = document.elementFromPoint(x, y)?.closest("button, a, summary, input");
    window.hit ??= hit ? hit.textContent.trim() || hit.id : "nothing";
  };
  new MutationObserver(look).observe(element, { attributeFilter: ["hidden"] });
}"""
# Presses something, and tells what a second tap would press, anywhere on the place where it was.
_SECOND_TAPS: Final = """(target) => {
  const { left, right, top, bottom } = target.getBoundingClientRect();
  target.click();
  const spots = Array.from({ length: 50 }, (_, index) => left + ((right - left) * (index + 0.5)) / 50);
  return spots.map((x) => document.elementFromPoint(x, (top + bottom) / 2)?.closest("button, a, summary, input"))
    .filter(Boolean).map((hit) => hit.ariaLabel ?? hit.textContent);
}"""
_PLACES: Final = """(selector) =>
  Array.from(document.querySelectorAll(selector)).map((one) => one.getBoundingClientRect().toJSON())"""


async def covering(page: Page) -> list[str]:
    """What lies over the order button, and how it leaves the screen; nothing, if it can be pressed."""
    found: list[str] = await page.evaluate(_FREE)
    return found


async def meeting(page: Page) -> list[str]:
    """Parts of the stack at the bottom that lie over each other."""
    found: list[str] = await page.evaluate(_STACK)
    return found


async def whole_rows(page: Page) -> int:
    """How many rows of the menu are seen whole."""
    count: int = await page.evaluate(_ROWS)
    return count


async def targets(page: Page) -> list[str]:
    """Targets that are smaller than 44 px, and pairs that are closer than 8 px."""
    found: list[str] = await page.evaluate(_TARGETS)
    return found


async def second_tap_at(page: Page, button: str, when: str, *, right: float = 0.5) -> None:
    """Look what is under the finger on a button as soon as an element is shown or hidden; `window.hit` says it.

    right: where the finger is, as a part of the button's width.
    """
    box = await page.locator(button).bounding_box()
    assert box is not None
    place = [box["x"] + box["width"] * right, box["y"] + box["height"] / 2]
    await page.evaluate(_SECOND_TAP, [when, *place])


async def second_taps_on(target: Locator) -> list[str]:
    """Press it; what a second tap at the same time would press, wherever the finger is on it."""
    await expect(target.page.locator("[data-resting]")).to_have_count(0)  # else the first would press nothing
    found: list[str] = await target.evaluate(_SECOND_TAPS)
    return found


async def places(page: Page, selector: str) -> Any:
    """Where these elements are on the screen."""
    return await page.evaluate(_PLACES, selector)
