"""Where a request comes from, for limits: the address that the server vouches for. And where people find the server."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

from festival_push.settings import Server


def client_address(scope: Scope) -> str:
    """The client's address, as the server (behind trusted proxies) gives it.

    An IPv6 client is its /64: one household or one phone has that many addresses.
    """
    client = scope.get("client")
    if client is None:
        return "local"  # a Unix socket
    address = parse_address(client[0])
    if address is None:
        return "unknown"
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), 64), strict=False).network_address)


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, and an IPv4 one as such also where it comes from a socket for both kinds; None: it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def public_url(server: Server) -> str:
    """The server's address for links that leave it, without a slash at the end."""
    return server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"
