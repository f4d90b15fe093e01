"""`make bench`: every row of the target table in one run, ours and the peers' on the same work, in turn.

Writes `docs/performance/results.json`, its charts, and what stands between the marks in `docs/performance.md`. What has
been measured so far is in `var/bench.json` meanwhile; after an interruption `python -m bench.report var/bench.json`
makes the report of that. Ends with 1 when a measurement failed.
"""

import argparse
import resource
import signal
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from bench import fan_out, orders, report, storm, surroundings
from bench.fan_out import Figures
from bench.growth import all_series
from bench.load.load_client import compiled
from bench.peer import all_peers
from bench.results import Results
from bench.run import Run
from bench.targets import OURS

UNFINISHED: Final = surroundings.ROOT / "var/bench.json"
_WITHIN_S: Final = 300  # the longest round takes a third of it


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of everything; the medians count")
    parser.add_argument("--streams", type=int, default=2_000, help="that are open while events fan out")
    parser.add_argument("--skip-growth", action="store_true")
    parsed = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # or the servers would outlive us
    results = Results(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        command=" ".join(["python -m bench", *sys.argv[1:]]),
        commit=surroundings.commit(),
        machine=surroundings.machine(),
        software=surroundings.software(),
        streams=parsed.streams,
    )
    files = _allow_many_files()
    with tempfile.TemporaryDirectory(prefix="festival-push-bench-") as folder:
        load, floor = compiled("load", Path(folder)), compiled("floor", Path(folder))
        run = Run(results, UNFINISHED, within_s=_WITHIN_S)
        try:
            _measure_rounds(run, load, floor, parsed.rounds)
            for series in () if parsed.skip_growth else all_series(floor, files):
                for size in series.sizes:
                    run.measure_at(series.what, size, partial(series.measure, load, size, parsed.rounds))
        except KeyboardInterrupt:
            print(f"Interrupted. For a report of what was measured: python -m bench.report {UNFINISHED}")
            return 130
    report.write(results)
    UNFINISHED.unlink()
    failures = results.failures()
    print(
        f"{results.seconds / 60:.0f} minutes;", f"{len(failures)} failed:" if failures else "nothing failed", *failures
    )
    return 1 if failures else 0


def _measure_rounds(run: Run, load: Path, floor: Path, rounds: int) -> None:
    streams = run.results.streams
    peers, missing = all_peers(floor)
    run.results.missing = missing
    run.results.peers = {peer.name: peer.version for peer in peers}
    for name, reason in missing.items():
        print(f"{name}: {reason}")
    for _ in range(rounds):
        for peer in peers:
            run.measure(peer.name, partial(fan_out.measure_peer, peer, load, streams))
        run.measure(OURS, partial(_ours, load, streams))
        run.measure("orders", partial(orders.measure_orders, load))
        run.measure("push", partial(orders.measure_push, load))
        run.measure("storm", partial(storm.measure_storm, load))


def _ours(load: Path, streams: int) -> Figures:
    figures = fan_out.measure_ours(load, streams)
    for apart in fan_out.measure_ours_apart(load, streams):
        figures |= apart
    return figures


def _allow_many_files() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


if __name__ == "__main__":
    sys.exit(main())
