"""The client's address, for limits, as the server vouches for it; and the server's own public URL."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.types import Scope

from festival_push.settings import Server

_SITE: Final = 48
"""Length in bits of the IPv6 network that one household or one site may have, with addresses as it likes."""


def client_address(scope: Scope) -> str:
    """Return the client's address, as the server (behind trusted proxies) gives it; of IPv6 its /48 network."""
    client = scope.get("client")
    if client is None:
        return "local"  # a Unix socket
    return _counted(client[0])


@lru_cache(maxsize=4096)
def _counted(text: str) -> str:
    """Return what a limit counts for this address. It is kept for a while: many share one, and each asks often."""
    address = parse_address(text)
    if address is None:
        return "unknown"
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _SITE), strict=False).network_address)


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address; an IPv4-mapped IPv6 one, as a dual-stack socket gives it, becomes IPv4. None if invalid."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def public_url(server: Server) -> str:
    """Return the server's address for links that are used elsewhere, without a slash at the end."""
    return server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"
