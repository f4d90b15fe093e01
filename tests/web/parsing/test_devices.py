"""What a session's device is called: short, clean, and nothing that a page could trip over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.signing_in.sessions import DEVICE_CHARS_MAX
from festival_push.web.parsing.devices import device_name

CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome, Android"),
        (CHROME + " Edg/140.0", "Edge, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_device_is_named_by_its_browser_and_system(user_agent: str | None, name: str) -> None:
    assert device_name(user_agent) == name


@given(st.text())
def test_whatever_it_says_its_name_is_short_and_visible(user_agent: str) -> None:
    name = device_name(user_agent)
    assert len(name) <= DEVICE_CHARS_MAX
    assert name.isprintable()
    assert not set(name) & set("<>&\"'")
