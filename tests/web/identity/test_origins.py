"""Whose pages may use a cookie; the way of whole requests is in test_routes."""

import pytest
from starlette.datastructures import Headers

from festival_push.settings import Server, Settings
from festival_push.web.identity.origins import Origins, build_origins, cors_middleware, origin_of
from festival_push.web.parsing.problems import ProblemError


def passes(origins: Origins, *, proof: bool = True, **headers: str) -> bool:
    try:
        origins.require_same_site(
            Headers({name.replace("_", "-"): value for name, value in headers.items()}), proof=proof
        )
    except ProblemError:
        return False
    return True


def test_in_production_our_name_is_the_public_url_and_not_what_host_says() -> None:
    server = Server(
        environment="production", public_url="https://Fest.test:443/pages/", allowed_origins=("https://app.test",)
    )
    origins = build_origins(Settings(server=server))
    assert passes(origins, origin="https://fest.test", host="internal:8000")
    assert passes(origins, origin="https://app.test", host="internal:8000")
    assert not passes(origins, origin="http://internal:8000", host="internal:8000")
    assert not passes(origins, origin="http://fest.test", host="fest.test")


def test_in_development_any_name_that_the_browser_used_is_ours() -> None:
    origins = build_origins(Settings(server=Server(public_url="http://192.168.1.5:8000")))
    for host in ("localhost:8000", "192.168.1.5:8000", "[::1]:8000"):
        assert passes(origins, origin=f"http://{host}", host=host)
    assert not passes(origins, origin="http://localhost:9000", host="localhost:8000")
    assert not passes(origins, origin="http://evil.test", host="")
    assert not passes(origins, origin="http://[", host="localhost:8000")


def test_without_a_cookie_only_what_a_browser_says_counts() -> None:
    origins = Origins(public_url="https://fest.test", allowed=(), trust_host=False)
    assert passes(origins, proof=False)
    assert not passes(origins, proof=False, sec_fetch_site="cross-site")
    assert not passes(origins, proof=False, origin="https://evil.test")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Fest.test/x?y", "https://fest.test"),
        ("https://fest.test:443", "https://fest.test"),
        ("http://fest.test:80/", "http://fest.test"),
        ("http://fest.test:8000", "http://fest.test:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_without_allowed_origins_there_is_no_cors() -> None:
    assert cors_middleware(Settings()) == []


def test_passkeys_are_used_by_our_pages_and_allowed_ones() -> None:
    origins = Origins(public_url="https://fest.test", allowed=("https://app.test",), trust_host=False)
    for headers in ({}, {"origin": "https://evil.test"}, {"origin": "https://fest.test"}):
        assert origins.of_passkeys(Headers(headers), "https://fest.test/") == ("https://fest.test", "https://app.test")
    development = Origins(public_url="", allowed=(), trust_host=True)
    page = Headers({"origin": "http://localhost:8000", "host": "localhost:8000"})
    assert development.of_passkeys(page, "http://127.0.0.1:8000") == ("http://localhost:8000",)
    assert development.of_passkeys(Headers({}), "http://127.0.0.1:8000") == ("http://127.0.0.1:8000",)
