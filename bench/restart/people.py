"""Who watches a restart, and what each of them has seen afterwards."""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
from playwright.async_api import Page

from tests.support.ground import Ground, Person, Stall
from tests.support.timing.waiting import until

_PAUSE_S: Final = 0.2
_PATIENCE_S: Final = 60.0

_WATCH_PAGE: Final = """() => {
  window.links = [];
  const note = () => window.links.push([Date.now(), document.documentElement.dataset.link]);
  new MutationObserver(note).observe(document.documentElement, { attributes: true, attributeFilter: ["data-link"] });
  note();
}"""
_WATCH_SOURCE: Final = """(url) => {
  window.heard = []; window.orders = [];
  window.source = new EventSource(url);
  source.addEventListener("error", () => window.heard.push([Date.now(), source.readyState === 2 ? "closed" : "error"]));
  source.addEventListener("connected", (event) =>
    window.heard.push([Date.now(), JSON.parse(event.data).resumed ? "resumed" : "snapshot"]));
  source.addEventListener("balance-updated", (event) =>
    window.orders.push([Date.now(), JSON.parse(event.data).orderId]));
}"""


@dataclass
class Till:
    """A guest who pays again and again, each payment with its own key until it is answered."""

    ground: Ground
    guest: Person
    stall: Stall
    answered_ms: dict[str, float] = field(default_factory=dict)  # by order, in Unix time
    longest_s: float = 0.0  # that one payment has taken, its repetitions included
    sent_again: int = 0

    async def run(self) -> None:
        """Pay until cancelled; a payment in hand is finished."""
        while True:
            await asyncio.shield(asyncio.ensure_future(self._pay()))
            await asyncio.sleep(_PAUSE_S)

    async def _pay(self) -> None:
        key, begun_s = secrets.token_hex(8), time.monotonic()
        while time.monotonic() - begun_s < _PATIENCE_S:
            answer = None
            with contextlib.suppress(httpx2.TransportError):
                answer = await self.ground.order(self.guest, self.stall, key=key)
            if answer is not None and answer.status_code < 500:
                assert answer.is_success, answer.text
                self.answered_ms[answer.json()["order"]["orderId"]] = time.time() * 1000
                self.longest_s = max(self.longest_s, time.monotonic() - begun_s)
                return
            self.sent_again += 1
            await asyncio.sleep(_PAUSE_S)
        raise AssertionError(f"a payment had no answer within {_PATIENCE_S:.0f} s")


async def watch_page(page: Page) -> None:
    """Let a page of ours note when it is connected."""
    await page.evaluate(_WATCH_PAGE)


async def watch_source(page: Page, url: str) -> None:
    """Open a plain EventSource, which notes what it hears."""
    await page.evaluate(_WATCH_SOURCE, url)


async def photograph(page: Page, file: Path) -> None:
    """Wait until a page of ours is not connected, and take a picture of what a person then sees."""
    await until(
        lambda: page.evaluate("document.documentElement.dataset.link !== 'live'"), _PATIENCE_S, "it is not live"
    )
    await asyncio.sleep(0.3)  # drawn, and read
    await page.screenshot(path=file)


async def gap_of_page(page: Page) -> float:
    """Seconds for which a page said that it was not connected, the longest time on end."""
    links: list[tuple[float, str]] = await page.evaluate("window.links")
    return _longest_s([(at, state == "live") for at, state in links])


async def heard_by_source(page: Page) -> dict[str, Any]:
    """What a plain EventSource has heard: its longest gap in seconds, how it came back, and the orders in turn."""
    heard: list[tuple[float, str]] = await page.evaluate("window.heard")
    return {
        "gap_s": _longest_s([(at, what in {"resumed", "snapshot"}) for at, what in heard]),
        "came_back": [what for _, what in heard[1:] if what != "error"],
        "orders": await page.evaluate("window.orders"),
    }


def _longest_s(seen: list[tuple[float, bool]]) -> float:
    longest, lost_at = 0.0, None
    for at, is_connected in seen:
        if not is_connected and lost_at is None:
            lost_at = at
        elif is_connected and lost_at is not None:
            longest, lost_at = max(longest, at - lost_at), None
    assert lost_at is None, "it never came back"
    return longest / 1000
