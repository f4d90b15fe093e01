"""Query parameters are read in their order, and as many as any route may know."""

import pytest

from festival_push.web.parsing.problems import BadRequest
from festival_push.web.parsing.queries import sent_parameters, single_parameters, stream_parameters


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        (b"", []),
        (b"limit=5&before=7", [("limit", "5"), ("before", "7")]),
        (b"a=1&a=2&b=&c", [("a", "1"), ("a", "2"), ("b", ""), ("c", "")]),
        (b"n%C3%A4me=%F0%9F%98%80+x%26y", [("näme", "😀 x&y")]),
        (b"&&a=1&&", [("a", "1")]),
        (b"\xff=%ff", [("ÿ", "\N{REPLACEMENT CHARACTER}")]),
    ],
)
def test_parameters_are_read(query: bytes, parameters: list[tuple[str, str]]) -> None:
    assert sent_parameters(query) == parameters


def test_of_thousands_the_first_are_read() -> None:
    query = "&".join(f"x{number}=1" for number in range(5_000))
    assert sent_parameters(query.encode()) == [(f"x{number}", "1") for number in range(32)]


@pytest.mark.parametrize("query", [b"a=1&a=2", b"a=1&a=1", b"a=null", b"a=NULL"])
def test_a_parameter_is_given_once_and_is_not_null(query: bytes) -> None:
    assert single_parameters(b"a=1&token=x&b=") == {"a": "1", "token": "x", "b": ""}
    with pytest.raises(BadRequest):
        single_parameters(query)


def test_a_stream_takes_everything_but_a_token() -> None:
    assert stream_parameters(b"a=1&a=2&a=&b=null&&c") == {"a": "2", "b": "null"}
    for name in ("token", "access_token", "authorization", "bearer", "jwt"):
        with pytest.raises(BadRequest):
            stream_parameters(f"{name}=".encode())
