"""Behind a proxy: each guest has an address of their own if the proxy is trusted, and nobody can make one up if not."""

import asyncio
from functools import partial

import pytest

from tests.faults.conftest import Serve
from tests.support.ground import Ground

BUDGET = 3


@pytest.mark.parametrize(
    ("trusted", "answered"),
    [
        ('["127.0.0.1"]', [200] * 6),
        ('["127.0.0.0/8", "10.0.0.0/8"]', [200] * 6),
        ('["10.0.0.1"]', [200] * BUDGET + [429] * (6 - BUDGET)),
        ("[]", [200] * BUDGET + [429] * (6 - BUDGET)),
    ],
)
async def test_the_address_of_a_guest_is_that_of_a_trusted_proxys_header(
    serve: Serve, trusted: str, answered: list[int]
) -> None:
    server = serve(settings={"SERVER__TRUSTED_PROXIES": trusted, "LIMITS__ANONYMOUS_PER_MIN": str(BUDGET)})
    async with Ground([server]) as ground:
        # At once: each 20 s another request is free.
        ask = partial(ground.http.get, f"{server.url}/v1/openapi.json")
        answers = await asyncio.gather(*(ask(headers={"X-Forwarded-For": f"192.0.2.{guest}"}) for guest in range(6)))
    assert sorted(answer.status_code for answer in answers) == answered
