"""What `festival-push simulate` makes of its arguments."""

import argparse

import pytest

from festival_push.cli import main, simulate
from festival_push.settings import load_settings
from festival_push.simulate.plan import OVER_S_MAX, Plan


def plan_of(*arguments: str) -> Plan:
    parser = argparse.ArgumentParser()
    simulate.add_arguments(parser)
    return simulate._plan_of(parser.parse_args(arguments), load_settings(None, {}), "-")


def test_a_rush_has_time_for_its_orders_and_for_what_is_late() -> None:
    plan = plan_of("--orders", "300", "--over", "600")
    assert (plan.orders, plan.over_s, plan.seconds) == (300, 600, 900)


def test_the_end_of_the_longest_rush_can_also_be_typed() -> None:
    seconds = plan_of("--over", str(OVER_S_MAX)).seconds
    assert plan_of("--seconds", str(seconds)).seconds == seconds


def test_without_a_pace_orders_come_as_fast_as_they_can() -> None:
    plan = plan_of()
    assert (plan.orders, plan.over_s, plan.seconds) == (200, None, 300)


def test_a_rush_may_end_before_its_last_order() -> None:
    plan = plan_of("--over", "600", "--seconds", "60")
    assert (plan.over_s, plan.seconds) == (600, 60)


@pytest.mark.parametrize("seconds", ["1", str(OVER_S_MAX)])
def test_the_bounds_of_a_rush_are_included(seconds: str) -> None:
    assert plan_of("--over", seconds).over_s == int(seconds)


@pytest.mark.parametrize("seconds", ["", "0", "-1", "1.5", "nan", "inf", "ten", str(OVER_S_MAX + 1)])
def test_another_length_of_a_rush_is_refused(capsys: pytest.CaptureFixture[str], seconds: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", f"--over={seconds}"])
    assert ended.value.code == 2
    assert f"argument --over: {seconds!r}: a whole number from 1 to {OVER_S_MAX}" in capsys.readouterr().err
