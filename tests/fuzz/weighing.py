"""What requests cost a server process, as the kernel counts it: processor time and memory.

Such figures depend on the machine and on what else it does. So they are compared with those of an order on the same
server, and by `make fuzz` only; `test_costs.py` counts what no machine changes.
"""

import re
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.accounting import cpu_ns
from tests.fuzz.hostile import good_order, hostile_requests
from tests.fuzz.raw_request import RawRequest

TIMES: Final = 3
ORDERS_MAX: Final = 10.0
"""How many orders' processor time a refusal may take at most, for each 64 KB that were sent or a part of them. With
the mistakes that this is to find, it takes hundreds or thousands."""
PEAK_MB_MAX: Final = 8.0
_ORDERS: Final = 8  # as many as a customer may have open at one stall, and some to spare
_WITHIN_S: Final = 120.0
_KIB: Final = re.compile(r"^(VmHWM|VmRSS):\s+([0-9]+) kB$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Weight:
    """Of one request, of several that are alike.

    Attributes:
        sent: Its bytes.
        answered: The bytes of the answer.
        cpu_ms: The server's processor time, the least of them: what it does beside is no cost of theirs.
        peak_mb: By how much the server grew meanwhile at most, in MB.
        orders: `cpu_ms` in orders.
    """

    name: str
    status: int
    sent: int
    answered: int
    cpu_ms: float
    peak_mb: float
    orders: float = 1.0


def too_dear(weights: Sequence[Weight]) -> list[str]:
    """What is wrong with these weights."""
    return [
        f"{weight.name}: {weight.cpu_ms:.1f} ms of processor time ({weight.orders:.1f} orders), {weight.peak_mb:.1f} MB"
        for weight in weights
        if weight.orders > ORDERS_MAX * max(1, weight.sent / 65_536) or weight.peak_mb > PEAK_MB_MAX
    ]


def weigh_all(url: str, pid: int, tokens: Mapping[str, str], *, stall: str, item: str) -> list[Weight]:
    """Weigh an order and all hostile requests on a running server.

    Args:
        tokens: Of a customer with money, a vendor and an admin, by these words.
        stall: Where `item` can be had.

    Returns:
        The order's weight, then the others', the one with the most processor time first.
    """
    meal = [good_order(stall, item, key=f"weighed-{number}").raw(tokens["customer"]) for number in range(_ORDERS)]
    _send(url, meal[0])  # fills the caches
    order = _weigh("an order", url, pid, meal[1:])
    assert order.status == 201, order
    others = [
        _weigh(request.name, url, pid, [_raw(request, tokens)] * TIMES, order) for request in hostile_requests(stall)
    ]
    return [order, *sorted(others, key=lambda weight: -weight.cpu_ms)]


def _raw(request: RawRequest, tokens: Mapping[str, str]) -> bytes:
    return request.raw(tokens.get(request.who, ""))


def _weigh(name: str, url: str, pid: int, requests: Sequence[bytes], order: Weight | None = None) -> Weight:
    memory = Path(f"/proc/{pid}")
    (memory / "clear_refs").write_text("5")  # the peak begins anew
    before_kib, clock_ns = _kib(memory)["VmRSS"], [cpu_ns([pid])]
    answers = []
    for request in requests:
        answers.append(_send(url, request))
        clock_ns.append(cpu_ns([pid]))
    cpu_ms = min(after - before for before, after in pairwise(clock_ns)) / 1e6
    return Weight(
        name=name,
        status=int(answers[-1].split(b" ", 2)[1]) if answers[-1] else 0,
        sent=len(requests[-1]),
        answered=max(map(len, answers)),
        cpu_ms=cpu_ms,
        peak_mb=max(0, _kib(memory)["VmHWM"] - before_kib) * 1024 / 1e6,
        orders=cpu_ms / order.cpu_ms if order else 1.0,
    )


def _kib(process: Path) -> dict[str, int]:
    return {name: int(kib) for name, kib in _KIB.findall((process / "status").read_text())}


def _send(url: str, request: bytes) -> bytes:
    """Send a request over a connection of its own; return all that is answered until the server closes it."""
    parts = urlsplit(url)
    answer = b""
    connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=_WITHIN_S)
    with connection, suppress(ConnectionError):  # the server may have answered before it had read all
        connection.sendall(request)
        while chunk := connection.recv(1 << 16):
            answer += chunk
    return answer
