"""Festivals on which something is broken: servers, their database and their Redis, and who is on the ground."""

import asyncio
import random
import re
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import httpx2
from redis import Redis

from tests.faults.table.client import Client, Manners
from tests.faults.table.proxies import Proxies
from tests.faults.table.wishes import Cast, top_up
from tests.support.checker import Records, read_records
from tests.support.ground import Ground
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import ServerProcess
from tests.support.servers.standby import Standby
from tests.support.timing.waiting import until_sync
from tests.support.versions.programs import program_before
from tests.support.wire.history import Try

ROOT: Final = Path(__file__).parents[3]
FUNDS: Final = 50_000
QUICK: Final = {
    "STREAM__HEARTBEAT_S": "2",
    "STREAM__STALE_S": "1",
    "REDIS__HEARTBEAT_S": "0.5",
    "LIMITS__STREAMS_PER_USER": "1000",
}
"""Settings by which servers notice sooner what is broken, so that a test need not wait for it."""
USUAL: Final = {"LIMITS__STREAMS_PER_USER": "1000"}
"""The shipped settings, but for what the clients of a load share."""
_ACL: Final = re.compile(r"^ACL SETUSER festival-push on >A-LONG-PASSWORD (.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a row needs to run.

    Attributes:
        redis: How the servers reach it, as operators run it; `none`: not at all.
        workers: Processes of one server; 0: there are two servers of one process each.
        proxied: The second server reaches PostgreSQL and Redis through proxies.
        standby: PostgreSQL has one: a spare, or one that both servers read history from.
        version: Of the program that the servers are at first: this one, or the one before.
    """

    database: Literal["postgres", "sqlite"] = "postgres"
    redis: Literal["plain", "acl", "tls", "cluster", "none"] = "plain"
    workers: int = 0
    proxied: bool = False
    standby: Literal["none", "spare", "history"] = "none"
    version: Literal["this", "before"] = "this"


PAIR: Final = Setup()


@dataclass(frozen=True, kw_only=True)
class Engines:
    """What fields share, one after the other: each finds them running and empty."""

    postgres: PostgresServer
    redis: RedisServer


class Field:
    """A festival that runs; a context manager. Open and break it from the main thread: its processes end with that.

    Args:
        home: An empty folder.
        settings: Of the servers.
    """

    def __init__(self, setup: Setup, home: Path, engines: Engines, settings: Mapping[str, str]) -> None:
        self.setup = setup
        self.tries: list[Try] = []
        self.servers: list[ServerProcess] = []
        self._home = home
        self._engines = engines
        self._settings = dict(settings)
        self._stack = ExitStack()
        self.postgres, self.redis = engines.postgres, engines.redis
        self.cast: Cast
        self.before: Records

    def __enter__(self) -> Self:
        """Raises NoSuchVersion, where there is no version before."""
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def urls(self) -> list[str]:
        return [server.url for server in self.servers]

    @property
    def database(self) -> str:
        """The name of its database in PostgreSQL."""
        return urlsplit(self.database_url).path.removeprefix("/")

    @property
    def standby(self) -> Standby:
        assert self._standby is not None
        return self._standby

    @property
    def proxies(self) -> Proxies:
        assert self._proxies is not None
        return self._proxies

    def folder(self, name: str) -> Path:
        """Make a folder that goes with it."""
        folder = self._home / name
        folder.mkdir()
        return folder

    def tell_redis(self, *words: str | int) -> Any:
        """Send a command as an operator would; its answer."""
        with Redis(port=self.redis.port) as operator:
            return operator.execute_command(*words)

    def unready(self) -> dict[str, list[str]]:
        """Return why servers are not ready, by URL; nothing if all are."""
        found = {}
        with httpx2.Client(trust_env=False, timeout=5) as http:
            for url in [server.url for server in self.servers]:  # `urls` may be a proxy's
                try:
                    answer = http.get(f"{url}/readyz")
                except httpx2.TransportError as error:
                    found[url] = [repr(error)]
                else:
                    if answer.status_code != 200:
                        found[url] = answer.json()["reasons"]
        return found

    # Opening

    def _open(self) -> None:
        self._standby: Standby | None = None
        self._proxies: Proxies | None = None
        self._before: Path | None = None
        if self.setup.standby != "none":
            self.postgres = self._stack.enter_context(PostgresServer())
            self._standby = self._stack.enter_context(Standby(self.postgres))
            if self.setup.standby == "history":
                self._settings["DATABASE__READ_URL"] = self._standby.url()
            self.database_url = self.postgres.url()
        elif self.setup.database == "postgres":
            self.database_url = self.postgres.emptied()
        else:
            self.database_url = f"sqlite:///{self._home}/festival.db"
        redis_url = self._open_redis()
        if self.setup.version == "before":
            self._before = program_before(self.folder("before"))
        first = self._server(self.database_url, redis_url)
        first.start()  # alone: it makes the tables
        if not self.setup.workers:
            second = self._server(*self._ways(self.database_url, redis_url))
            second.start()
        self._open_clients()
        self.cast = asyncio.run(self._people())

    def _open_clients(self) -> None:
        """Open what stands between the clients and the servers: nothing."""

    def _server(self, database_url: str, redis_url: str) -> ServerProcess:
        settings = self._settings | ({"SERVER__WORKERS": str(self.setup.workers)} if self.setup.workers else {})
        server = ServerProcess(self._home, database_url=database_url, redis_url=redis_url, settings=settings)
        server.version = self._before
        self._stack.callback(server.kill)
        self.servers.append(server)
        return server

    def _ways(self, database_url: str, redis_url: str) -> tuple[str, str]:
        """Return the URLs of the second server."""
        if not self.setup.proxied:
            return database_url, redis_url
        self._proxies = self._stack.enter_context(Proxies(self.postgres.port, self.redis.port))
        return (
            database_url.replace(f":{self.postgres.port}", f":{self._proxies.postgres_port}"),
            redis_url.replace(f":{self.redis.port}", f":{self._proxies.redis_port}"),
        )

    def _open_redis(self) -> str:
        return _OPEN_REDIS[self.setup.redis](self)

    def _no_redis(self) -> str:
        return ""

    def _plain(self) -> str:
        self.redis.flush()
        return self.redis.url

    def _acl(self) -> str:
        """A user with the rights that the docs name, and no others; its password needs quoting in a URL."""
        [rights] = _ACL.findall((ROOT / "docs/operating.md").read_text())
        self.tell_redis("ACL", "SETUSER", "operator", "on", ">p@ss/w:rd", *rights.split())
        return self._plain().replace("redis://", "redis://operator:p%40ss%2Fw%3Ard@")

    def _tls(self) -> str:
        key, authority = self._home / "key.pem", self._home / "ca.pem"
        name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name]
        subprocess.run([*command, "-keyout", str(key), "-out", str(authority)], check=True, capture_output=True)
        files = {"tls-cert-file": authority, "tls-key-file": key, "tls-ca-cert-file": authority}
        settings = {name: str(file) for name, file in files.items()} | {"tls-auth-clients": "no"}
        self.redis = self._stack.enter_context(RedisServer(settings, tls=True))
        return f"rediss://127.0.0.1:{self.redis.tls_port}/0?ssl_ca_certs={authority}"

    def _cluster(self) -> str:
        self.redis = self._stack.enter_context(RedisServer({"cluster-enabled": "yes"}))
        self.tell_redis("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        until_sync(lambda: b"cluster_state:ok" in self.tell_redis("CLUSTER", "INFO"), message="the cluster is up")
        return self.redis.url

    async def _people(self) -> Cast:
        async with Ground(self.servers) as ground:
            stalls = tuple([await ground.stall(name, prices={"water": 1}) for name in ("Falafel Sun", "Bar")])
            customers = tuple([await ground.customer(name) for name in ("Anna", "Ben", "Cem")])
            screens = tuple([await ground.screen(stall) for stall in stalls])
            cast = Cast(admin=await ground.admin(), stalls=stalls, customers=customers, screens=screens)
            self.before = await read_records(self.database_url)
            desk = Client("opening", ground.http, self.urls, self.tries, random.Random(1), Manners())  # noqa: S311 - a plan
            for customer in customers:
                await top_up(desk, cast, customer, FUNDS)
        return cast


_OPEN_REDIS: Final[Mapping[str, Callable[[Field], str]]] = {
    "none": Field._no_redis, "plain": Field._plain, "acl": Field._acl, "tls": Field._tls, "cluster": Field._cluster,
}  # fmt: skip
