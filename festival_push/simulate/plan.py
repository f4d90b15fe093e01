"""The parameters of a simulation, and the error when it can't be run."""

from dataclasses import dataclass
from typing import Final

from festival_push.simulate.http.webhook import Webhook

CUSTOMERS_MAX: Final = 5_000  # each holds a connection of its own
STALLS_MAX: Final = 50
ORDERS_MAX: Final = 20_000  # every event is kept until the verdict: about 5 KiB an order
OVER_S_MAX: Final = 3_600  # announcements and sold-out items go on meanwhile, and their events are kept too
LATE_S: Final = 300  # for the orders that are late when that time is over
SECONDS_MAX: Final = OVER_S_MAX + LATE_S


class SimulationError(Exception):
    """The simulation can't begin; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The parameters of one simulation.

    Attributes:
        url: The server's, e.g. `http://127.0.0.1:8000`.
        others: Of servers over the same database: requests and streams go to one after the other.
        token: An organiser's.
        orders: How many orders are placed at most.
        over_s: The seconds over which the orders are spread evenly; None: they come as fast as the guests can.
        seconds: After so many seconds nobody orders any more.
        seed: What people do is drawn from it. When they do it also depends on the server, so no two runs are the same.
        faults: Names of the faults that are inflicted; of servers, on the processes with the ids `pids`.
        webhook: Reports top-ups as a payment provider does; None: all top-ups are made at the cash desk.
    """

    url: str
    token: str
    customers: int
    stalls: int
    orders: int
    over_s: float | None = None
    seconds: float
    seed: int
    webhook: Webhook | None
    others: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    pids: tuple[int, ...] = ()
