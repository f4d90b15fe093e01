"""Two servers behind the nginx that we ship, restarted in turn under load: nobody loses a command or an event."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.faults.table.row import SHORT, Row, run
from tests.faults.table.rows.servers import ROWS
from tests.faults.table.setups import PAIR, QUICK, Engines, Field
from tests.support.servers.nginx import Nginx
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer

NAMES: Final = ("both servers: SIGTERM in turn", "a server: kill -9, in turn")


class ProxiedField(Field):
    """Two servers whose clients know one address only."""

    def __init__(self, home: Path, engines: Engines) -> None:
        super().__init__(PAIR, home, engines, QUICK)
        self.nginx: Nginx

    @property
    def urls(self) -> list[str]:
        return [self.nginx.url] * len(self.servers)

    def _open_clients(self) -> None:
        home = self._home / "nginx"
        home.mkdir()
        places = [server.url.removeprefix("http://") for server in self.servers]
        self.nginx = self._stack.enter_context(Nginx(home, *places, tls=False))


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedField]:
    with PostgresServer() as postgres, RedisServer() as redis:
        engines = Engines(postgres=postgres, redis=redis)
        with ProxiedField(tmp_path_factory.mktemp("proxied"), engines) as field:
            yield field
            field.servers[0].audit()


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in NAMES], ids=lambda row: row.name)
def test_a_rolling_restart_loses_nothing(row: Row, proxied: ProxiedField, dice: random.Random) -> None:
    calm = Row(name=row.name, inflict=row.inflict, heal=row.heal, not_now=True)  # a command that was on its way
    outcome = run(calm, proxied, SHORT, dice)
    assert outcome.findings == []
    assert outcome.wishes > 0
    assert outcome.connects > len(proxied.servers)
