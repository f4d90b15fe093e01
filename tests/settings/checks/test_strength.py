"""Secrets by their strength: what people type is found, and what chance made is not."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.settings.checks.strength import BITS_MIN, meanings_of, strength_bits, weakness_of

random_bytes = st.integers(0, 2**64).map(lambda seed: random.Random(seed).randbytes(24))  # noqa: S311 - repeatable


@given(random_bytes)
def test_what_chance_made_is_strong_however_it_is_written(key: bytes) -> None:
    for text in (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode().rstrip("=")):
        assert weakness_of(text) is None, text


@given(st.text(min_size=1, max_size=6), st.integers(8, 40))
def test_what_repeats_is_weak_however_long_it_is(part: str, times: int) -> None:
    assert strength_bits(part * times) < BITS_MIN


@pytest.mark.parametrize("start", ["0", "a", "A", "!"])
def test_a_sequence_is_weak_in_both_directions(start: str) -> None:
    sequence = "".join(chr(ord(start) + step) for step in range(40))
    assert weakness_of(sequence)
    assert weakness_of(sequence[::-1])


@pytest.mark.parametrize(
    "typed",
    ["Change_Me-4mY0cq7Gd1ZpR9xTf3LwVb8u", "4mY0cq7G my secret d1ZpR9xTf3LwVb8u", "P-a-s-s-w-o-r-d-4mY0cq7Gd1ZpR9xTf3"],
)
def test_a_placeholder_is_found_in_any_spelling(typed: str) -> None:
    assert weakness_of(typed) == "a placeholder, which anybody would try"


@given(random_bytes)
def test_the_same_key_in_other_clothes_is_the_same(key: bytes) -> None:
    texts = [key.hex(), base64.b64encode(key).decode(), "whsec_" + base64.b64encode(key).decode()]
    texts.append(base64.urlsafe_b64encode(key).decode().rstrip("="))
    for one in texts:
        for other in texts:
            assert meanings_of(one) & meanings_of(other)


@given(random_bytes, random_bytes)
def test_other_keys_have_no_meaning_in_common(one: bytes, other: bytes) -> None:
    if one != other:
        assert not meanings_of(one.hex()) & meanings_of("whsec_" + base64.b64encode(other).decode())
