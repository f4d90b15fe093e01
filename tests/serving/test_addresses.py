"""The addresses of a connection, and which proxies are believed, on a socket for both kinds of addresses as well."""

import gc
from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from festival_push.serving.addresses import in_both_kinds
from tests.serving.http_server import LIMITS, LoopName, SmallServer, get, read_until


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.1.2.3", True),
        ("::1", True),
        ("::ffff:127.0.0.2", False),
        ("::ffff:10.2.2.3", False),
    ],
)
async def test_a_proxy_is_trusted_on_a_socket_for_both_kinds_as_well(peer: str, trusted: bool) -> None:  # noqa: FBT001
    seen = {}

    async def app(scope: Any, _receive: object, _send: object) -> None:
        seen["host"] = scope["client"][0]

    proxies = in_both_kinds(("127.0.0.1", "10.1.0.0/16", "::1"))
    scope = {"type": "http", "client": (peer, 1), "headers": [(b"x-forwarded-for", b"192.0.2.7")]}
    await ProxyHeadersMiddleware(app, proxies)(scope, None, None)  # type: ignore[arg-type]  # nothing is sent
    assert seen["host"] == ("192.0.2.7" if trusted else peer)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_request_has_the_addresses_of_both_ends(loop: LoopName, host: str) -> None:
    with SmallServer(LIMITS, loop, host=host).running() as server, server.connect() as client:
        connection = server.send(client, get("/"))
        read_until(client, b"/")
        assert connection.scope["server"] == (host, server.port)
        assert connection.scope["client"] == client.getsockname()[:2]


def test_a_connection_keeps_no_copy_of_its_addresses(loop: LoopName) -> None:
    """uvloop's does as soon as its socket is asked for them."""
    with SmallServer(LIMITS, loop).running() as server, server.connect() as client:
        connection = server.send(client, get("/stream"))
        read_until(client, b"first")
        kept = gc.get_referents(connection.transport.get_extra_info("socket"))
        assert not any(isinstance(each, tuple) for each in kept)
