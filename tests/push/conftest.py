"""One contract, two ways to write a stream; and the loops on which that happens.

Whatever happens inside one process runs in virtual time. What talks to Redis runs on the loop that ships.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop

from tests.push import world
from tests.support.timing.virtual_time import VirtualTimeLoop

_WITH_REDIS = (
    *(
        f"tests.push.news.test_{name}"
        for name in ("brokers", "presence", "redis_broker", "redis_calls", "redis_client", "redis_link")
    ),
    "tests.push.news.redis_as_run.",
)  # or with what stands in its place
_LOOK_S = 0.0004  # as if 256 pushes, between two looks at the clock, took so long


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Function
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the loop that a test runs on."""
    del config
    if item.module.__name__.startswith(_WITH_REDIS):
        return {"uvloop": uvloop.new_event_loop}
    return {"virtual": VirtualTimeLoop}


@pytest.fixture(autouse=True)
def working_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's work takes time on the loop's clock, and on every machine the same: its slices have several pushes."""
    looks = 0

    def look() -> float:
        nonlocal looks
        looks += 1
        return asyncio.get_running_loop().time() + looks * _LOOK_S

    world.set_hub_clock(monkeypatch, look)


@pytest.fixture
def instant_hub(working_hub: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's work takes no time: all that waits is one slice."""
    world.set_hub_clock(monkeypatch, lambda: 0.0)


@pytest.fixture(scope="module", params=["portable", "direct"])
def both_ways(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every world of this module writes its streams this way: as an iterator of bytes, or straight to a line."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "direct":
            patch.setattr(world.World, "follow", world.World.follow_directly)
        yield request.param
