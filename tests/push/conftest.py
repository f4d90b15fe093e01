"""One contract, two ways to write a stream."""

from collections.abc import Iterator

import pytest

from tests.push import world


@pytest.fixture(scope="module", params=["portable", "direct"])
def both_ways(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every world of this module writes its streams this way: as an iterator of bytes, or straight to a line."""
    world.follow_directly = request.param == "direct"
    yield request.param
    world.follow_directly = False
