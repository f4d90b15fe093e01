"""The crowd: how many connections there may be, in all and from one address, and how much may wait in their bodies.

One address may take half: so one phone, or one program, never takes the places of all others. Behind a trusted proxy
there are many people, so a proxy may take everything.
"""

import logging
import resource
import sys
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from festival_push.serving.refusals import cut_offs

SPARE_FILES: Final = 256
"""Open files that are left to the database, Redis and everything else; half of the limit if it is very low."""
ALMOST_ALL_FILES: Final = 8
"""When so few more files may be opened, the log says so."""
LOOPBACK: Final = ("127.0.0.0/8", "::1")
LOG_EVERY_S: Final = 10.0
_SITE_BITS: Final = 48  # as streams are shared out
HOSTS_MAX: Final = 4096
"""Hosts whose address is remembered, because to find it out takes some microseconds."""

logger = logging.getLogger("uvicorn.error")  # as the server's other messages


class AddressShare:
    """What one address has of the crowd's places and bytes."""

    __slots__ = ("address", "connections", "crowd", "held_bytes", "is_trusted")

    def __init__(self, crowd: "Crowd", address: str, *, is_trusted: bool) -> None:
        self.crowd = crowd
        self.address = address
        self.is_trusted = is_trusted
        self.connections = 0
        self.held_bytes = 0

    def leave(self) -> None:
        """Give back the place of a connection that is lost."""
        self.crowd.connections -= 1
        self.connections -= 1
        if not self.connections:
            self.crowd.forget(self)

    def hold(self, more_bytes: int) -> bool:
        """Count bytes of bodies that wait: of a request that is not complete, or that is not being answered yet.

        Args:
            more_bytes: The difference to what this connection held before; below 0 when it holds less.

        Returns:
            False if the bytes became more than all connections, or those of this address, may hold.
        """
        crowd = self.crowd
        self.held_bytes += more_bytes
        crowd.held_bytes += more_bytes
        if more_bytes <= 0:
            return True
        half = crowd.held_bytes_max // 2
        return crowd.held_bytes <= crowd.held_bytes_max and (self.held_bytes <= half or self.is_trusted)


class Crowd:
    """The open connections of one process.

    Args:
        connections_max: At most so many in all; 0 takes the number from the limit of open files.
        held_bytes_max: Bytes of request bodies that may wait in all, see `AddressShare.hold`.
        trusted_proxies: Addresses and networks, in both kinds, of which each may take everything.
        clock: In seconds that never go back.
    """

    def __init__(
        self,
        connections_max: int,
        held_bytes_max: int,
        *,
        trusted_proxies: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connections = 0
        self.held_bytes = 0
        files_max = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._files_max = sys.maxsize if files_max == resource.RLIM_INFINITY else files_max
        self.connections_max = connections_max or places_for(self._files_max)
        self.held_bytes_max = held_bytes_max
        self._trusted = [ip_network(network) for network in trusted_proxies]
        self._shares: dict[str, AddressShare] = {}
        self._address_of = lru_cache(HOSTS_MAX)(lambda host: host if self._trusts(host) else address_of(host))
        self._clock = clock
        self._closed = 0  # since the last line in the log
        self._next_line_at = clock()
        self._has_told_of_files = False

    def enter(self, host: str, fileno: int) -> AddressShare | None:
        """Count a new connection, which leaves when it is lost. None if there is no room: close it at once.

        Args:
            host: The address of its other end.
            fileno: Of its socket. The kernel gives the lowest free number, so this one shows how many are left.
        """
        if fileno >= self._files_max - ALMOST_ALL_FILES and not self._has_told_of_files:
            self._has_told_of_files = True
            logger.error(
                "Almost all of the %d files that may be open are: raise the limit (LimitNOFILE, ulimit -n), or lower "
                "limits.connections_max; when none is left, new connections are reset",
                self._files_max,
            )
        address = self._address_of(host)
        share = self._shares.get(address) or AddressShare(self, address, is_trusted=self._trusts(host))
        if self.connections >= self.connections_max:
            self._refuse("connections-full", share)
            return None
        if share.connections >= self.connections_max // 2 and not share.is_trusted:
            self._refuse("connections-of-address", share)
            return None
        self._shares[address] = share
        share.connections += 1
        self.connections += 1
        return share

    def forget(self, share: AddressShare) -> None:
        """Drop the share of an address that has no connection any more."""
        del self._shares[share.address]

    def _trusts(self, host: str) -> bool:
        try:
            parsed = ip_address(host)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)  # False for a network of the other kind

    def _refuse(self, reason: str, share: AddressShare) -> None:
        cut_offs[reason] += 1
        self._closed += 1
        now = self._clock()
        if now < self._next_line_at:
            return
        logger.warning(
            "%d new connections were closed at once, the last from %s: %d are open, %d of them from there "
            "(limits.connections_max is %d, half of it for one address)",
            self._closed, share.address, self.connections, share.connections, self.connections_max,
        )  # fmt: skip
        self._closed = 0
        self._next_line_at = now + LOG_EVERY_S


def places_for(files_max: int) -> int:
    """Return how many connections a process may have that may open so many files."""
    return max(files_max - SPARE_FILES, files_max // 2)


def address_of(host: str) -> str:
    """Return the address that a connection counts for: an IPv6 client's network of 48 bits, because a household's line
    has hundreds of those of 64; an IPv4 client's address, also from a socket that listens for both kinds."""
    try:
        parsed = ip_address(host)
    except ValueError:
        return host
    if not isinstance(parsed, IPv6Address):
        return host
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _SITE_BITS), strict=False).network_address)
