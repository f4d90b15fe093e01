"""Drives the load client in C: compiles it, writes its requests, asks it for figures."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tests.support.timing.waiting import until_sync

HERE: Final = Path(__file__).parent
SENT: Final = "sent:0000000000000000000;"
"""Where an event's text says when it was caused; the load client fills it in, and reads it again."""
KEY: Final = "KEYKEYKEYKEYKEYK"


def compiled(name: str, folder: Path) -> Path:
    """Compile one of the C programs; returns the executable."""
    compiler = shutil.which("cc")
    assert compiler is not None, "no C compiler"
    program = folder / name
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu11"]
    subprocess.run([compiler, *flags, "-o", str(program), str(HERE / f"{name}.c")], check=True)
    return program


class LoadClient:
    """One process of `load.c`.

    Args:
        program: The compiled one.
        url: `http://127.0.0.1:PORT`.
        greeting: What ends the opening of a stream.
        marker: Stands in each event once; None: `sent:`, with the time, so that latencies can be told.
        websocket: Speak Socket.IO over a WebSocket.
    """

    def __init__(
        self, program: Path, url: str, *, greeting: str = "\r\n\r\n", marker: str | None = None, websocket: bool = False
    ) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._ws = " ws" if websocket else ""
        self._host = f"{host}:{port}"
        command = [str(program), host, port, "0" if marker else "1", marker or "sent:", greeting]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._folder = tempfile.TemporaryDirectory(prefix="festival-push-load-")

    def __enter__(self) -> "LoadClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()  # it may be waiting for a server that never answers, and has nothing to keep
        with suppress(BrokenPipeError), self._process:
            pass
        self._folder.cleanup()

    def open_streams(self, requests: Iterable[bytes], *, at_once: int = 64) -> dict[str, Any]:
        """Open a stream for each request, so many waiting at a time; returns when all have been greeted. Fails if one
        is lost, saying how far the first of those had come."""
        report = self._ask(f"streams {self._file(requests)} {at_once}{self._ws}")
        assert report["closed"] == 0, report
        return report

    def reset(self) -> None:
        """Forget what was counted."""
        self._ask("reset")

    def await_events(self, each: int, *, within_s: float = 60) -> dict[str, Any]:
        """Wait until every stream has had so many events; fails if one has more, fewer, or is closed."""
        report = self._ask(f"await {each} {int(within_s * 1000)}")
        assert (report["least"], report["most"], report["closed"]) == (each, each, 0), report
        return report

    def await_total(self, total: int) -> dict[str, Any]:
        """Wait until the streams have had so many events together; fails if they have more, or one is closed."""

        def arrived() -> dict[str, Any] | None:
            report = self._ask("await 0 0")
            return report if report["events"] >= total or report["closed"] else None

        report = until_sync(arrived, message=f"{total:,} events")
        assert (report["events"], report["closed"]) == (total, 0), report
        return report

    def post(self, requests: Iterable[bytes], *, clients: int, total: int, rate: float = 0) -> dict[str, Any]:
        """Send requests in turn; `rate` a second, or back to back. Fails unless all are answered with a 2xx."""
        report = self._ask(f"post {self._file(requests)} {clients} {total} {rate}")
        assert report["2xx"] == total, report
        return report

    def get(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        """A request that opens a stream."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {self._host}", "Accept: text/event-stream"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def post_request(
        self, path: str, body: str, headers: dict[str, str] | None = None, *, method: str = "POST"
    ) -> bytes:
        """A request that sends JSON."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", "Content-Type: application/json"]
        lines += [f"Content-Length: {len(body.encode())}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join([*lines, "", body]).encode()

    def _ask(self, command: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the load client ended at {command!r}"
        report: dict[str, Any] = json.loads(line)
        return report

    def _file(self, requests: Iterable[bytes]) -> Path:
        path = Path(self._folder.name) / "requests"
        with path.open("wb") as file:
            for request in requests:
                file.write(b"%d\n%b" % (len(request), request))
        return path
