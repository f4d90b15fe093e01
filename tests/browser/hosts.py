"""Pages of somebody else that use our client: served under the server's origin, but none of its own."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from playwright.async_api import BrowserContext, Page, Route

from festival_push.web.api.pages import static_folder
from tests.browser.pages import LIVE_WITHIN_MS
from tests.support.ground import Person
from tests.support.node import QUIET, node_program
from tests.support.timing.waiting import until

FOLDER: Final = Path(__file__).parent
MODULES: Final = FOLDER / "node_modules"
_BARE: Final = '<!doctype html><title>host</title><div id="root"></div>'
_IMPORTS: Final = (
    '{"imports": {"react": "/host/vendor.js", "react-dom/client": "/host/vendor.js", "festival-push/": "/static/js/"}}'
)


def run_module(*command: str) -> str:
    """Run a program of the test modules; what it printed."""
    program = MODULES / ".bin" / command[0]
    assert program.exists(), "the test modules are missing: run scripts/install-node-modules tests/browser"
    return run_script(program, *command[1:])


def run_script(script: Path, *arguments: str) -> str:
    """Run a script by Node; what it printed. It finds the test modules if it lies beside or below them."""
    environment = {**os.environ, **QUIET, "NODE_PATH": str(MODULES)}
    return finished([node_program(), str(script), *arguments], environment).stdout


def finished(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of somebody else, in this folder, to its good end."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-4_000:]
    return done


def bundle(entry: str) -> str:
    """A module of the host and all that it imports, as one."""
    alias = f"--alias:festival-push={static_folder() / 'js'}"
    mode = '--define:process.env.NODE_ENV="development"'
    return run_module("esbuild", str(FOLDER / "host" / entry), "--bundle", "--format=esm", alias, mode)


async def serve_host(context: BrowserContext, script: str, *, import_map: bool = False) -> None:
    """Let this browser find the host's page at `/host/`, with one script, and React as a module for an import map."""
    vendor = bundle("vendor.js") if import_map else ""
    head = f'<script type="importmap">{_IMPORTS}</script>' if import_map else ""

    async def answer(route: Route) -> None:
        name = route.request.url.partition("/host/")[2].partition("#")[0]
        bodies = {"": f'{_BARE}{head}<script type="module" src="/host/main.js"></script>', "elsewhere": _BARE}
        scripts = {"main.js": script, "vendor.js": vendor}
        if name in scripts:
            await route.fulfill(content_type="text/javascript", body=scripts[name])
        else:
            await route.fulfill(content_type="text/html", body=bodies[name])

    await context.route("**/host/**", answer)


async def open_host(context: BrowserContext, url: str, person: Person) -> Page:
    """A tab with the host's page, signed in as this person."""
    page = await context.new_page()
    await page.goto(f"{url}/host/#" + urlencode({"user": person.user_id, "token": person.token}))
    return page


async def live(page: Page) -> None:
    """Wait until the page follows its stream."""
    await page.wait_for_function("window.states?.at(-1) === 'live'", timeout=LIVE_WITHIN_MS)


async def amounts(page: Page) -> list[int]:
    """The amounts that the page was told of, in their order."""
    told: list[list[Any]] = await page.evaluate("window.seen")
    return [data["amount"] for event, data in told if event == "payment-completed"]


async def until_amounts(page: Page, expected: list[int]) -> None:
    """Wait until the page was told of these, each once and in order; never of more."""

    async def told() -> bool:
        seen = await amounts(page)
        assert seen == expected[: len(seen)], seen
        return seen == expected

    await until(told, within_s=120, message=f"the page was told of {expected}")
