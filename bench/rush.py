"""`python -m bench.rush`: one stall's rush, worked by taps in a real browser, beside its board and a guest's phone.

Orders come evenly, by default 300 in ten minutes. The stall's page has a tablet's size; the guest's phone is another
browser. Prints from the stall's tap on *Ready* to the guest's screen (p50, p99), the long tasks of each page, what a
page takes over the network when it is opened for the first time, and how many tickets and numbers its screen shows.
Writes a picture of each screen at the height of the rush.
"""

import argparse
import asyncio
import secrets
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import quantiles
from typing import Final

from playwright.async_api import Browser, Page, ViewportSize
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.browser.pages import PHONE, WALL, Pages, launched
from tests.browser.stall.kitchen import TABLET, WHOLE
from tests.support.ground import Ground, Person, Stall
from tests.support.servers.server import ServerProcess

PICTURES: Final = Path(__file__).parents[1] / "var/rush"
_SIZES: Final[tuple[ViewportSize, ...]] = (
    {"width": 360, "height": 640},
    PHONE,
    TABLET,
    {"width": 1280, "height": 720},
    WALL,
)
_OPEN: Final = 30  # orders that the kitchen has to make at any time of the rush
_PICKED_UP: Final = 8  # that stand on the board before one is picked up
_LOOK_AGAIN_MS: Final = 2_000
_NOTE_TAPS: Final = """
  window.taps = [];
  addEventListener("click", ({ target }) => {
    const ticket = target.closest?.(".ticket-next") && target.closest("#preparing li.ticket");
    if (ticket) taps.push([ticket.dataset.order, performance.timeOrigin + performance.now()]);
  }, true);
"""
_NOTE_CALLS: Final = """
  window.calls = {};
  new MutationObserver(() => {
    const at = performance.timeOrigin + performance.now();
    for (const { textContent } of document.querySelectorAll("#open-orders [data-status=ready] .order-number")) {
      calls[textContent] ??= at;
    }
  }).observe(document.getElementById("open-orders"), { subtree: true, childList: true, characterData: true });
"""
_NOTE_LONG_TASKS: Final = """
  window.longTasks = [];
  const note = (list) => longTasks.push(...list.getEntries().map(({ duration }) => duration));
  new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
"""
_COUNT: Final = "(lane) => Number(document.getElementById(`${lane}-count`).textContent)"
_BYTES: Final = """() => {
  const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return [loaded.length, loaded.reduce((bytes, { transferSize }) => bytes + transferSize, 0)];
}"""


async def measure(orders: int, seconds: float) -> None:
    """Run the rush and print its figures."""
    with tempfile.TemporaryDirectory(prefix="festival-push-bench-") as folder:
        home = Path(folder)
        with ServerProcess(home, settings={"ORDERS__CANCEL_S": "0"}) as server:
            async with launched() as one, launched() as other, Ground([server]) as ground:
                await _bytes(ground, one)
                async with Pages(ground, one) as at_stall, Pages(ground, other) as at_guest:
                    await _rush(at_stall, at_guest, orders, seconds)
                    print("complaints of the pages:", at_stall.complaints + at_guest.complaints or "none")


async def _bytes(ground: Ground, browser: Browser) -> None:
    """What each page loads when it is opened for the first time, and signed in."""
    stall, anna = await ground.stall("Falafel Sun"), await ground.customer(funds=1_000)
    for person in (anna, stall, await ground.admin()):
        async with Pages(ground, browser) as pages:
            page = await pages.open(person)
            print(f"/{person.role}/: {_in_kib(await page.evaluate(_BYTES))}")
    async with Pages(ground, browser) as pages:
        board = await pages.open_board(await ground.screen(stall))
        print(f"/kiosk/: {_in_kib(await board.evaluate(_BYTES))}")


def _in_kib(loaded: Sequence[int]) -> str:
    files, size = loaded
    return f"{files} files, {size / 1024:.1f} KiB"


