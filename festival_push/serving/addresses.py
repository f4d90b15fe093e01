"""Addresses of proxies, as a listening socket gives them."""

from collections.abc import Iterable
from ipaddress import ip_network


def in_both_kinds(networks: Iterable[str]) -> list[str]:
    """The same addresses and networks, those of IPv4 also as a socket for both kinds gives them."""
    found = [ip_network(network) for network in networks]
    mapped = [f"::ffff:{network.network_address}/{96 + network.prefixlen}" for network in found if network.version == 4]
    return [*map(str, found), *mapped]
