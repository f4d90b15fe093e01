"""Show the progress: a bar on a terminal, a line every few seconds elsewhere."""

import asyncio
from typing import Final, TextIO

from tqdm import tqdm

from festival_push.simulate.festival import Festival

BAR_S: Final = 0.2
LINE_S: Final = 5.0


async def show_progress(festival: Festival, out: TextIO) -> None:
    """Write the progress to `out` until cancelled."""
    if not out.isatty():
        while True:
            await asyncio.sleep(LINE_S)
            expected = festival.expected
            by_now = "" if expected is None else f" ({expected} expected by now)"
            out.write(f"{_orders(festival)} of {festival.plan.orders} orders{by_now}, {_events(festival)} events\n")
            out.flush()
    with tqdm(total=festival.plan.orders, unit="order", file=out, dynamic_ncols=True) as bar:
        while True:
            await asyncio.sleep(BAR_S)
            expected = festival.expected
            due = {} if expected is None else {"expected": expected}
            bar.set_postfix(due, events=_events(festival), broken=festival.findings.broken.total(), refresh=False)
            bar.update(_orders(festival) - bar.n)


def _orders(festival: Festival) -> int:
    return festival.model.placed


def _events(festival: Festival) -> int:
    return sum(len(follower.events) for follower in festival.followers)