async def _rush(at_stall: Pages, at_guest: Pages, orders: int, seconds: float) -> None:
    ground = at_stall.ground
    stall = await ground.stall("Falafel Sun", {"Falafel wrap": 75, "Ayran": 30, "Fries": 40})
    guests = [await ground.customer(name, funds=90_000) for name in ("Anna", "Ben", "Carl", "Dora")]
    phone = await at_guest.open(guests[0], PHONE)
    board = await at_guest.open_board(await ground.screen(stall), WALL)
    tablet = await at_stall.open(stall, TABLET)
    for page, scripts in ((phone, [_NOTE_CALLS]), (board, []), (tablet, [_NOTE_TAPS])):
        for script in [_NOTE_LONG_TASKS, *scripts]:
            await page.evaluate(script)
    coming = asyncio.create_task(_orders(ground, stall, guests, orders, seconds))
    height = asyncio.create_task(_picture(tablet, phone, board, seconds * 0.7))
    numbers = await _work(tablet, coming, within_s=2 * seconds)
    await height
    taps = await tablet.evaluate("taps")
    calls = await phone.evaluate("calls")
    # The guest's numbers only; each is called once. What fell on a dead place took no step: the last tap did.
    tapped_at = {order: at for order, at in taps if at < calls.get(str(numbers.get(order)), 0.0)}
    delays = [calls[str(numbers[order])] - at for order, at in tapped_at.items()]
    cuts = quantiles(delays, n=100)
    print(f"from tap to phone, {len(delays)} orders: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms")
    print("the slowest ten:", ", ".join(f"{delay:.0f} ms" for delay in sorted(delays)[-10:]))
    print(f"taps of the stall: {len(taps)}, of which took no step: {len(taps) - len({order for order, _ in taps})}")
    for name, page in (("stall", tablet), ("phone", phone), ("board", board)):
        tasks = await page.evaluate("longTasks")
        print(f"long tasks of the {name}: {len(tasks)}, the longest {max(tasks, default=0):.0f} ms")


async def _orders(
    ground: Ground, stall: Stall, guests: Sequence[Person], orders: int, seconds: float
) -> dict[str, int]:
    """Let orders come, two in three by the guest whose phone is watched; the pickup number of each by its id."""
    numbers = {}
    items = list(stall.items.values())
    for number in range(orders):
        who = guests[0] if number % 3 else guests[1 + number % (len(guests) - 1)]
        lines = [{"itemId": items[(number + line) % 3], "quantity": 1 + number % 2} for line in range(1 + number % 3)]
        body = {"vendorId": stall.vendor_id, "items": lines}
        made = (await ground.post("/v1/orders", body, who=who, key=secrets.token_hex(8))).json()["order"]
        numbers[made["orderId"]] = made["number"]
        await asyncio.sleep(seconds / orders)
    return numbers


async def _work(tablet: Page, coming: asyncio.Task[dict[str, int]], *, within_s: float) -> dict[str, int]:
    """Tap as a kitchen does, the oldest first, until the last order is called; the orders' numbers by id.

    A kitchen that is too slow stops after `within_s`; what it has called until then counts.
    """
    ends_s = time.monotonic() + within_s
    while True:
        making, ready = int(await tablet.evaluate(_COUNT, "preparing")), int(await tablet.evaluate(_COUNT, "ready"))
        if coming.done() and (making == 0 or time.monotonic() > ends_s):
            return coming.result()
        lane = "preparing" if making > (0 if coming.done() else _OPEN) else "ready" if ready > _PICKED_UP else None
        if lane is None:
            await asyncio.sleep(0.1)
            continue
        # The count may be of the moment before the last step was shown: then there is no ticket left to wait for.
        with suppress(PlaywrightTimeout):
            await tablet.locator(f"#{lane} .ticket-next").first.click(timeout=_LOOK_AGAIN_MS)


async def _picture(tablet: Page, phone: Page, board: Page, after_s: float) -> None:
    """Take a picture of each screen when much is going on, and count what it shows at each size."""
    await asyncio.sleep(after_s)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, page in (("stall", tablet), ("phone", phone), ("board", board)):
        await page.screenshot(path=PICTURES / f"{name}.png")
    for size in _SIZES:
        await tablet.set_viewport_size(size)
        await tablet.wait_for_timeout(500)
        shown, whole = await tablet.evaluate(WHOLE, "preparing")
        await tablet.screenshot(path=PICTURES / f"stall-{size['width']}.png")
        print(f"stall at {size['width']} x {size['height']}: {whole} of {shown} tickets of its page are whole")
    await tablet.set_viewport_size(TABLET)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.rush", description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=600.0, help="within which they come")
    parsed = parser.parse_args()
    asyncio.run(measure(parsed.orders, parsed.seconds))
