"""Try the published contract on a server for as long as you like: `make fuzz`, `python -m tests.fuzz --help`.

Before that, it weighs the requests that are made to be dear to refuse (`hostile.py`).
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.fuzz.run import ROLES, open_field
from tests.fuzz.weighing import too_dear


async def main(examples: int, seed: int) -> int:
    """Print what refusals cost, and each role's cases and failures; return how many failures there were."""
    with tempfile.TemporaryDirectory() as home:
        failures = await _weigh()
        async with open_field(Path(home)) as field:
            print(f"{examples} examples a route, seed {seed}")
            for role in ROLES:
                outcome = await asyncio.to_thread(field.fuzz, role, examples=examples, seed=seed)
                print(f"{role:<9}{outcome.cases:>7} cases {outcome.failures:>4} failures", flush=True)
                if outcome.failures:
                    print(outcome.said)
                failures += outcome.failures
            for fault in field.faults():
                print(fault)
            field.server.audit()
            return failures + len(field.faults())


async def _weigh() -> int:
    """Print which request is the dearest to refuse, and those that are too dear; return how many these are."""
    with tempfile.TemporaryDirectory() as home:
        async with open_field(Path(home)) as field:
            order, *others = await asyncio.to_thread(field.weigh)
            dearest = others[0]
            print(f"{len(others)} refusals; the dearest, {dearest.name}, takes as long as {dearest.orders:.1f} orders")
            findings = [*too_dear([order, *others]), *field.faults()]
            print(*findings, sep="\n", end="\n" if findings else "")
            return len(findings)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="made-up requests a route (50)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeats a run (at random)")
    options = parser.parse_args()
    sys.exit(min(1, asyncio.run(main(options.examples, options.seed))))
