"""One network for all rows of a module; each row finds it whole."""

from collections.abc import Iterator

import pytest

from tests.faults.network.field import GUESTS, HOSTS, NetworkField
from tests.faults.table.setups import QUICK, Engines
from tests.support.netns import HostedPostgres, HostedRedis, Network, reason_against
from tests.support.servers.fork_server import fork_server

SETTINGS = QUICK | {"SERVER__METRICS_FROM": '["10.89.0.0/16"]'}  # who asks for health comes from another host


@pytest.fixture(scope="module")
def open_field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkField]:
    """Two servers, PostgreSQL and Redis on hosts of their own."""
    if reason := reason_against():
        pytest.skip(reason)
    fork_server()  # on this host: what it forks for others must not find itself on the guests'
    with Network(*HOSTS) as network:
        hosts = network.hosts
        with HostedPostgres(hosts["postgres"]) as postgres, HostedRedis(hosts["redis"]) as redis:
            engines = Engines(postgres=postgres, redis=redis)
            with network.at(GUESTS):
                field = NetworkField(network, tmp_path_factory.mktemp("field"), engines, SETTINGS).__enter__()
            try:
                yield field
                field.servers[0].audit()
            finally:
                field.__exit__()


@pytest.fixture
def network_field(open_field: NetworkField) -> Iterator[NetworkField]:
    """The same, with this thread on the guests' host."""
    with open_field.network.at(GUESTS):
        yield open_field
