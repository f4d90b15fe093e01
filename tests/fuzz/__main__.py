"""Try the published contract on a server for as long as you like: `make fuzz`, `python -m tests.fuzz --help`."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.fuzz.run import ROLES, open_field


async def main(examples: int, seed: int) -> int:
    """Print each role's cases and failures; return how many failures there were."""
    with tempfile.TemporaryDirectory() as home:
        failures = 0
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="made-up requests a route (50)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeats a run (at random)")
    options = parser.parse_args()
    sys.exit(min(1, asyncio.run(main(options.examples, options.seed))))
