"""Which URL nobody on the way can answer for, and which origin no browser sends."""

import pytest

from festival_push.settings import is_private_url, wrong_origin


@pytest.mark.parametrize(
    "url", ["https://idp.example/jwks", "http://127.0.0.1:8080/jwks", "http://[::1]/", "http://localhost"]
)
def test_https_and_this_machine_answer_for_themselves(url: str) -> None:
    assert is_private_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example/jwks", "http://127.0.0.1.evil.example/", "http://localhost@evil.example/",
        "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "https://[", "127.0.0.1", "",
    ],
)  # fmt: skip
def test_nothing_else_does(url: str) -> None:
    assert not is_private_url(url)


@pytest.mark.parametrize(
    "origin", ["https://app.example", "http://192.168.1.5:8000", "http://[::1]:8000", "capacitor://localhost"]
)
def test_an_origin_as_browsers_send_it_is_taken(origin: str) -> None:
    assert wrong_origin(origin) is None


@pytest.mark.parametrize("origin", ["*", "https://*.example", "null", "", "https://", "https://a.example:443"])
def test_an_origin_that_lets_everybody_in_or_nobody_is_not(origin: str) -> None:
    assert wrong_origin(origin) is not None
