"""`python -m bench.refusals`: what refusing a request costs our server, for each request that is made to be dear.

Starts a server with one customer and one stall, orders a meal, and sends each of `tests/fuzz/hostile.py` three times.
Prints a table, the dearest first: the bytes of the request, the status and the bytes of the answer, the server's
processor time in ms and in orders (how many orders it could have taken meanwhile), and by how many MB it grew at most.
Below it stands the worst of each. Let nothing else run; it takes some seconds.
"""

import argparse
import asyncio
import sys
from typing import Final

from bench.subject import ADMIN, Subject
from tests.fuzz.weighing import Weight, weigh_all

_HEAD: Final = f"{'request':<42}{'bytes':>8}{'status':>8}{'answer':>8}{'CPU ms':>9}{'orders':>8}{'MB':>7}"


def measure() -> list[Weight]:
    """An order's weight, then those of the refusals, the dearest first."""
    subject = Subject(customers=1)
    asyncio.run(subject.furnish())
    try:
        url = subject.start()
        people = {"customer": subject.customers[0], "vendor": subject.stalls[0], "admin": ADMIN}
        tokens = dict(zip(people, subject.tokens(list(people.values())), strict=True))
        return weigh_all(url, subject.pid(), tokens, stall=subject.stalls[0], item="i0")
    finally:
        subject.stop()


def table(weights: list[Weight], rows: int) -> str:
    """The order and the first rows of the others, then the worst of all by each measure."""
    order, *others = weights
    lines = [_HEAD, *map(_row, [order, *others[:rows]])]
    for what, worst in (
        ("processor time for each byte", max(others, key=lambda weight: weight.cpu_ms / weight.sent)),
        ("memory", max(others, key=lambda weight: weight.peak_mb)),
        ("answer for each byte", max(others, key=lambda weight: weight.answered / weight.sent)),
    ):
        lines += [f"The most {what}:", _row(worst)]
    return "\n".join(lines)


def _row(weight: Weight) -> str:
    return (
        f"{weight.name:<42}{weight.sent:>8,}{weight.status:>8}{weight.answered:>8,}{weight.cpu_ms:>9.2f}"
        f"{weight.orders:>8.2f}{weight.peak_mb:>7.1f}"
    )


def main() -> int:
    """Measure once and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.refusals", description=__doc__)
    parser.add_argument("--rows", type=int, default=20, help="how many of the refusals to print (20)")
    print(table(measure(), parser.parse_args().rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
