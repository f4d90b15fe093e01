"""Figures as people read them."""

import pytest

from bench.results import Spread
from bench.words import called, number, with_spread


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.148, "0.15"),
        (9.994, "9.99"),
        (11.24, "11.2"),
        (99.7, "99.7"),
        (415.4, "415"),
        (5072, "5,072"),
        (-0.001, "0.00"),
    ],
)
def test_a_number_has_three_digits_that_matter(value: float, text: str) -> None:
    assert number(value) == text


def test_the_spread_stands_in_brackets() -> None:
    assert with_spread(Spread(7.75, 7.86, 8.31)) == "7.86 (7.75–8.31)"
    assert with_spread(Spread(4.61, 4.65, 4.68), "KiB") == "4.65 KiB (4.61–4.68)"


def test_rounds_that_read_alike_have_no_spread() -> None:
    assert with_spread(Spread(400.1, 400.2, 400.3)) == "400"


def test_a_figure_that_nobody_named_goes_by_its_key() -> None:
    assert called("stream_kib") == "KiB a stream"
    assert called("rows_per_order") == "rows per order"
