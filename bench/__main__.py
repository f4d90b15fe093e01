"""`make bench`: every row of the target table in one run, ours and the peers' on the same work, in turn.

Writes `docs/performance/results.json`, its charts, and the tables between the marks in `docs/performance.md`.
"""

import argparse
import json
import os
import platform
import resource
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import fan_out, growth, orders, report, storm
from bench.fan_out import Figures
from bench.load_client import compiled
from bench.peer import all_peers
from bench.targets import OURS

GROWTH: Final[dict[str, Callable[[Path], Iterator[Figures]]]] = {
    "streams": growth.over_streams,
    "topics": growth.over_topics,
    "log": growth.over_log,
    "batches": growth.over_batches,
}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of everything but growth; the medians count")
    parser.add_argument("--streams", type=int, default=2_000, help="that are open while events fan out")
    parser.add_argument("--skip-growth", action="store_true")
    parsed = parser.parse_args()
    _allow_many_files()
    with tempfile.TemporaryDirectory(prefix="festival-push-bench-") as folder:
        load, floor = compiled("load", Path(folder)), compiled("floor", Path(folder))
        results = _measure(load, floor, parsed.rounds, parsed.streams)
        if not parsed.skip_growth:
            results["growth"] = {}
            for name, series in GROWTH.items():
                results["growth"][name] = [_said(f"growth over {name}", point) for point in series(load)]
    report.write(results)


def _measure(load: Path, floor: Path, rounds: int, streams: int) -> dict[str, Any]:
    peers, missing = all_peers(floor)
    print(*missing, sep="\n")
    found: dict[str, list[Figures]] = {}
    for number in range(rounds):
        for peer in peers:
            found.setdefault(peer.name, []).append(_said(peer.name, fan_out.measure_peer(peer, load, streams)))
        ours = fan_out.measure_ours(load, streams) | fan_out.measure_ours_apart(load, streams)
        found.setdefault(OURS, []).append(_said(f"{OURS}, round {number + 1}", ours))
        found.setdefault("orders", []).append(_said("orders", orders.measure_orders(load)))
        found.setdefault("push", []).append(_said("push", orders.measure_push(load)))
        found.setdefault("storm", []).append(_said("storm", storm.measure_storm(load)))
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "rounds": rounds,
        "streams": streams,
        "versions": {peer.name: peer.version for peer in peers},
        "missing": missing,
        "medians": {name: _medians(figures) for name, figures in found.items()},
        "all": found,
    }


def _medians(rounds: list[Figures]) -> Figures:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def _said(name: str, figures: Figures) -> Figures:
    print(name, json.dumps({key: round(figure, 2) for key, figure in figures.items()}), flush=True)
    return figures


def _machine() -> dict[str, str]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 2**20
    cores = str(len(os.sched_getaffinity(0)))
    return {
        "cpu": model,
        "cores": cores,
        "memory": f"{memory} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    main()
