"""Text that people type."""

# ruff: noqa: RUF001  # names look like other names, here on purpose

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.web.parsing.problems import BadRequest
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line, clean_name, name_from_outside

NAMES = [
    "Anna", "Y", "O", "李", "Ó", "Zoë", "O'Neil", "O’Brien-Smith", "D'Angelo", "J. R. R. Tolkien",
    "Martin Luther King Jr.", "Mary-Jane", "van der Waals", "Nguyễn Thị Minh Khai", "Đặng Thị Hà",
    "Łukasz Żółć", "Çağla Şahin", "İbrahim Işık", "Þórdís Kolbrún", "Øystein Ås", "Ōkubo",
    "Kaʻahumanu", "ǃXóõ", "Nuñez i Güell", "L·lorenç", "Δημήτρης Παπαδόπουλος", "Владимир Щедрин",
    "Нұрсұлтан Әбіш", "Ґжегож Їжак", "Գագիկ Ծառուկյան", "გიორგი", "ᏣᎳᎩ", "ᐃᓄᒃ", "አበበ ቢቂላ", "ⵎⵓⵃⵎⵎⴷ",
    "محمد", "عبد الرحمن", "علی‌رضا", "مهدی‌زاده", "پروین اعتصامی", "عائشة", "عِبْرِيّ", "עִבְרִית",
    "בן־גוריון", "ܡܪܝܡ", "މުޙައްމަދު", "अमिताभ बच्चन", "शक्‌ति", "क्‍षत्रिय", "র‍্যাব",
    "রবীন্দ্রনাথ", "ਗੁਰਪ੍ਰੀਤ", "હાર્દિક", "ସୁଭାଷ", "சுப்பிரமணியன்", "శ్రీనివాస్", "ಕೃಷ್ಣ",
    "മോഹൻലാൽ", "ശ്രീകുമാര്‍", "ශ්‍රී ලාල්", "ไก่ย่าง", "ประยุทธ์", "ສົມສັກ", "အောင်ဆန်းစုကြည်",
    "សុខា", "བསྟན་འཛིན", "ᠴᠢᠩᠭᠢᠰ", "李小龍", "毛泽东", "渡邉", "葛\U000e0100城", "山田 花子",
    "ひらがな", "カタカナ・テスト", "김민준", "한국", "ꦱꦸꦏꦂꦤꦺꦴ", "𞤀𞤁𞤂𞤢𞤃", "Bar 🍻", "👩‍👩‍👧",
    "🏳️‍🌈 Grill", "👩🏽‍🍳", "👩‍❤️‍👩", "☕️ Café", "#️⃣ 1", "O'Neil & Söhne", "50 % <Saft>",
    "X Æ A-12", "Ms. 7",
]  # fmt: skip
"""Of people and stalls; most of them have a letter, a mark or a joiner that some program has refused."""

CLUTTER = {
    "a zero width space": "\u200b",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "an override": "\u202e",
    "an isolate": "\u2066",
    "a mark of direction": "\u200f",
    "a word joiner": "\u2060",
    "a tag": "\U000e0041",
    "a null": "\0",
    "a bell": "\x07",
    "a C1 control": "\x9f",
    "a filler": "\u3164",
    "a joiner of nothing": "\u200d",
    "a non-joiner of nothing": "\u200c",
    "a variant of nothing": "\ufe0f",
    "a grapheme joiner": "\u034f",
    "a surrogate": "\ud800",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_world_are_names(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)
    assert name_from_outside(name, otherwise="x") == clean_name(name)


def test_equal_looking_names_become_equal() -> None:
    assert clean_name("Zoe\u0308 ") == clean_name("Zoë") == "Zoë"
    assert clean_name("Anna\u00a0\u2009B.\u3000") == clean_name("Anna  B.") == "Anna B."
    assert clean_name("دارا\u200cب") == clean_name("داراب"), (
        "nobody sees a non-joiner after a letter that joins nothing"
    )


@pytest.mark.parametrize("clutter", CLUTTER.values(), ids=CLUTTER)
def test_what_nobody_sees_is_dropped(clutter: str) -> None:
    for text in (f"Anna{clutter} B.", f"{clutter}Anna B.", f"An{clutter}na B.", f"Anna B.{clutter * 90}"):
        assert clean_name(text) == name_from_outside(text, otherwise="x") == "Anna B."
    with pytest.raises(BadRequest, match="must not be blank"):
        clean_name(clutter)
    with pytest.raises(BadRequest, match="must not be blank"):
        clean_name(f" {clutter}{clutter} ")
    assert clean_line(clutter, field="note", chars_max=9, blank=True) == ""
    assert name_from_outside(clutter, otherwise="7") == "7"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\t", "\u2028", "\u2029", "\x85", "\x0b"])
def test_an_end_of_line_is_a_blank(end: str) -> None:
    assert clean_name(f"Anna{end}B.{end}") == "Anna B."


@pytest.mark.parametrize("name", ["", "   ", "\u2800\u2800", "\u0301", "a" + "\u0301" * 6, "a" * 81])
def test_what_is_blank_long_or_stacks_is_refused_and_the_field_named(name: str) -> None:
    with pytest.raises(BadRequest, match=r"^400 invalid-request: name: ") as caught:
        clean_name(name)
    assert caught.value.extra["errors"]


def test_eighty_characters_are_a_name() -> None:
    assert clean_name("é" * 80) == "é" * 80
    assert clean_name("e\u0301" * 80) == "é" * 80  # counted as kept


def test_a_note_may_be_empty_if_its_field_says_so() -> None:
    assert clean_line("  ", field="note", chars_max=140, blank=True) == ""


MIXED = st.lists(st.one_of(st.sampled_from(NAMES), st.sampled_from(list(CLUTTER.values())), st.text(max_size=5))).map(
    "".join
)


@given(st.text() | MIXED)
def test_a_cleaned_name_is_clean(text: str) -> None:
    try:
        name = clean_name(text)
    except BadRequest:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= NAME_CHARS_MAX
    assert not set(name) & {"\u200b", "\ufeff", "\u202e", "\0", "\n"}
    name.encode()


@given(st.none() | st.text() | MIXED)
def test_a_provider_s_name_is_made_fit(text: str | None) -> None:
    name = name_from_outside(text, otherwise="auth0|7")
    assert clean_name(name) == name


def test_a_provider_s_fit_name_is_kept_and_an_unfit_one_replaced() -> None:
    assert name_from_outside("Anna\u0000 B.", otherwise="7") == "Anna B."
    assert name_from_outside("\u200b", otherwise="7") == "7"
