"""What comes in a path is an id, or there is no such thing."""

import pytest

from festival_push.domain.refusals import NotFound
from festival_push.web.parsing.fields import ID_CHARS_MAX, clean_note, require_id


@pytest.mark.parametrize("text", ["a", "anna", "auth0|5f7c", "x" * ID_CHARS_MAX, "-_.~:@!"])
def test_visible_ascii_is_an_id(text: str) -> None:
    assert require_id(text, what="order") == text


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "a\n", "\0", "\x7f", "é", "\u202e", "\ud800", "x" * (ID_CHARS_MAX + 1)]
)
def test_anything_else_is_the_id_of_nothing(text: str) -> None:
    """Most of all NUL, which PostgreSQL can't hold."""
    with pytest.raises(NotFound) as caught:
        require_id(text, what="order")
    assert caught.value.what == "order"


def test_a_note_is_kept_composed_and_trimmed_or_not_at_all() -> None:
    assert clean_note("  Zoe\u0308 ", "note") == "Zo\u00eb"
    assert clean_note("   ", "note") is None
