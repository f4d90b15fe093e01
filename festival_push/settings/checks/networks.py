"""Which networks are so large that to trust them means to trust everybody."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

_MAPPED: Final = IPv6Network("::ffff:0:0/96")
"""IPv4 addresses as a socket for both kinds reports them."""
_IPV4_MAX: Final = 2**26
"""All private networks and this machine's own together have fewer addresses than this."""
_IPV6_MAX: Final = 2 ** (128 - 16)
"""Private networks have fewer, and so has any provider's."""
_PRIVATE: Final = IPv6Network("fc00::/7")


def mean_everybody(networks: Iterable[str]) -> bool:
    """Return whether these addresses and networks, taken together, hold more than a festival's own. They are valid."""
    four: list[IPv4Network] = []
    six: list[IPv6Network] = []
    for each in map(ip_network, networks):
        if isinstance(each, IPv4Network):
            four.append(each)
        elif each.subnet_of(_MAPPED):
            four.append(IPv4Network((int(each.network_address) & 0xFFFFFFFF, each.prefixlen - _MAPPED.prefixlen)))
        elif each.supernet_of(_MAPPED):
            return True
        elif not each.subnet_of(_PRIVATE):
            six.append(each)
    in_four = sum(each.num_addresses for each in collapse_addresses(four))
    in_six = sum(each.num_addresses for each in collapse_addresses(six))
    return in_four > _IPV4_MAX or in_six > _IPV6_MAX
