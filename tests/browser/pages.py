"""The pages in a real browser, each tab somebody else, and everything that the browser complains about."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Literal
from urllib.parse import urlencode

from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

from tests.support.ground import Ground, Person, Screen
from tests.support.servers.processes import find_program
from tests.support.timing.waiting import until

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
LAPTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
WALL: Final[ViewportSize] = {"width": 1920, "height": 1080}
LIVE_WITHIN_MS: Final = 120_000  # several of the longest back-offs: on a busy machine the first attempts may fail
_QUIET: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_EXPECTED: Final = "Failed to load resource"  # a refusal or an absent server; the page has to cope, and is looked at

# A tab is somebody's from its first page on, until they sign out: scripts like this one run again at every page.
_SIGN_IN: Final = """
try {{
  if (!sessionStorage.getItem("signed-in-once")) {{
    sessionStorage.setItem("signed-in-once", "yes");
    sessionStorage.setItem({name}, {token});
  }}
}} catch {{ /* an empty page has no storage */ }}
"""

expect.set_options(timeout=60_000)  # bounds what fails; a machine that does much else may take its time


Program = Literal["chromium-headless-shell", "chromium"]
"""Chromium without windows, or the whole of it.

The first has the same engine, network and pages, takes a third of the CPU, and draws every tab at full speed. It has no
back/forward cache.
"""


@asynccontextmanager
async def launched(program: Program = "chromium-headless-shell") -> AsyncIterator[Browser]:
    """Start a real browser; Debian's package is named like the program. What it keeps in its home is gone with it."""
    elsewhere = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    with TemporaryDirectory(prefix="festival-push-browser-", ignore_cleanup_errors=True) as home:
        elsewhere["HOME"] = home
        async with _started(program, elsewhere) as browser:
            yield browser


@asynccontextmanager
async def _started(program: Program, environment: dict[str, str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_program(program, package=program),
            env=dict(environment),
            args=list(_QUIET),
            ignore_default_args=["--disable-back-forward-cache"],  # everybody's browser has it
        )
        yield browser
        await browser.close()


@dataclass
class Pages:
    """A profile of a browser, new and empty, with a tab for each person; an async context manager."""

    ground: Ground
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    """Script errors and breaches of the content security policy, of all tabs."""

    async def __aenter__(self) -> "Pages":
        # Without the limit, whatever moves is drawn as often as the machine can: so nothing does for long.
        self.context = await self.browser.new_context(locale="en-GB", reduced_motion="reduce")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.context.close()

    async def tab(self, path: str, size: ViewportSize = PHONE, *, who: Person | None = None) -> Page:
        """A new tab at a path of the server, this person's if there is one: as if they had signed in in it."""
        page = await self.context.new_page()
        if who is not None:
            folder = path.split("/")[1]
            name = f"festival-push.token.{'customer' if folder in ('pay', 'give-back') else folder}"
            await page.add_init_script(_SIGN_IN.format(name=json.dumps(name), token=json.dumps(who.token)))
        await page.set_viewport_size(size)
        page.on("pageerror", lambda error: self.complaints.append(f"{path}: {error}"))
        page.on("console", lambda message: self._hear(path, message))
        await page.goto(self.ground.url() + path)
        return page

    async def open(self, person: Person, size: ViewportSize = PHONE) -> Page:
        """The page of this person's role, signed in, live."""
        page = await self.tab(f"/{person.role}/", size, who=person)
        await self.live(page)
        return page

    async def open_board(self, screen: Screen, size: ViewportSize = WALL) -> Page:
        """The pickup board of a stall, live."""
        page = await self.tab("/kiosk/#" + urlencode({"vendor": screen.vendor_id, "token": screen.token}), size)
        await self.live(page)
        return page

    async def live(self, page: Page) -> None:
        """Wait until the page follows its stream."""
        await expect(page.locator(":root[data-link=live]")).to_be_attached(timeout=LIVE_WITHIN_MS)

    async def drawn(self, page: Page) -> None:
        """Wait until the page has been laid out anew, as after its size has changed."""
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    async def true(self, page: Page, expression: str) -> None:
        """Wait until a script's expression holds. (The policy of our pages forbids what `wait_for_function` does.)"""

        async def holds() -> bool:
            return bool(await page.evaluate(expression))

        await until(holds, within_s=LIVE_WITHIN_MS / 1_000, message=expression)

    def _hear(self, path: str, message: ConsoleMessage) -> None:
        if message.type == "error" and _EXPECTED not in message.text:
            self.complaints.append(f"{path}: {message.text}")
