"""The address that a limit counts."""

import pytest

from festival_push.web.parsing.addresses import client_address


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8:1:ffff::1", "2001:db8:1::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "unknown"),
    ],
)
def test_a_client_is_its_ipv4_address_or_its_ipv6_network(host: str, address: str) -> None:
    assert client_address({"client": (host, 1234)}) == address


def test_a_unix_socket_has_no_address() -> None:
    assert client_address({"client": None}) == client_address({}) == "local"
