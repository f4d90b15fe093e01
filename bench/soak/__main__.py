"""`make soak`: every fault of the table under load, on PostgreSQL and Redis, judged from outside and measured.

Prints the table that stands in `docs/reliability.md`; `--write` puts it there. With `--minutes`, the rows are run again
and again for so long. Ends with 1 if anything was found. Let nothing else run meanwhile, or the times are too long.
"""

import argparse
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from bench import surroundings
from bench.soak.table import late, merged, table, together
from tests.faults.table.client import Manners
from tests.faults.table.load import Size
from tests.faults.table.row import Outcome, Pace, Row
from tests.faults.table.rows import ALL
from tests.faults.table.setups import USUAL
from tests.faults.table.shared import SharedFields

_PAGE: Final = surroundings.ROOT / "docs/reliability.md"
_BEGIN: Final = "<!-- begin soak: written by make soak -->"
_END: Final = "<!-- end soak: written by make soak -->"
_SIZE: Final = Size(clients=12, roaming=4, heartbeat_s=15.0, manners=Manners(answer_s=20.0, pause_s=0.1))
"""27 streams and 12 clients, as patient as the SDK."""


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--row", default="", help="only those whose name has this in it, a regular expression")
    parser.add_argument("--minutes", type=float, default=0, help="go on for so long; the default is once for each row")
    parser.add_argument("--seconds", type=float, default=15, help="that each fault lasts at least")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--write", action="store_true", help="into docs/reliability.md")
    parsed = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # or the servers would outlive us
    rows = [row for row in ALL if re.search(parsed.row, row.name, re.IGNORECASE)]
    if not rows:
        parser.error(f"no row has {parsed.row!r} in its name; there are: " + "; ".join(row.name for row in ALL))
    pace = Pace(size=_SIZE, turns=3, commands=100, lasts_s=parsed.seconds, crowd=150)
    print(f"seed {parsed.seed}", flush=True)
    shown: dict[str, list[Outcome]] = {}  # by the rows' names
    for outcome in _run(rows, pace, random.Random(parsed.seed), until_s=time.monotonic() + 60 * parsed.minutes):  # noqa: S311
        shown.setdefault(outcome.name, []).append(outcome)
        print(table([outcome]).splitlines()[-1], flush=True)
        if parsed.write:  # at once: a run may be interrupted
            _write(together(shown[outcome.name]))
    outcomes = [together(shown[row.name]) for row in rows]
    print(table(outcomes))
    findings = [f"{outcome.name}: {finding}" for outcome in outcomes for finding in outcome.findings]
    print(
        *findings, *(told for row, outcome in zip(rows, outcomes, strict=True) for told in late(row, outcome)), sep="\n"
    )
    return 1 if findings else 0


def _run(rows: list[Row], pace: Pace, dice: random.Random, *, until_s: float) -> Iterator[Outcome]:
    """Run the rows in turn, once or until the time is over; give what each has shown."""
    with tempfile.TemporaryDirectory(prefix="festival-push-soak-") as folder:
        home = partial(tempfile.mkdtemp, dir=folder)
        with SharedFields(lambda: Path(home()), USUAL, audits=True) as fields:
            while True:
                for row in rows:
                    yield _outcome(fields, row, pace, dice)
                if time.monotonic() >= until_s:
                    return


def _outcome(fields: SharedFields, row: Row, pace: Pace, dice: random.Random) -> Outcome:
    try:
        return fields.run(row, pace, dice)
    except Exception:  # a row that breaks is a finding; the others are run all the same
        return Outcome(name=row.name, findings=[traceback.format_exc()])


def _write(shown: Outcome) -> None:
    """Put this row into the table of the page, and say what made it; its other rows stay as they were."""
    command = " ".join(["python -m bench.soak", *sys.argv[1:]])
    machine = surroundings.machine()
    made = (
        f"The newest rows: {datetime.now(UTC):%Y-%m-%d}, `{command}`, commit {surroundings.commit()}, "
        f"{machine['cores']} cores ({machine['cpu']}), everything on one machine."
    )
    before, _, rest = _PAGE.read_text("utf-8").partition(_BEGIN)
    told, _, after = rest.partition(_END)
    text = merged(told, [shown], [row.name for row in ALL])
    _PAGE.write_text(f"{before}{_BEGIN}\n{made}\n\n{text}\n{_END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
