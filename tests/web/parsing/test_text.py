"""Text that people type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.web.parsing.problems import BadRequest
from festival_push.web.parsing.text import clean_line, clean_name, name_from_outside


@pytest.mark.parametrize(
    "name",
    [
        "Anna",
        "Zoë",
        "Đặng Thị Hà",
        "محمد",
        "עִבְרִית",
        "ไก่ย่าง",
        "李小龍",
        "Bar 🍻",
        "👩‍👩‍👧",
        "🏳️‍🌈 Grill",
        "👩🏽‍🍳",
        "O'Neil & Söhne",
        "한국",
    ],
)
def test_names_of_the_world_are_names(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)


def test_equal_looking_names_become_equal() -> None:
    assert clean_name("Zoe\u0308 ") == clean_name("Zoë") == "Zoë"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200b",
        "a\u0000b",
        "a\nb",
        "a\rb",
        "a\u2028b",
        "a\u0085b",
        "\u202egnp.exe",
        "a\u200db",
        "x\ufeff",
        "\u3164",
        "\u2800\u2800",
        "a\ud800",
        "a" + "\u0301" * 6,
        "a" * 81,
        "\u0301",
        "\u00ad",
        "\u200d",
    ],
)
def test_what_hides_reorders_or_stacks_is_refused_and_the_field_named(name: str) -> None:
    with pytest.raises(BadRequest, match=r"^400 invalid-request: name: ") as caught:
        clean_name(name)
    assert caught.value.extra["errors"]


def test_eighty_characters_are_a_name() -> None:
    assert clean_name("é" * 80) == "é" * 80
    assert clean_name("e\u0301" * 80) == "é" * 80  # counted as kept


def test_a_note_may_be_empty_if_its_field_says_so() -> None:
    assert clean_line("  ", field="note", chars_max=140, blank=True) == ""


@given(st.text())
def test_a_cleaned_name_is_clean(text: str) -> None:
    try:
        name = clean_name(text)
    except BadRequest:
        return
    assert clean_name(name) == name
    name.encode()


@given(st.none() | st.text())
def test_a_provider_s_name_is_made_fit(text: str | None) -> None:
    name = name_from_outside(text, otherwise="auth0|7")
    assert clean_name(name) == name


def test_a_provider_s_fit_name_is_kept_and_an_unfit_one_replaced() -> None:
    assert name_from_outside("Anna\u0000 B.", otherwise="7") == "Anna B."
    assert name_from_outside("\u200b", otherwise="7") == "7"
