"""Results become a JSON file, charts, and what stands between the marks in `docs/performance.md`.

`python -m bench.report [FILE]` makes the charts and tables anew: of the last run, or of one that was interrupted.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import fill
from typing import Final

from bench.charts.pictures import BARS, GROWN, Grown, charts_of
from bench.results import Results, load_results
from bench.surroundings import ROOT
from bench.targets import OURS, TARGETS
from bench.words import called, with_spread

PAGE: Final = ROOT / "docs/performance.md"
_NOTHING: Final = "Left out of this run."

_SERVERS: Final = ("broadcast_us", "burst_us", "one_us", "stream_kib", "broadcast_p50_ms", "broadcast_p99_ms")


def write(results: Results, page: Path = PAGE) -> None:
    """Write all of it: the page, and beside it a folder of its name.

    Raises:
        ValueError: The page lacks a mark; nothing has been written then.
    """
    charts = charts_of(results)
    text = page.read_text("utf-8")
    for name, block in _blocks(results, charts).items():
        begin, end = (f"<!-- {edge} {name}: written by make bench -->" for edge in ("begin", "end"))
        if (text.count(begin), text.count(end)) != (1, 1) or text.index(begin) > text.index(end):
            raise ValueError(f"{page} must have these two lines once: {begin} {end}")
        text = f"{text[: text.index(begin)]}{begin}\n\n{block}\n\n{text[text.index(end) :]}"
    folder = page.with_suffix("")
    results.save(folder / "results.json")
    for name, svg in charts.items():
        (folder / f"{name}.svg").write_text(svg, "utf-8")
    for old in folder.glob("*.svg"):
        if old.stem not in charts:
            old.unlink()
    page.write_text(text, "utf-8")


def _blocks(results: Results, charts: Mapping[str, str]) -> dict[str, str]:
    """Markdown by the name of its marks."""
    return {
        "run": _run(results),
        "targets": _table(["", "measured", "target", ""], [list(target.row(results)) for target in TARGETS]),
        "servers": _joined(_servers(results), *(_picture(name, title, charts) for name, title in BARS.items())),
        "orders": _own(results),
        **{name: _series(results, name, grown, charts) for name, grown in GROWN.items()},
    }


def _run(results: Results) -> str:
    machine = results.machine
    rounds = max((len(outcomes) for outcomes in results.rounds.values()), default=0)
    repeated = f"medians of {rounds} rounds, in brackets the smallest and the largest" if rounds > 1 else "one round"
    software = ", ".join(f"{name} {version}" for name, version in results.software.items())
    measured = (
        f"Measured at {results.at} by `{results.command}`, in {results.seconds / 60:.0f} minutes, of commit"
        f" {results.commit}; on {machine['cores']} cores ({machine['cpu']}), {machine['memory']}, {machine['kernel']}."
        f" Our server: {software}. {results.streams:,} streams; {repeated}."
        " [Every round of it](performance/results.json)."
    )
    lines = [
        fill(measured, 120, break_long_words=False, break_on_hyphens=False),
        "",
        *(f"- Not measured: {name}, {reason}." for name, reason in results.missing.items()),
        *(f"- **Failed**: {failure}." for failure in results.failures()),
    ]
    return "\n".join(lines).strip()


def _servers(results: Results) -> str:
    def rank(name: str) -> float:
        found = results.spread(name, _SERVERS[0])
        return found.middle if found else float("inf")

    rows = []
    for name in sorted((*results.peers, OURS), key=rank):
        known = f"**{name}**" if name == OURS else f"{name} {results.peers[name]}".strip()
        rows.append([known, *(_cell(results, name, key) for key in _SERVERS)])
    rows += [[name, *("not measured" for _ in _SERVERS)] for name in results.missing]
    return _table(["", *(called(key) for key in _SERVERS)], rows)


def _own(results: Results) -> str:
    rows = [
        [called(key), _cell(results, name, key)]
        for name in ("orders", "push", "storm")
        for key in _keys(results, name, [None])
    ]
    return _table(["", "measured"], rows) if rows else _NOTHING


def _series(results: Results, name: str, grown: Grown, charts: Mapping[str, str]) -> str:
    sizes = list(results.growth.get(name, {}))
    keys = _keys(results, name, sizes)
    if not keys:
        return _NOTHING
    rows = [[f"{size:,}", *(_cell(results, name, key, size) for key in keys)] for size in sizes]
    pictures = (_picture(chart, curve.title, charts) for chart, curve in grown.curves.items())
    return _joined(*pictures, _table([grown.x_name, *(called(key) for key in keys)], rows))


def _keys(results: Results, name: str, sizes: Iterable[int | None]) -> list[str]:
    """Names of what a measurement has found, in its order."""
    rounds = (outcome for size in sizes for outcome in results.outcomes(name, size) if isinstance(outcome, dict))
    return list(next(rounds, {}))


def _cell(results: Results, name: str, key: str, size: int | None = None) -> str:
    found = results.spread(name, key, size)
    if found:
        return with_spread(found)
    return "failed" if results.outcomes(name, size) else "not measured"


def _picture(name: str, title: str, charts: Mapping[str, str]) -> str:
    return f"![{title}](performance/{name}.svg)" if name in charts else ""


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


if __name__ == "__main__":
    write(load_results(Path(sys.argv[1]) if sys.argv[1:] else PAGE.with_suffix("") / "results.json"))
