"""The faults that a simulation can be asked for: what they are called, what they do, and when."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

from festival_push.simulate.faults import answers, servers, streams
from festival_push.simulate.festival import Festival
from festival_push.simulate.plan import Plan, SimulationError


class Fault(NamedTuple):
    """One fault.

    Attributes:
        does: What it does, in the words of `--help`.
        inflict: Does it until the festival stops, and counts in `festival.inflicted` how often.
        to_servers: It needs the ids of the servers' processes.
    """

    does: str
    inflict: Callable[[Festival], Coroutine[Any, Any, None]]
    to_servers: bool = False


FAULTS: Final[dict[str, Fault]] = {
    "stampede": Fault("all streams are closed, and opened again at once", streams.stampede),
    "slow-readers": Fault("some streams are not read for seconds", streams.read_slowly),
    "lost-answers": Fault("commands whose client hangs up and asks another server, with the same key", answers.lose),
    "repeats": Fault("commands sent again seconds later, at another server: the same answer", answers.repeat),
    "half-requests": Fault("clients vanish half-way through a command", answers.vanish),
    "wrong-tokens": Fault("requests and streams with tokens that are not valid", answers.forge),
    "freeze": Fault("a server stands still for seconds (SIGSTOP, SIGCONT)", servers.freeze, to_servers=True),
    "restart": Fault("each server is asked to end once (SIGTERM)", servers.restart, to_servers=True),
    "kill": Fault("each server is killed once (SIGKILL)", servers.kill, to_servers=True),
}


def require_possible(plan: Plan) -> None:
    """Raise SimulationError if a fault needs process ids that the plan has not, or they are no servers of ours."""
    to_servers = [name for name in plan.faults if FAULTS[name].to_servers]
    if to_servers and not plan.pids:
        raise SimulationError(f"--fault {to_servers[0]} needs the process ids of the servers: --pid")
    if plan.pids and not to_servers:
        raise SimulationError("--pid names processes, but no --fault is for servers")
    servers.require_servers(plan.pids)


def inflict_all(festival: Festival, group: asyncio.TaskGroup) -> None:
    """Begin all faults of the plan."""
    for name in festival.plan.faults:
        group.create_task(FAULTS[name].inflict(festival))
