"""A running application for the tests of its nouns."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.world import World, open_world, settings_of


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(settings_of(tmp_path)) as opened:
        yield opened
