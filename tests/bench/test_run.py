"""A measurement that fails costs the others nothing, and what is known is on disk at every moment."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fan_out import Figures
from bench.results import load_results
from bench.run import Run
from tests.bench.sample import sample


@pytest.fixture
def run(tmp_path: Path) -> Run:
    results = sample()
    results.rounds, results.growth = {}, {}
    return Run(results, tmp_path / "bench.json", within_s=30)


def broken() -> Figures:
    raise AssertionError("2 of 5,000\nwere | lost")


def test_a_round_that_fails_is_kept_with_its_reason_and_the_next_goes_on(run: Run, tmp_path: Path) -> None:
    run.measure("storm", broken)
    run.measure("storm", lambda: {"storm_s": 2.0})
    kept = load_results(tmp_path / "bench.json")
    assert kept.rounds == {"storm": ["AssertionError: 2 of 5,000 were / lost", {"storm_s": 2.0}]}


def test_a_point_that_fails_keeps_the_rounds_before(run: Run, tmp_path: Path) -> None:
    def twice() -> Iterator[Figures]:
        yield {"one_us": 9.0}
        raise OSError("disk full")

    run.measure_at("topics", 10, twice)
    assert load_results(tmp_path / "bench.json").growth == {"topics": {10: [{"one_us": 9.0}, "OSError: disk full"]}}


def test_a_measurement_that_hangs_is_ended(tmp_path: Path) -> None:
    run = Run(sample(), tmp_path / "bench.json", within_s=1)

    def hang() -> Figures:
        signal.pause()  # as when a server never prints its address
        return {}

    run.measure("push", hang)
    assert run.results.rounds["push"] == ["TimeoutError: not done after 1 s"]
    run.measure("push", lambda: {"push_p99_ms": 9.0})
    assert run.results.rounds["push"][1] == {"push_p99_ms": 9.0}


def test_each_round_of_a_point_has_its_own_time(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    alarms: list[int] = []
    monkeypatch.setattr(signal, "alarm", alarms.append)
    run.measure_at("log", 10_000, lambda: [{"order_us": 280.0}, {"order_us": 290.0}])
    assert alarms == [30, 30, 30, 0]


def test_a_long_reason_is_cut(run: Run) -> None:
    def talkative() -> Figures:
        raise ValueError("x" * 10_000)

    run.measure("push", talkative)
    [reason] = run.results.rounds["push"]
    assert isinstance(reason, str)
    assert len(reason) == 240


def test_an_interruption_ends_the_run_and_keeps_what_was_measured(run: Run, tmp_path: Path) -> None:
    def interrupted() -> Figures:
        raise KeyboardInterrupt

    run.measure("orders", lambda: {"order_us": 280.0})
    with pytest.raises(KeyboardInterrupt):
        run.measure("push", interrupted)
    assert load_results(tmp_path / "bench.json").rounds == {"orders": [{"order_us": 280.0}]}
