from collections.abc import Iterator

import pytest

from festival_push.serving.refusals import cut_offs
from tests.serving.http_server import KEEP_ALIVE_S, LIMITS, Clock, LoopName, SmallServer


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> LoopName:
    name: LoopName = request.param
    return name


@pytest.fixture
def server(loop: LoopName) -> Iterator[SmallServer]:
    """Its clock stands still until it is moved: nobody is ever too slow."""
    with SmallServer(LIMITS, loop, keep_alive_s=KEEP_ALIVE_S, clock=Clock()).running() as server:
        yield server


@pytest.fixture(autouse=True)
def counted() -> dict[str, int]:
    """Return the counts of cut-offs, which begin at 0 in each test."""
    for reason in cut_offs:
        cut_offs[reason] = 0
    return cut_offs
