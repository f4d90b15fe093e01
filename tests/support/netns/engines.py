"""PostgreSQL and Redis on hosts of their own."""

from typing import Final

from tests.support.netns.network import Host
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer

_ANY: Final = "0.0.0.0"  # noqa: S104 - in a namespace of its own


class HostedPostgres(PostgresServer):
    """A PostgreSQL that listens on one host; its methods may be called from any host that reaches it."""

    def __init__(self, host: Host) -> None:
        super().__init__({"listen_addresses": _ANY})
        self._host = host

    def url(self, database: str = "postgres") -> str:
        return super().url(database).replace("127.0.0.1", self._host.address)

    def start(self) -> None:
        with self._host.namespace.entered():
            super().start()

    def _make_cluster(self) -> None:
        super()._make_cluster()
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.89.0.0/16 trust\n")


class HostedRedis(RedisServer):
    """A Redis that listens on one host; its methods may be called from anywhere."""

    def __init__(self, host: Host) -> None:
        super().__init__({"bind": _ANY, "protected-mode": "no"})
        self._host = host

    @property
    def url(self) -> str:
        return super().url.replace("127.0.0.1", self._host.address)

    def start(self) -> None:
        with self._host.namespace.entered():
            super().start()

    def _ask(self, command: bytes) -> bytes:
        with self._host.namespace.entered():
            return super()._ask(command)
