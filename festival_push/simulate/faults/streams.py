"""Faults of streams: all go at once, or they are not read."""

import asyncio
import time
from typing import Final

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.http.follower import AWAY_S

EVERY_S: Final = (8.0, 12.0)
BACK_S: Final = 60.0  # all streams must be back by then
SHUT_S: Final = (2.0, 6.0)
_SHARE: Final = 50  # of so many readers one is slow at a time


async def stampede(festival: Festival) -> None:
    """Close all streams, and let them come back at once; each must be back within `BACK_S`."""
    dice = festival.dice("stampede")
    await festival.pause(dice, 1.0, 2.0)
    while festival.selling:
        followers = festival.followers
        for follower in followers:
            follower.held.clear()
        for follower in followers:
            if follower.connection is not None:
                follower.connection.cut()
        await asyncio.sleep(AWAY_S[1])
        before = [follower.connections for follower in followers]
        began_s = time.monotonic()
        for follower in followers:
            follower.held.set()
        festival.inflicted["stampede"] += 1
        slow = 0
        for follower, count in zip(followers, before, strict=True):
            try:
                async with asyncio.timeout(max(0.0, began_s + BACK_S - time.monotonic())):
                    while follower.connections <= count:
                        follower.news.clear()
                        await follower.news.wait()
            except TimeoutError:
                slow += 1
        text = f"{slow} streams did not come back within {BACK_S:g} s of a stampede"
        festival.findings.check(Law.ANSWERS, not slow, text)
        festival.back_s.append(time.monotonic() - began_s)
        await festival.pause(dice, *EVERY_S)


async def read_slowly(festival: Festival) -> None:
    """Let some streams stand unread for a while; what waits for them must come afterwards, or be resumed."""
    dice = festival.dice("slow readers")
    readers = [*festival.wallet_watches]
    while festival.selling:
        shut = []
        for follower in dice.sample(readers, k=-(-len(readers) // _SHARE)):
            if follower.connection is not None:
                follower.connection.pause()
                shut.append(follower.connection)
                festival.inflicted["slow-readers"] += 1
        await festival.pause(dice, *SHUT_S)
        for connection in shut:
            connection.resume()
