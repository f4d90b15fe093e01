"""Request heads: their size, what they expect, and a head without its `Upgrade`."""

from collections.abc import Sequence
from typing import Final

import httptools

Headers = Sequence[tuple[bytes, bytes]]
"""The names, in lower case, and the values of a head's lines."""

CONTINUE: Final = b"100-continue"
"""The only expectation that there is (RFC 9110, 10.1.1)."""


def head_bytes(url: bytes, headers: Headers) -> int:
    """Return the size of a head's target and header lines, in bytes."""
    return len(url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in headers)


def expectations(headers: Headers) -> set[bytes]:
    """Return what a head expects, in lower case; several lines and lists count together."""
    listed = (token.strip().lower() for name, value in headers if name == b"expect" for token in value.split(b","))
    return {token for token in listed if token}


def request_parser(protocol: object) -> httptools.HttpRequestParser:
    """Return a parser that calls this protocol, with uvicorn's settings."""
    parser = httptools.HttpRequestParser(protocol)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def without_upgrade(parser: httptools.HttpRequestParser, url: bytes, headers: Headers) -> bytes:
    """Return the head that this parser has just read, as bytes, without its `Upgrade`.

    A server may ignore that header (RFC 9110, 7.8): then the request is one like any other, with its body. httptools
    would report it complete at the end of its head, and read no body.
    """
    lines = [b"%s %s HTTP/%s" % (parser.get_method(), url, parser.get_http_version().encode())]
    lines += [b"%s: %s" % header for header in headers if header[0] != b"upgrade"]
    return b"\r\n".join((*lines, b"", b""))
