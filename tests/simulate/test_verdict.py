"""The verdict: its figures, its table, and the progress before it."""

import asyncio
import io
import random
from contextlib import suppress

import pytest

from festival_push.simulate import progress
from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import TEXTS_MAX, Findings, Law
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.model import Model
from festival_push.simulate.plan import Plan
from festival_push.simulate.verdict import render, verdict_of
from tests.support.timing.waiting import until


@pytest.fixture
def festival() -> Festival:
    findings, dice = Findings(), random.Random(1)  # noqa: S311 - a plan, no secret
    client = Client(url="http://127.0.0.1:1", findings=findings, dice=dice)
    organiser = Person(user_id="boss", token="-")
    plan = Plan(url=client.url, token="-", customers=1, stalls=1, orders=10, seconds=1, seed=7, webhook=None)
    return Festival(
        plan=plan, tag="sim-1", client=client, findings=findings, model=Model(organiser="boss"), organiser=organiser,
        organiser_watch=Watch(client, organiser, dice), currency="EUR",
    )  # fmt: skip


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


@pytest.mark.parametrize(("out", "shown"), [(io.StringIO(), "3 of 10 orders"), (Terminal(), "3/10")])
async def test_progress_is_a_bar_or_lines(
    festival: Festival, out: io.StringIO, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_S", 0.01)
    monkeypatch.setattr(progress, "BAR_S", 0.01)
    festival.model.placed = 3
    showing = asyncio.create_task(progress.show_progress(festival, out))
    await until(lambda: shown in out.getvalue(), message=shown)
    showing.cancel()
    with suppress(asyncio.CancelledError):
        await showing
