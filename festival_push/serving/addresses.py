"""Addresses of proxies, in the forms in which a listening socket reports them."""

from collections.abc import Iterable
from ipaddress import ip_network


def in_both_kinds(networks: Iterable[str]) -> list[str]:
    """Return these addresses and networks, and each IPv4 one also as IPv4-mapped IPv6 (`::ffff:…`): a socket that
    listens for both kinds reports IPv4 clients that way.

    Raises:
        ValueError: One of them is not an address or a network.
    """
    found = [ip_network(network) for network in networks]
    mapped = [f"::ffff:{network.network_address}/{96 + network.prefixlen}" for network in found if network.version == 4]
    return [*map(str, found), *mapped]
