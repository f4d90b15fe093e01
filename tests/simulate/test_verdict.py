"""The verdict: its figures, its table, and the progress before it."""

import asyncio
import io
from contextlib import suppress

import pytest

from festival_push.simulate import progress
from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import TEXTS_MAX, Law
from festival_push.simulate.pace import Pace
from festival_push.simulate.verdict import render, verdict_of
from tests.support.timing.waiting import until


def test_percentiles_are_of_the_nearest_rank(festival: Festival) -> None:
    festival.client.post_s += [number / 1000 for number in range(100, 0, -1)]
    times = verdict_of(festival, seconds=1.0, interrupted=False).post_ms
    assert times is not None
    assert (times.count, times.p50, times.p95, times.p99, times.max) == (100, 50, 95, 99, 100)


def test_nothing_measured_is_nothing_said(festival: Festival) -> None:
    verdict = verdict_of(festival, seconds=1.0, interrupted=True)
    assert verdict.push_ms is verdict.post_ms is None
    assert not verdict.ok
    assert render(verdict).endswith("No order was placed: this shows nothing (stopped early).")


def test_one_breach_of_any_law_is_a_broken_promise(festival: Festival) -> None:
    festival.model.placed = 1
    festival.findings.check(Law.MONEY, True, "fine")  # noqa: FBT003
    assert verdict_of(festival, seconds=1.0, interrupted=False).ok
    festival.findings.check(Law.MONEY, False, "a cent is gone")  # noqa: FBT003
    verdict = verdict_of(festival, seconds=1.0, interrupted=False)
    assert not verdict.ok
    assert verdict.laws[Law.MONEY].checked == 2
    assert verdict.laws[Law.MONEY].broken == 1
    lines = render(verdict).splitlines()
    assert "money conserved: a cent is gone" in lines
    assert lines[-1] == "A PROMISE WAS BROKEN."


def test_a_thousand_breaches_are_counted_and_some_are_told(festival: Festival) -> None:
    for number in range(1_000):
        festival.findings.check(Law.ONCE, False, str(number))  # noqa: FBT003
    assert festival.findings.broken[Law.ONCE] == 1_000
    assert len(festival.findings.texts) == TEXTS_MAX


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The progress is written every few milliseconds."""
    monkeypatch.setattr(progress, "LINE_S", 0.01)
    monkeypatch.setattr(progress, "BAR_S", 0.01)


@pytest.mark.parametrize(("out", "shown"), [(io.StringIO(), "3 of 10 orders, 0 events"), (Terminal(), "3/10")])
@pytest.mark.usefixtures("often")
async def test_progress_is_a_bar_or_lines(festival: Festival, out: io.StringIO, shown: str) -> None:
    festival.model.placed = 3
    await see(festival, out, shown)
    assert "expected" not in out.getvalue()


@pytest.mark.parametrize(
    ("out", "shown"), [(io.StringIO(), "3 of 10 orders (5 expected by now), 0 events"), (Terminal(), "expected=5")]
)
@pytest.mark.usefixtures("often")
async def test_progress_at_a_pace_says_how_many_orders_are_expected(
    festival: Festival, out: io.StringIO, shown: str
) -> None:
    times = iter([100.0])  # when the sale began; half a minute later it is looked at
    festival.pace = Pace(10, 60.0, clock_s=lambda: next(times, 129.0))
    festival.model.placed = 3
    await see(festival, out, shown)


async def see(festival: Festival, out: io.StringIO, shown: str) -> None:
    """Show the progress until `shown` has been written."""
    showing = asyncio.create_task(progress.show_progress(festival, out))
    await until(lambda: shown in out.getvalue(), message=shown)
    showing.cancel()
    with suppress(asyncio.CancelledError):
        await showing
