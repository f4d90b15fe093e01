"""The published contract, tried on a real server: no answer that it does not know, no wrong request accepted."""

import asyncio
from pathlib import Path

import pytest

from tests.fuzz.run import PARTS, open_field, routes_of


@pytest.mark.parametrize("part", PARTS)
async def test_the_server_keeps_its_contract(tmp_path: Path, part: str) -> None:
    role, _ = PARTS[part]
    async with open_field(tmp_path) as field:
        outcome = await asyncio.to_thread(field.fuzz, role, examples=3, seed=1, routes=routes_of(part))
        assert outcome.failures == 0, outcome.said
        assert outcome.cases > 100, outcome.said
        assert field.faults() == []
        field.server.audit()
