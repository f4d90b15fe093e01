"""A festival for each test, and a browser that a worker's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.pages import Pages, launched
from tests.support.ground import Ground
from tests.support.servers.server import ROOT, ServerProcess

FOLDER = Path(__file__).parent
# Orders that a kitchen may start at once; a server that does not know the setting has no other ones.
AT_ONCE = {"ORDERS__CANCEL_S": "0"} if "cancel_s" in (ROOT / "config.toml").read_text("utf-8") else {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder run in one event loop: that of the browser."""
    for item in items:
        if item.path.is_relative_to(FOLDER) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Started once: that takes a second or two. Tests share no more than its processes."""
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def pages(tmp_path: Path, browser: Browser) -> AsyncIterator[Pages]:
    """A running server without people, and a browser without tabs; at the end nobody may have complained."""
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as opened:
            yield opened
            assert opened.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def kitchen(tmp_path: Path, browser: Browser) -> AsyncIterator[Pages]:
    """The same, for a stall that starts each order at once: its customers can't cancel what is accepted."""
    with ServerProcess(tmp_path, settings=AT_ONCE) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as opened:
            yield opened
            assert opened.complaints == []
