"""Failovers that somebody asks for. Redis gives one up that takes too long, as on a busy machine, and never tries it
again while the primary is well: so it is asked again."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from redis import ResponseError

from tests.support.timing.waiting import until

_GIVEN_UP_S: Final = 15.0
"""By then Redis has given it up: after 5 s in a cluster, after `failover-timeout` for each step of a Sentinel's."""
_TIMES: Final = 12


async def fail_over(ask: Callable[[], object], is_done: Callable[[], bool]) -> None:
    """Ask for a failover until it is done.

    Args:
        ask: Does nothing, or is refused with ResponseError, while it is under way and once it is done.
    """
    for last in (False,) * (_TIMES - 1) + (True,):
        with suppress(ResponseError):
            ask()
        try:
            await until(is_done, _GIVEN_UP_S)
        except AssertionError:
            if last:
                raise
        else:
            return
