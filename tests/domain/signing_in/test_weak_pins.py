"""Weak PINs are refused for what makes them easy to guess; others are good enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.signing_in.weak_pins import weakness


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        *(
            (pin, "repeats")
            for pin in ["0000", "1212", "7777", "123123", "111111", "12341234", "1122", "112233", "111222"]
        ),
        *(
            (pin, "sequence")
            for pin in ["1234", "4321", "123456", "0123", "9876", "7890", "89012", "654321", "2468", "9753"]
        ),
        *((pin, "year") for pin in ["1900", "1984", "2000", "2026", "2099"]),
        *((pin, "first") for pin in ["2580", "1004", "159753", "147258369", "0852", "4711"]),
    ],
)
def test_what_is_guessed_first_is_weak(pin: str, why: str) -> None:
    said = weakness(pin)
    assert said is not None
    assert why in said or "first" in said


@pytest.mark.parametrize("pin", ["7391", "2806", "3011", "739146", "280951", "40963187", "19841225", "1899", "2100"])
def test_others_are_good_enough(pin: str) -> None:
    assert weakness(pin, ("Anna 42", "anna")) is None


@pytest.mark.parametrize("about", ["Stall 7391", "Anna 73-91", "x7391y"])
def test_no_pin_stands_in_a_name_or_id_of_its_owner(about: str) -> None:
    assert weakness("7391", ("Anna", about)) == "is part of your name or id"


@given(st.from_regex(r"\A[0-9]{1,4}\Z"), st.integers(2, 6))
def test_whatever_repeats_is_weak(block: str, times: int) -> None:
    pin = block * times
    if 4 <= len(pin) <= 12:
        assert weakness(pin) is not None


def test_most_pins_are_left() -> None:
    """Refusing is no way to make guessing easier: nineteen of twenty PINs are still there to choose from."""
    four = sum(weakness(f"{number:04}") is None for number in range(10_000))
    assert four > 9_000
    assert all(weakness(f"{year}") for year in range(1900, 2100))
