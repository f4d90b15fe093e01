"""A festival and a browser, for each test its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.pages import Pages
from tests.support.ground import Ground
from tests.support.server import ServerProcess


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    """A running server without people, and a browser without tabs; at the end nobody may have complained."""
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground, Pages(ground) as opened:
            yield opened
            assert opened.complaints == []
