"""A target is met, missed, or unknown with the reason."""

import pytest

from bench.results import Results
from bench.targets import OURS, TARGETS, Figure, Target
from tests.bench.sample import sample


def row(target: Target, results: Results) -> tuple[str, str, str]:
    return target.row(results)[1:]


AGAINST_NCHAN = Target("broadcast", 0.9, Figure(OURS, "broadcast_us"), Figure("Nchan", "broadcast_us"))


def test_a_ratio_is_of_the_medians_and_its_spread_of_the_rounds() -> None:
    assert row(AGAINST_NCHAN, sample()) == ("8.00 : 9.00 = 0.89 (0.80–1.00)", "≤ 0.9", "met")


def test_a_ratio_above_its_limit_is_missed() -> None:
    stricter = Target("", 0.88, AGAINST_NCHAN.ours, AGAINST_NCHAN.other)
    assert row(stricter, sample())[2] == "**missed**"


def test_a_figure_alone_has_its_unit() -> None:
    memory = Target("memory", 3.55, Figure(OURS, "stream_kib"), unit="KiB")
    assert row(memory, sample()) == ("3.55 KiB (3.50–3.60)", "≤ 3.55 KiB", "met")
    assert row(Target("", 3.5, memory.ours, unit="KiB"), sample())[2] == "**missed**"


def test_a_point_of_a_series_is_compared_with_another() -> None:
    grown = Target("", 1.15, Figure("streams", "broadcast_us", 10_000), Figure("streams", "broadcast_us", 1_000))
    assert row(grown, sample()) == ("7.55 : 7.10 = 1.06 (1.03–1.10)", "≤ 1.15", "met")


def test_a_round_in_which_either_failed_is_left_out_and_told() -> None:
    results = sample()
    results.rounds["Nchan"][0] = "AssertionError: Nchan did not start"
    assert row(AGAINST_NCHAN, results) == ("8.00 : 8.00 = 1.00", "≤ 0.9", "**missed**, 1 of 2 rounds failed")


def test_a_target_is_not_simply_met_when_a_round_failed() -> None:
    storm = Target("", 2, Figure("storm", "storm_s"), unit="s")
    assert row(storm, sample()) == ("1.90 s", "≤ 2 s", "met, 1 of 2 rounds failed")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (Figure("Socket.IO", "one_us"), "there is no Node on this machine"),
        (Figure("push", "push_p99_ms"), "push was left out"),
        (Figure("log", "order_us", 10_000_000), "TimeoutError: not done after 300 s"),
        (Figure("topics", "one_us", 10), "topics was left out"),
    ],
)
def test_what_was_not_measured_is_neither_met_nor_missed(other: Figure, reason: str) -> None:
    target = Target("", 1, Figure(OURS, "broadcast_us"), other)
    assert row(target, sample()) == ("not measured", "≤ 1", f"unknown: {reason}")


def test_nothing_to_compare_with_is_no_division() -> None:
    target = Target("", 1, Figure(OURS, "broadcast_us"), Figure("C floor", "stream_kib"))
    results = sample()
    results.rounds["C floor"] = [{"stream_kib": 0.0}] * 2
    assert row(target, results)[2] == "**missed**"


def test_every_target_is_about_something_that_is_measured() -> None:
    keys = {
        OURS: {"broadcast_us", "burst_us", "one_us", "stream_kib", "broadcast_p99_ms"},
        "orders": {"order_us", "unheard_order_us", "no_op_us"},
        "push": {"push_p99_ms"},
        "storm": {"storm_s"},
        "log": {"order_us", "replay_us"},
        "streams": {"broadcast_us"},
    }
    keys |= {peer: keys[OURS] for peer in ("C floor", "Nchan", "Socket.IO")}
    for target in TARGETS:
        for figure in (target.ours, target.other):
            assert figure is None or figure.key in keys[figure.name], target.what
