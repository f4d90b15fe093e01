"""The published contract, tried on a real server: no answer that it does not know, no wrong request accepted."""

import asyncio
from pathlib import Path

from tests.fuzz.run import ROLES, open_field


async def test_the_server_keeps_its_contract(tmp_path: Path) -> None:
    async with open_field(tmp_path) as field:
        for role in ROLES:
            outcome = await asyncio.to_thread(field.fuzz, role, examples=3, seed=1, own=role != "admin")
            assert outcome.failures == 0, outcome.said
            assert outcome.cases > 100, outcome.said
        assert field.faults() == []
        field.server.audit()
