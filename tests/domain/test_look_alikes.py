"""Names that people take for one have one key, and others have not."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

import string
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from festival_push.domain.look_alikes import _LOOK_ALIKES, name_key

ALIKE = (
    ("Falafel Sun", "falafel sun"),
    ("Falafel Sun", "Falafel  Sun."),
    ("Falafel Sun", "FALAFEL-SUN!"),
    ("Falafel Sun", "FalafeI Sun"),  # a capital i
    ("Falafel Sun", "Fa1afe1 Sun"),
    ("Falafel Sun", "Fa|afel Sun"),
    ("Falafel Sun", "Fаlаfеl Sun"),  # Cyrillic
    ("Falafel Sun", "FΑLΑFΕL SUΝ"),  # Greek
    ("Falafel Sun", "Ｆａｌａｆｅｌ　Ｓｕｎ"),
    ("Falafel Sun", "𝐅𝐚𝐥𝐚𝐟𝐞𝐥 𝓢𝓾𝓷"),
    ("Falafel Sun", "Fálàfêl Sün"),
    ("Falafel Sun", "Falafel 🌞 Sun"),
    ("Café Noir", "Cafe Noir"),
    ("Bar 10", "Bar IO"),
    ("Bar 10", "Bar ١٠"),
    ("Corner", "Comer"),
    ("Straße", "STRASSE"),
    ("Øl & Brød", "OL BROD"),
    ("Curry", "ϲurry"),
    ("🍕", "🍕️"),
    ("Пельмени", "ПЕЛЬМЕНИ"),
    ("한식", unicodedata.normalize("NFD", "한식")),
)
DIFFERENT = (
    ("Falafel Sun", "Falafel Moon"),
    ("Bar 1", "Bar 2"),
    ("Bar", "Bar 2"),
    ("🍕", "🍔"),
    ("กิน", "กัน"),
    ("की", "का"),
    ("か", "が"),
    ("水", "火"),
    ("Пельмени", "Вареники"),
)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_of_one_look_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_no_letter_stands_for_two() -> None:
    chars = [char.casefold() for chars in _LOOK_ALIKES.values() for char in chars]
    assert len(chars) == len(set(chars))
    assert not set(chars) & set(string.ascii_lowercase) - {"i"}


NAMES = st.text(st.characters(exclude_characters="ϲϹ"), min_size=1, max_size=80)  # their look is lost by composing


@given(NAMES)
@example("rrn")
@example("vvv")
@example("=")
@example("İI")
def test_a_key_is_its_own_key_and_never_empty_nor_blank(name: str) -> None:
    key = name_key(name)
    assert key
    assert " " not in key
    assert name_key(key) == key


@given(NAMES)
def test_no_case_no_form_and_no_blank_makes_another_name(name: str) -> None:
    key = name_key(name)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert name_key(unicodedata.normalize(form, name)) == key
    assert name_key(f"  {name} ") == key
    assert name_key(name.casefold()) == key


@given(st.text(alphabet=string.ascii_letters + " ", min_size=3, max_size=30).filter(str.strip), st.data())
def test_no_look_alike_makes_another_name(name: str, data: st.DataObject) -> None:
    """However many letters somebody replaces."""
    disguised = "".join(
        data.draw(st.sampled_from(char + _LOOK_ALIKES.get(char.casefold(), ""))) if char.strip() else char
        for char in name
    )
    assert name_key(disguised) == name_key(name)
