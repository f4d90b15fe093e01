"""Where a request comes from, for limits: the address that the server vouches for. And where people find the server."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

from festival_push.settings import Server


def client_address(scope: Scope) -> str:
    """The client's address, as the server (behind trusted proxies) gives it.

    An IPv6 client is its /64: one household or one phone has that many addresses.
    """
    client = scope.get("client")
    if client is None:
        return "local"  # a Unix socket
    try:
        address = ip_address(client[0])
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False).network_address)


def public_url(server: Server) -> str:
    """The server's address for links that leave it, without a slash at the end."""
    return server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"
