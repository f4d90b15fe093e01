"""A name's words are what people type of it: case, accents and apostrophes don't matter."""
# ruff: noqa: RUF001 - letters of many scripts are what this is about

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.people.name_words import words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Anna-Lena Müller", "anna lena muller"),
        ("José  García-Ñandú", "jose garcia nandu"),
        ("O'Brien, Seán", "obrien sean"),
        ("O\u2019Brien", "obrien"),
        ("ŁUKASZ Straße", "łukasz strasse"),
        ("ＡＮＮＡ Anna anna", "anna"),
        ("王小明", "王小明"),
        ("Мария Ёлкина", "мария елкина"),
        ("شکر", "شکر"),
        ("Bar ١٠", "bar 10"),
        ("🌞", "🌞"),
        ("🌞 Anna 🌞", "anna"),
        ('"\\', ""),
        ("", ""),
    ],
)
def test_words_of_names(name: str, words: str) -> None:
    assert words_of(name) == words


@given(st.text(max_size=80))
def test_words_are_plain_and_their_own_words(name: str) -> None:
    words = words_of(name)
    assert words_of(words) == words
    assert '"' not in words
    assert "\\" not in words
    each = words.split(" ") if words else []
    assert all(each)
    assert len(each) == len(set(each))


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0xFF), min_size=1, max_size=20))
def test_case_and_accents_make_no_difference(word: str) -> None:
    bare = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    assert words_of(word.upper()) == words_of(word.lower())
    assert words_of(bare) == words_of(word)
