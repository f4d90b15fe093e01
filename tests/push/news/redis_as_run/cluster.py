"""A cluster of three primaries, each with a replica, on the loopback interface."""

import subprocess
from contextlib import ExitStack
from typing import Final

from redis import Redis

from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until_sync

_NODES: Final = 6
_SETTINGS: Final = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": "1000",
    "repl-diskless-sync-delay": "0",
}


class Cluster:
    """Six nodes that are one cluster, from `__enter__` to `__exit__`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.nodes: list[RedisServer] = []

    def __enter__(self) -> "Cluster":
        with ExitStack() as stack:
            buses = [free_port() for _ in range(_NODES)]
            self.nodes = [stack.enter_context(RedisServer(_SETTINGS | {"cluster-port": str(bus)})) for bus in buses]
            program = str(processes.find_program("redis-cli", package="redis-tools"))
            names = [f"127.0.0.1:{node.port}@{bus}" for node, bus in zip(self.nodes, buses, strict=True)]
            options = ["--cluster-replicas", "1", "--cluster-yes"]
            subprocess.run([program, "--cluster", "create", *names, *options], check=True, capture_output=True)
            until_sync(self.is_well, message="the nodes are one cluster")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The URL that names all nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def owner(self, key: str) -> RedisServer:
        """Return the node that has a key, as the first one that runs knows it."""
        running = next(node for node in self.nodes if node.is_running)
        with Redis(port=running.port) as client:
            slot = client.cluster("KEYSLOT", key)
            ports = [owner[1] for first, last, owner, *_ in client.cluster("SLOTS") if first <= slot <= last]
        return next(node for node in self.nodes if node.port in ports)

    def is_well(self) -> bool:
        """Whether each node that runs knows all slots, and each replica follows its primary."""
        return all(self._is_well(node) for node in self.nodes if node.is_running)

    def _is_well(self, node: RedisServer) -> bool:
        with Redis(port=node.port) as client:
            told = bytes(client.execute_command("CLUSTER", "INFO"))
            replication = client.info("replication")
        follows = replication["role"] == "master" or replication["master_link_status"] == "up"
        return b"cluster_state:ok" in told and b"cluster_slots_ok:16384" in told and follows
