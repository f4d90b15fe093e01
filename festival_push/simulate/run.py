"""Run a simulation, from the first guest to the verdict."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TextIO

import msgspec

from festival_push.simulate.faults.inflict import inflict_all, require_possible
from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.guests import Scene, run_guests
from festival_push.simulate.http.client import ServerGone
from festival_push.simulate.keepers import Keeper
from festival_push.simulate.machine.meter import Meter
from festival_push.simulate.money.cashier import Cashier, open_drawers
from festival_push.simulate.money.desk import Desk
from festival_push.simulate.money.monday import settle_accounts
from festival_push.simulate.opening import connect_all, open_festival
from festival_push.simulate.pace import Pace, wait_at_most
from festival_push.simulate.plan import Plan, SimulationError
from festival_push.simulate.progress import show_progress
from festival_push.simulate.settling import newest_transaction, settle
from festival_push.simulate.topics.boards import put_up_boards
from festival_push.simulate.topics.rooms import Onlooker
from festival_push.simulate.trespass import trespass_in_each_way
from festival_push.simulate.verdict import Verdict, verdict_of

IDLE_S: Final = 30.0
"""Seconds: if none of the open orders is finished for so long, their stalls have not heard of them."""


async def simulate(plan: Plan, *, stop: asyncio.Event, out: TextIO) -> Verdict:
    """Run one simulation.

    Args:
        stop: Set it to end early: what was begun is finished and judged.
        out: Where the progress is shown.
    Raises:
        SimulationError: The simulation could not begin.
    """
    require_possible(plan)
    out.write(f"{plan.stalls} stalls and {plan.customers} guests come in ...\n")
    if plan.over_s is not None:
        out.write(f"{plan.orders} orders are expected over {plan.over_s:g} s\n")
    out.flush()
    try:
        festival = await open_festival(plan)
        await put_up_boards(festival)
    except (ServerGone, msgspec.ValidationError) as error:
        raise SimulationError(str(error)) from error
    began_s = time.monotonic()
    try:
        async with _beside([]) as start:
            await connect_all(festival, start)
            festival.meter = Meter()
            async with _beside([festival.meter.run(), show_progress(festival, out), _end_in_time(festival, stop)]):
                await _trade(festival)
            return verdict_of(festival, seconds=time.monotonic() - began_s, interrupted=stop.is_set())
    finally:
        await _close_stalls(festival)
        await festival.client.close()


async def _trade(festival: Festival) -> None:
    """Sell until the orders are used up, then settle. An error that stops it half way is a finding."""
    try:
        first_transaction = await newest_transaction(festival)
        cashiers = await open_drawers(festival)
        await _sell(festival, cashiers)
        await trespass_in_each_way(festival)
        for cashier in cashiers:
            await cashier.finish()
        await settle_accounts(festival)
        await settle(festival, first_transaction)
    except* (ServerGone, SimulationError, msgspec.ValidationError) as group:
        for error in _leaves(group):
            festival.findings.check(Law.ANSWERS, False, str(error))  # noqa: FBT003 - it is a finding


async def _sell(festival: Festival, cashiers: Sequence[Cashier]) -> None:
    desk = Desk(festival, cashiers)
    await asyncio.gather(*(desk.top_up(guest) for guest in festival.guests))
    async with asyncio.TaskGroup() as group:
        keepers = [Keeper(festival, stall, desk, group) for stall in festival.stalls]
        for keeper in keepers:
            group.create_task(keeper.run_out())
        group.create_task(desk.announce())
        festival.pace = Pace(festival.plan.orders, festival.plan.over_s)
        inflict_all(festival, group)
        await run_guests(Scene(festival, desk, Onlooker(festival, group), group))
        festival.stopping.set()  # ends all pauses at once
        await _finish_orders(festival)


async def _finish_orders(festival: Festival) -> None:
    """Wait until every order is finished, or none was for `IDLE_S`: that is a finding."""
    left, since_s = festival.model.open_orders(), time.monotonic()
    while left:
        await asyncio.sleep(0.05)
        now = festival.model.open_orders()
        if now != left:
            left, since_s = now, time.monotonic()
        elif time.monotonic() - since_s > IDLE_S:
            festival.findings.check(Law.COMPLETE, False, f"{left} orders never reached their stalls")  # noqa: FBT003
            return


async def _end_in_time(festival: Festival, stop: asyncio.Event) -> None:
    await wait_at_most(stop, festival.plan.seconds)
    festival.stopping.set()


async def _close_stalls(festival: Festival) -> None:
    """Close the stalls, so that nobody orders where nobody serves."""
    with suppress(ServerGone):
        for stall in festival.stalls:
            await festival.client.patch(f"/v1/vendors/{stall.vendor_id}", {"open": False}, who=stall.keeper)


@asynccontextmanager
async def _beside(
    work: list[Coroutine[Any, Any, None]],
) -> AsyncIterator[Callable[[Coroutine[Any, Any, None]], object]]:
    """Run `work` beside the `async with` block, and what is started there by the function that this gives.

    All of it is cancelled at the end; then the error of one that failed is raised.
    """
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield lambda one: tasks.append(asyncio.create_task(one))
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


def _leaves(group: BaseExceptionGroup[Exception]) -> list[Exception]:
    found: list[Exception] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
