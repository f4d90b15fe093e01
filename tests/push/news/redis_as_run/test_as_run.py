"""Redis as operators run it: TLS by an own authority, a cluster's node, Valkey's URLs."""

import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from redis.asyncio import Redis, SSLConnection

from festival_push.push.headcount import Who
from festival_push.push.news.redis_client import redis_client
from tests.push.news.redis_as_run.crew import PREFIX, crew_on
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

ANNA: Final[Who] = ("anna", "customer")
PASSWORD: Final = "p@ss/w:rd"
ACL: Final = re.compile(r"^ACL SETUSER festival-push on >A-LONG-PASSWORD (.+)$", re.MULTILINE)
OPERATING: Final = Path(__file__).parents[4] / "docs/operating.md"


@asynccontextmanager
async def talking_to(url: str) -> AsyncIterator[Any]:
    """A client by which an operator says things that no method has a type for."""
    async with Redis.from_url(url) as client:
        yield client


async def works(url: str) -> None:
    """News, presence and limits, each by two processes."""
    async with crew_on(url) as crew:
        await crew.works()


async def test_a_node_of_a_cluster_keeps_all_our_keys_in_one_slot() -> None:
    with RedisServer({"cluster-enabled": "yes"}) as server:
        async with talking_to(server.url) as client:
            await client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)

            async def is_up() -> bool:
                return b"cluster_state:ok" in await client.execute_command("CLUSTER", "INFO")

            await until(is_up)
        await works(server.url)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A folder with an authority's certificate, and one that it has given to 127.0.0.1."""
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name]
    command += ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "ca.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return tmp_path


@pytest.fixture
def tls_redis(authority: Path) -> Iterator[RedisServer]:
    files = {"tls-cert-file": "ca.pem", "tls-key-file": "key.pem", "tls-ca-cert-file": "ca.pem"}
    settings = {name: str(authority / file) for name, file in files.items()} | {"tls-auth-clients": "no"}
    with RedisServer(settings | {"tls-replication": "no"}, tls=True) as server:
        yield server


async def test_tls_by_an_authority_of_ones_own(tls_redis: RedisServer, authority: Path) -> None:
    url = f"rediss://127.0.0.1:{tls_redis.tls_port}/0?ssl_ca_certs={authority}/ca.pem"
    await works(url)
    stranger = redis_client(f"rediss://127.0.0.1:{tls_redis.tls_port}/0", prefix=PREFIX)
    with pytest.raises(Exception, match="certificate verify failed"):
        await stranger.ping()
    await stranger.aclose()


async def test_valkeys_urls_are_the_same(redis_url: str) -> None:
    client = redis_client(redis_url.replace("redis://", "valkey://"), prefix=PREFIX)
    assert await client.ping()
    await client.aclose()
    secure = redis_client("valkeys://127.0.0.1:1/0", prefix=PREFIX)
    assert issubclass(secure.connection_pool.connection_class, SSLConnection)
    await secure.aclose()


async def test_a_connection_that_is_closed_while_it_is_idle_costs_no_call(own_redis: RedisServer) -> None:
    client = redis_client(own_redis.url, prefix=PREFIX)
    assert await client.ping()
    (connection,) = client.connection_pool._available_connections
    own_redis.restart()
    vars(connection)["_asked_s"] -= 60  # so that it asks again who is there
    assert await client.ping()
    await client.aclose()
