"""The loops of these tests."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.support.timing.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Function
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the loop that a test runs on."""
    del config
    virtual = item.module.__name__ in {"tests.support.timing.test_virtual_time", "tests.support.timing.test_waiting"}
    return {"virtual": VirtualTimeLoop} if virtual else {"asyncio": asyncio.new_event_loop}
