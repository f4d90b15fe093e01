"""What a run has found is kept whole, and told in spreads."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.results import Spread, load_results, spread_of
from tests.bench.sample import sample


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_a_spread_goes_from_the_smallest_to_the_largest(values: list[float]) -> None:
    low, middle, high = spread_of(values)
    assert low == min(values)
    assert high == max(values)
    assert sum(value <= middle for value in values) * 2 >= len(values)
    assert sum(value >= middle for value in values) * 2 >= len(values)


def test_a_failed_round_does_not_hide_the_others() -> None:
    assert sample().spread("storm", "storm_s") == Spread(1.9, 1.9, 1.9)


@pytest.mark.parametrize(
    ("name", "key", "size"),
    [
        ("push", "push_p99_ms", None),
        ("orders", "of_another_version", None),
        ("log", "order_us", 10_000_000),
        ("log", "order_us", 5),
        ("topics", "one_us", 10),
    ],
)
def test_what_was_not_measured_has_no_spread(name: str, key: str, size: int | None) -> None:
    assert sample().spread(name, key, size) is None


def test_failures_name_measurement_round_and_reason() -> None:
    assert sample().failures() == [
        "storm, round 2: AssertionError: 2 were lost",
        "log, 10,000,000, round 1: TimeoutError: not done after 300 s",
    ]


def test_results_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "new" / "results.json"
    sample().save(file)
    assert load_results(file) == sample()
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_cannot_be_written_anew_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    sample().save(file)
    whole = file.read_bytes()
    file.with_suffix(".new").mkdir()  # in the way
    with pytest.raises(IsADirectoryError):
        sample().save(file)
    assert file.read_bytes() == whole
