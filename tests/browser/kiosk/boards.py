"""Pickup boards whose server is the test, and what is wrong with what they show."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from playwright.async_api import Page, Route, ViewportSize, expect

from tests.browser.pages import WALL, Pages

SIZES: Final[Sequence[ViewportSize]] = [
    {"width": width, "height": height}
    for width, height in ((360, 640), (390, 844), (1024, 768), (1280, 720), (1080, 1920), (1920, 1080))
]
TABLET: Final = SIZES[2]
UPRIGHT: Final = SIZES[4]
LARGE: Final[ViewportSize] = {"width": 3_840, "height": 2_160}
LOOK: Final = Path(__file__).with_name("look-at-board.js").read_text("utf-8")

Shown = tuple[int, int, bool]
"""How many numbers are ready, how many in preparation, and whether one was called just now."""


def both(counts: Sequence[tuple[int, int]]) -> list[Shown]:
    """These counts, without a new call and with one."""
    return [(ready, preparing, has_newest) for ready, preparing in counts for has_newest in (False, True)]


async def faults(page: Page, boards: Sequence[Shown]) -> list[str]:
    """What is wrong with these boards on the screen."""
    await page.evaluate("BoardPage.tick()")  # the screen may have another size
    found: list[str] = await page.evaluate(LOOK, [list(board) for board in boards])
    return found


async def stubbed(
    pages: Pages,
    size: ViewportSize = WALL,
    *,
    stalls: Sequence[str] = ("sun",),
    stream: str = "",
    announcements: Sequence[Mapping[str, Any]] = (),
    clock: bool = False,
) -> Page:
    """A board whose server tells `stream` once, and these announcements. With `clock`, the test moves the time."""
    page = await pages.context.new_page()
    await page.set_viewport_size(size)
    page.on("pageerror", lambda error: pages.complaints.append(f"board: {error}"))

    async def answer(route: Route) -> None:
        if route.request.url.endswith("/stream") and stream:
            await route.fulfill(content_type="text/event-stream", body=f"retry: 100000000\n\n{stream}")
        elif route.request.url.endswith("/v1/announcements"):
            await route.fulfill(json={"items": list(announcements), "next": None})
        else:
            await route.abort()

    await page.route("**/v1/**", answer)
    await page.route("**/healthz", lambda route: route.abort())  # else the watchdog reloads a page without a stream
    if clock:
        await page.clock.install(time="2026-06-01T12:00:00Z")  # goes on until the page is there
    pairs = urlencode([pair for name in stalls for pair in (("vendor", name), ("token", "t"))])
    await page.goto(f"{pages.ground.url()}/kiosk/#{pairs}")
    await expect(page.locator(".stall")).to_have_count(len(stalls))
    if clock:
        await page.clock.pause_at("2026-06-01T12:10:00Z")
    return page


def frame(event: str, data: Mapping[str, Any]) -> str:
    """One event of a stream."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n"


def board(calls: Mapping[int, str], *, now: str, minutes: int = 30) -> dict[str, Any]:
    """A board with these calls, the newest first: their times by number."""
    called = [{"number": number, "calledAt": f"2026-06-01T{at}Z"} for number, at in calls.items()]
    return {
        "vendorId": "sun", "vendorName": "Sun", "preparing": [], "ready": list(calls), "called": called,
        "readyMinutes": minutes, "timestamp": f"2026-06-01T{now}Z",
    }  # fmt: skip


async def take(page: Page, whole: Mapping[str, Any]) -> None:
    """Hand the page a board that the server has written just now."""
    await page.evaluate("(whole) => BoardPage.stalls[0].take(whole, performance.now(), true)", whole)
