"""A festival for each test, and a browser that a worker's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.pages import Pages, launched
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess

FOLDER = Path(__file__).parent


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
