"""The verdict of a simulation, for people and for programs."""

from collections.abc import Sequence
from typing import Final

import msgspec

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.machine.meter import SATURATED, Load
from festival_push.simulate.settling import push_times_s

_PERCENTILES: Final = (50, 95, 99, 100)


class LawView(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was looked at, and how often it was broken."""

    checked: int
    broken: int


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, in milliseconds: percentiles by nearest rank, and the maximum."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The outcome of a simulation.

    Attributes:
        interrupted: It was stopped before all orders were placed.
        inflicted: How often each fault was inflicted that it was asked for.
        unanswered: Requests whose connection failed before the answer; they were sent again.
        waited: Requests that the server asked to come again later (429, 503).
        away_ms: How long a stream was away that was ended from the other side, or broke.
        back_ms: How long it took until all streams were back, after each stampede.
    """

    ok: bool
    interrupted: bool
    seed: int
    seconds: float
    orders: int
    commands: int
    events: int
    streams: int
    reconnects: int
    repeats: int
    refusals: int
    unanswered: int
    waited: int
    came_in: int  # minor units
    laws: dict[str, LawView]
    push_ms: Times | None
    post_ms: Times | None
    inflicted: dict[str, int]
    away_ms: Times | None
    back_ms: Times | None
    load: Load
    findings: list[str]


def verdict_of(festival: Festival, *, seconds: float, interrupted: bool) -> Verdict:
    """Make the verdict. It is `ok` when orders were placed, each fault was inflicted, and no law was broken."""
    inflicted = {name: festival.inflicted[name] for name in festival.plan.faults}
    findings, model, followers = festival.findings, festival.model, festival.followers
    laws = {law.value: LawView(checked=findings.checked[law], broken=findings.broken[law]) for law in Law}
    return Verdict(
        ok=model.placed > 0 and not findings.broken.total() and all(inflicted.values()),
        interrupted=interrupted,
        seed=festival.plan.seed,
        seconds=round(seconds, 1),
        orders=model.placed,
        commands=len(festival.client.post_s),
        events=sum(len(follower.events) for follower in followers),
        streams=len(followers),
        reconnects=sum(max(0, follower.connections - 1) for follower in followers),
        repeats=festival.repeats,
        refusals=festival.refused,
        unanswered=festival.client.unanswered,
        waited=festival.client.waited,
        came_in=model.came_in,
        laws=laws,
        push_ms=_times(push_times_s(festival)),
        post_ms=_times(festival.client.post_s),
        inflicted=inflicted,
        away_ms=_times(festival.client.away_s),
        back_ms=_times(festival.back_s),
        load=festival.meter.load(),
        findings=list(findings.texts),
    )


def render(verdict: Verdict) -> str:
    """Render the verdict as a table for people."""
    lines = ["", f"{'':28}{'looked at':>10}{'broken':>8}"]
    for law, seen in verdict.laws.items():
        lines.append(f"{law:28}{seen.checked:>10,}{seen.broken:>8,}")
    lines += ["", f"{'milliseconds':28}{'count':>10}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}"]
    for name, times in (
        ("a push reaches another", verdict.push_ms),
        ("a command is answered", verdict.post_ms),
        ("a lost stream is back", verdict.away_ms),
        ("all streams are back", verdict.back_ms),
    ):
        if times is not None:
            figures = "".join(f"{figure:>8.1f}" for figure in (times.p50, times.p95, times.p99, times.max))
            lines.append(f"{name:28}{times.count:>10,}{figures}")
    lines += ["", *verdict.findings, *([""] if verdict.findings else [])]
    lines.append(
        f"{verdict.orders:,} orders, {verdict.commands:,} commands and {verdict.events:,} events in"
        f" {verdict.seconds:g} s, over {verdict.streams:,} streams that came back {verdict.reconnects:,} times;"
        f" {verdict.repeats:,} commands sent twice, {verdict.refusals:,} refused. Seed {verdict.seed}."
    )
    if verdict.unanswered or verdict.waited:
        lines.append(
            f"{verdict.unanswered:,} requests had no answer, and {verdict.waited:,} were asked to wait; all came again."
        )
    if verdict.inflicted:
        told = ", ".join(f"{name} {count:,}" for name, count in verdict.inflicted.items())
        lines.append(f"Inflicted on purpose: {told}.")
    lines += _load_lines(verdict.load)
    stopped = " (stopped early)" if verdict.interrupted else ""
    lines.append(f"{_sentence(verdict)}{stopped}.")
    return "\n".join(lines)


def _load_lines(load: Load) -> list[str]:
    """Say what the simulation took, and what that means for the times above."""
    took = f"The simulation took {load.cpu:.0%} of a core and {load.memory_mib:,} MiB"
    if load.saturated < SATURATED:
        return [f"{took}."]
    return [f"{took}, and was short of CPU for {load.saturated:.0%} of the time: the times above are its own, too."]


def _sentence(verdict: Verdict) -> str:
    if any(law.broken for law in verdict.laws.values()):
        return "A PROMISE WAS BROKEN"
    if not verdict.orders:
        return "No order was placed: this shows nothing"
    missing = [name for name, count in verdict.inflicted.items() if not count]
    if missing:
        return f"Every promise held, but there was no time for {' and '.join(missing)}: run more orders"
    return "Every promise held"


def _times(seconds: Sequence[float]) -> Times | None:
    if not seconds:
        return None
    ordered = sorted(seconds)
    p50, p95, p99, most = (
        round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)] * 1000, 2) for percent in _PERCENTILES
    )
    return Times(count=len(ordered), p50=p50, p95=p95, p99=p99, max=most)
