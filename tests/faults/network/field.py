"""A festival whose servers and engines are hosts in a network of their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.faults.table.setups import PAIR, Engines, Field
from tests.support.netns import Network
from tests.support.servers.server import ServerProcess

SERVERS: Final = ("a", "b")
GUESTS: Final = "guests"
HOSTS: Final = (GUESTS, *SERVERS, "redis", "postgres")


class NetworkField(Field):
    """A field with one server on each of two hosts; open it on the guests' host, from where all clients come."""

    def __init__(self, network: Network, home: Path, engines: Engines, settings: Mapping[str, str]) -> None:
        super().__init__(PAIR, home, engines, settings)
        self.network = network

    def _server(self, database_url: str, redis_url: str) -> ServerProcess:
        host = self.network.hosts[SERVERS[len(self.servers)]]
        server = ServerProcess(
            self._home, database_url=database_url, redis_url=redis_url, settings=self._settings,
            host=host.address, network=host.namespace.path,
        )  # fmt: skip
        self._stack.callback(server.kill)
        self.servers.append(server)
        return server

    def health(self, server: int) -> dict[str, Any]:
        """What a server says of itself."""
        with httpx2.Client(trust_env=False, timeout=20) as http:
            view: dict[str, Any] = http.get(f"{self.urls[server]}/readyz").json()
        return view
