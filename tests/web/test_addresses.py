"""The address that a limit counts."""

from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from festival_push.web.addresses import client_address, in_both_kinds


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "unknown"),
    ],
)
def test_a_client_is_its_ipv4_address_or_its_ipv6_network(host: str, address: str) -> None:
    assert client_address({"client": (host, 1234)}) == address


def test_a_unix_socket_has_no_address() -> None:
    assert client_address({"client": None}) == client_address({}) == "local"


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
