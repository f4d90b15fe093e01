"""Histograms count each value once, in the bucket of the first bound that is not below it."""

from hypothesis import given
from hypothesis import strategies as st

from festival_push.store.histogram import Histogram

BOUNDS = (1.0, 2.0, 5.0)


def test_a_bound_belongs_to_the_bucket_that_it_ends() -> None:
    histogram = Histogram(BOUNDS)
    for value in (0.0, 1.0, 1.5, 5.0, 5.1):
        histogram.add(value)
    assert histogram.counts == [2, 1, 1, 1]
    assert histogram.total == 12.6


@given(st.lists(st.floats(0, 100)))
def test_every_value_is_counted_once(values: list[float]) -> None:
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.add(value)
    assert sum(histogram.counts) == len(values)
    assert sum(histogram.counts[:2]) == sum(value <= 2.0 for value in values)
