"""Results become a JSON file, charts, and the tables of `docs/performance.md`."""

import json
from pathlib import Path
from typing import Any, Final

from bench.chart import bar_chart, line_chart
from bench.targets import OURS, TARGETS, Results

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE: Final = DOCS / "performance.md"
FOLDER: Final = DOCS / "performance"
BEGIN: Final = "<!-- begin: written by make bench -->"
END: Final = "<!-- end: written by make bench -->"

_LEGEND: Final = "CPU µs of the server for each event delivered to a stream; memory; time from cause to client.\n\n"
_COLUMNS: Final = {
    "broadcast_us": "broadcast 20/s",
    "burst_us": "burst of 100",
    "one_us": "one to one",
    "stream_kib": "KiB a stream",
    "broadcast_p50_ms": "p50, ms",
    "broadcast_p99_ms": "p99, ms",
}


def write(results: dict[str, Any]) -> None:
    """Write all of it. The page must have the two marks."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    compared = _compared(results)
    for name, svg in _charts(results).items():
        (FOLDER / f"{name}.svg").write_text(svg)
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    text = "\n\n".join([_where(results), _targets(compared), _servers(results), _growth_tables(results)])
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


def _compared(results: dict[str, Any]) -> Results:
    """The medians, and beside them the ends of what grew."""
    compared: Results = dict(results["medians"])
    grown = results.get("growth", {})
    if "log" in grown:
        first, last = grown["log"][0], grown["log"][-1]
        compared["log"] = last | {f"{name}_base": figure for name, figure in first.items()}
    if "streams" in grown:
        by_count = {point["streams"]: point for point in grown["streams"]}
        compared["streams"] = by_count[10_000] | {f"{name}_base": figure for name, figure in by_count[1_000].items()}
    return compared


def _where(results: dict[str, Any]) -> str:
    machine = results["machine"]
    lines = [
        f"Measured {results['at']} by `make bench`: {machine['cores']} cores ({machine['cpu']}), {machine['memory']},"
        f" Linux {machine['kernel']}, Python {machine['python']}. {results['streams']:,} streams; medians of"
        f" {results['rounds']} rounds, the servers in turn. The load client ran on the same machine."
        " [All figures](performance/results.json).",
        *(f"Not measured: {line}." for line in results["missing"]),
    ]
    return "\n\n".join(lines)


def _targets(compared: Results) -> str:
    rows = [target.row(compared) for target in TARGETS]
    return "### Targets\n\n" + _table(("", "measured", "target", ""), rows)


def _servers(results: dict[str, Any]) -> str:
    """CPU µs of the server for each event delivered to a stream, memory, latency."""
    medians, versions = results["medians"], results["versions"]
    names = sorted((*versions, OURS), key=lambda name: medians[name]["broadcast_us"])
    rows = [
        (
            f"**{name}**" if name == OURS else f"{name} {versions[name]}",
            *(f"{medians[name][key]:.2f}" for key in _COLUMNS),
        )
        for name in names
    ]
    title = "### The same work on other servers\n\n" + _LEGEND
    pictures = "\n".join(
        f"![{text}](performance/{key}.svg)" for key, text in _COLUMNS.items() if not key.endswith("_ms")
    )
    orders = {name: medians[name] for name in ("orders", "push", "storm")}
    own = [(group, name, f"{figure:.2f}") for group, figures in orders.items() for name, figure in figures.items()]
    return (
        title
        + _table(("", *_COLUMNS.values()), rows)
        + "\n\n"
        + pictures
        + "\n\n### Orders and reconnects\n\n"
        + _table(("", "", ""), own)
    )


def _growth_tables(results: dict[str, Any]) -> str:
    parts = []
    for name, points in results.get("growth", {}).items():
        rows = [tuple(f"{figure:,.2f}".removesuffix(".00") for figure in point.values()) for point in points]
        parts.append(
            f"### Growth over {name}\n\n![growth over {name}](performance/growth-{name}.svg)\n\n"
            + _table(tuple(points[0]), rows)
        )
    return "\n\n".join(parts)


def _charts(results: dict[str, Any]) -> dict[str, str]:
    medians, grown = results["medians"], results.get("growth", {})
    names = (*results["versions"], OURS)
    charts = {
        key: bar_chart(
            text, "KiB" if key == "stream_kib" else "CPU µs a delivery", {name: medians[name][key] for name in names}
        )
        for key, text in _COLUMNS.items()
        if not key.endswith("_ms")
    }
    lines = {
        "streams": ("streams", ("broadcast_us", "burst_us")),
        "topics": ("topics", ("one_us",)),
        "log": ("log_rows", ("order_us", "replay_us")),
        "batches": ("orders_per_batch", ("order_us", "no_op_us")),
    }
    for name, points in grown.items():
        x, keys = lines[name]
        series = {key: sorted((point[x], point[key]) for point in points) for key in keys}
        charts[f"growth-{name}"] = line_chart(f"Growth over {name}", x.replace("_", " "), "CPU µs", series)
    return charts


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
