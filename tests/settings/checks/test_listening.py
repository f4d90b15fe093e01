"""An address to listen on is a host and a port, and nothing else."""

import pytest

from festival_push.settings import Server
from festival_push.settings.checks.listening import listen_address, ops_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),  # noqa: S104 - nothing listens
        ("[::1]:65535", ("::1", 65_535)),
        ("[::ffff:127.0.0.1]:80", ("::ffff:127.0.0.1", 80)),
        ("server-1.internal:9464", ("server-1.internal", 9464)),
    ],
)
def test_host_and_port_are_taken_apart(text: str, address: tuple[str, int]) -> None:
    assert listen_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:99999", "127.0.0.1:-1",
        "127.0.0.1:09464", "127.0.0.1:\uff19464", "127.0.0.1:9464\n", " 127.0.0.1:9464", "::1:9464", "[::1]", "[]:9464",
        "[127.0.0.1]:9464", "[server]:9464", "http://127.0.0.1:9464", "127.0.0.1:9464/metrics", "me@127.0.0.1:9464",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be host:port"):
        listen_address(text)


def test_an_empty_text_is_no_listener() -> None:
    assert ops_address(Server(ops_listen="")) is None
    assert ops_address(Server()) == ("127.0.0.1", 9464)
