"""A primary, a replica and three Sentinels on the loopback interface, as operators run them."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from redis import ConnectionError as RedisConnectionError
from redis import Redis

from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until_sync

SERVICE: Final = "festival"
PASSWORD: Final = "s@me/for all"
"""Of the Sentinels; the primary and its replica have none."""
SENTINELS: Final = 3


class Sentinels:
    """Servers and Sentinels that know each other, from `__enter__` to `__exit__`."""

    def __init__(self) -> None:
        self.servers = [RedisServer({"repl-diskless-sync-delay": "0", "repl-timeout": "5"}) for _ in range(2)]
        self._watchers = [_Sentinel() for _ in range(SENTINELS)]

    def __enter__(self) -> "Sentinels":
        try:
            primary, replica = self.servers
            primary.start()
            replica.start()
            replica.replicate(primary)
            for each in self._watchers:
                each.start(primary)
            until_sync(
                lambda: all(each.knows_all() for each in self._watchers), message="the Sentinels know each other"
            )
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The URL that names all Sentinels."""
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in self._watchers)
        return f"redis+sentinel://{hosts}/{SERVICE}/0?sentinel_password=s%40me%2Ffor%20all"

    def primary(self) -> RedisServer:
        """Return the server that most Sentinels take for the primary, if it says so itself."""
        ports = sorted(each.primary_port() for each in self._watchers)
        [server] = [server for server in self.servers if server.port == ports[SENTINELS // 2]]
        return server

    def other(self) -> RedisServer:
        """Return the server that is not the primary."""
        primary = self.primary()
        [server] = [server for server in self.servers if server is not primary]
        return server

    def ask_for_failover(self, to: RedisServer) -> None:
        """Let the replica take over from a primary that is well, unless the Sentinel who is asked has seen to it."""
        if self._watchers[0].primary_port() != to.port:
            self._watchers[0].say("SENTINEL", "FAILOVER", SERVICE)

    def close(self) -> None:
        """End them all."""
        for each in self._watchers:
            each.close()
        for server in self.servers:
            server.close()


class _Sentinel:
    def __init__(self) -> None:
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="festival-push-sentinel-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, primary: RedisServer) -> None:
        settings = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self._home}",
            f'requirepass "{PASSWORD}"',
            f'sentinel sentinel-pass "{PASSWORD}"',
            f"sentinel monitor {SERVICE} 127.0.0.1 {primary.port} 2",
            f"sentinel down-after-milliseconds {SERVICE} 1000",
            f"sentinel failover-timeout {SERVICE} 3000",
        ]
        config = self._home / "sentinel.conf"
        config.write_text("\n".join(settings))
        program = str(processes.find_program("redis-server", package="redis-server"))
        log_path = self._home / "sentinel.log"
        with log_path.open("ab") as log, processes.log_shown_on_failure(log_path):
            self._process = processes.start([program, str(config), "--sentinel"], log=log)
            until_sync(self._answers, within_s=processes.READY_WITHIN_S, message="the Sentinel answers")

    def say(self, *command: str) -> Any:
        """Return its answer."""
        with Redis(port=self.port, password=PASSWORD) as client:
            return client.execute_command(*command)

    def knows_all(self) -> bool:
        state = self._state()
        known = (state["num-other-sentinels"], state["num-slaves"], state["flags"])
        return known == (SENTINELS - 1, 1, "master")

    def primary_port(self) -> int:
        return int(self._state()["port"])

    def close(self) -> None:
        if self._process is not None:
            processes.end(self._process, signal.SIGKILL)
        shutil.rmtree(self._home, ignore_errors=True)

    def _state(self) -> dict[str, Any]:
        with Redis(port=self.port, password=PASSWORD) as client:
            return dict(client.sentinel_master(SERVICE))

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the Sentinel ended while it was starting"
        try:
            return bool(self.say("PING"))
        except RedisConnectionError:
            return False
