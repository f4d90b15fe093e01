"""Of the cookies that a browser sends, ours are read, and only as many are dropped as a browser can hold."""

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response

from festival_push.web.identity.cookies import Cookies, sent_cookies

STREAM = "fp_stream_0123abcd"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("fp_session=a.b.c", {"fp_session": "a.b.c"}),
        ("x=1; __Host-fp_session=a ;fp_session=b;  y", {"__Host-fp_session": "a", "fp_session": "b"}),
        (f"{STREAM}=a=b; fp_session=", {STREAM: "a=b", "fp_session": ""}),
        ("fp_session=a; fp_session=b", {"fp_session": "b"}),
        ("fp_stream_=x; fp_stream_0123ABCD=x; fp_stream_0123abcde=x; xfp_session=x; fp_session", {"fp_session": ""}),
        ("; ;;=; =x;\x00", {}),
    ],
)
def test_the_cookies_of_ours_are_read(sent: str, read: dict[str, str]) -> None:
    assert sent_cookies(Headers({"cookie": sent})) == read


def test_all_headers_are_read_in_their_order() -> None:
    raw = [(b"cookie", b"fp_stream_00000002=a"), (b"cookie", b"fp_session=b; fp_stream_00000001=c")]
    assert list(sent_cookies(Headers(raw=raw))) == ["fp_stream_00000002", "fp_session", "fp_stream_00000001"]


def test_values_are_taken_as_they_are() -> None:
    """To take quotes off costs seconds for a header that is made for it, and nothing of ours is quoted."""
    quoted = '"' + "\\\\" * 8_000 + '"'
    assert sent_cookies(Headers({"cookie": f"fp_session={quoted}; a={quoted}"})) == {"fp_session": quoted}


def test_few_stream_cookies_are_dropped_at_once() -> None:
    cookies = {f"fp_stream_{number:08x}": "" for number in range(600)}
    response = Response()
    Cookies(secure=True).clear_streams(response, cookies)
    dropped = response.headers.getlist("set-cookie")
    assert len(dropped) == 32
    assert dropped[0].startswith("fp_stream_00000000=; Max-Age=0;")
