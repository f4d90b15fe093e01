"""The address that a limit counts."""

import pytest

from festival_push.web.parsing.addresses import client_address, client_site


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


@pytest.mark.parametrize(
    ("host", "site"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"), ("2001:db8:1:ffff::1", "2001:db8:1::")],
)
def test_a_share_belongs_to_an_ipv4_address_or_to_a_whole_ipv6_site(host: str, site: str) -> None:
    assert client_site({"client": (host, 1234)}) == site


def test_a_unix_socket_has_no_address() -> None:
    assert client_address({"client": None}) == client_address({}) == client_site({}) == "local"
