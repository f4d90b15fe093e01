"""The published contract, tried on a real server: no answer that it does not know, no wrong request accepted."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.fuzz.run import PARTS, open_field, routes_of

EXAMPLES: Final = 1  # a route; each bound of each field is tried by `make fuzz`


@pytest.mark.parametrize("part", PARTS)
async def test_the_server_keeps_its_contract(tmp_path: Path, part: str) -> None:
    role, _ = PARTS[part]
    async with open_field(tmp_path) as field:
        routes = routes_of(part)
        outcome = await asyncio.to_thread(field.fuzz, role, examples=EXAMPLES, seed=1, routes=routes, every_bound=False)
        assert outcome.failures == 0, outcome.said
        assert outcome.cases >= len(routes), outcome.said
        assert field.faults() == []
        field.server.audit()
