"""The first minute: a demo in an empty folder, the commands beside it without any variable, and the lines to paste."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import pytest

from tests.support.proc import children, command_line
from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until_sync

PATIENCE_S: Final = 120.0
OURS: Final = ("PORT", "DATABASE_URL", "REDIS_URL", "JWT_SECRET")
POSTING: Final = re.compile(r"^(?:ID=.*\n(?:.*\n)*?)?curl -s .*POST(?:.*\\\n)*.*$", re.MULTILINE)
"""A command of the guide that sends something: it goes on over lines that end with a backslash."""


class Demo:
    """`festival-push demo` as `make run` starts it, and commands in the same folder."""

    def __init__(self, home: Path, *, port: int, database_url: str = "") -> None:
        self.folder = home / "clone"
        self.folder.mkdir()
        self.port = port
        self.ops_port = free_port()
        environ = {name: text for name, text in os.environ.items() if not name.startswith("FESTIVAL_PUSH_")}
        self.environ = {name: text for name, text in environ.items() if name not in OURS} | {"PORT": str(port)}
        self.environ["FESTIVAL_PUSH_SERVER__OPS_LISTEN"] = f"127.0.0.1:{self.ops_port}"
        if database_url:
            self.environ["DATABASE_URL"] = database_url
        self._output = home / "terminal"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def printed(self) -> str:
        """What the terminal shows since the last start."""
        return self._output.read_text()

    def start(self) -> None:
        with self._output.open("wb") as terminal:
            self._process = processes.start(self.command("demo"), log=terminal, env=self.environ, cwd=self.folder)
        until_sync(self._has_told_all, within_s=PATIENCE_S, message="the demo runs")

    def _has_told_all(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.printed
        return self.printed.endswith('-d "$BODY"\n\n')

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        assert self._process is not None
        return processes.end(self._process, signal.SIGINT)

    def kill(self) -> None:
        if self._process is not None:
            processes.end(self._process, signal.SIGKILL)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "festival_push", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `festival-push` command in the folder."""
        return subprocess.run(
            self.command(*arguments), env=self.environ, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def answer(self, *arguments: str) -> str:
        """Run one that must succeed; return what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("first-minute"), port=free_port())
    try:
        running.start()
        yield running
    finally:
        running.kill()


def test_commands_beside_the_demo_find_its_festival(demo: Demo) -> None:
    assert "organiser\tadmin\tOrganiser" in demo.answer("user", "list").splitlines()
    assert demo.answer("audit") == "every promise holds\n"
    assert demo.answer("audit", "--report").endswith("all are equal\n")
    assert "every promise holds" in demo.answer("backup", "kept.db")
    assert whoami(demo, demo.answer("token", "anna").strip())["userId"] == "anna"


def whoami(demo: Demo, token: str) -> dict[str, Any]:
    signed_in = {"Authorization": f"Bearer {token}"}
    answer = httpx2.get(f"{demo.url}/v1/me", headers=signed_in, timeout=PATIENCE_S, trust_env=False)
    return msgspec.json.decode(answer.content, type=dict[str, Any])


def test_a_simulation_beside_the_demo_keeps_every_promise_and_reports_payments(demo: Demo) -> None:
    before = reported(demo)
    choices = ("--orders", "12", "--customers", "4", "--stalls", "2", "--seed", "7")
    assert demo.answer("simulate", "--admin", "organiser", *choices).endswith("Every promise held.\n")
    assert reported(demo) > before


def reported(demo: Demo) -> int:
    """What came in by signed webhooks, in minor units."""
    report = msgspec.json.decode(demo.answer("audit", "--report", "--json"))
    return sum(source["cameIn"] for source in report["sources"] if source["name"] == "zeffy")


def test_links_and_lines_to_paste_outlast_a_restart(demo: Demo) -> None:
    printed = demo.printed
    assert demo.interrupt() == 0
    demo.start()
    for shell in ("bash", "dash"):
        placed, credited = (paste(shell, line) for line in POSTING.findall(printed))
        assert msgspec.json.decode(placed)["order"]["customerName"] == "Anna"
        assert msgspec.json.decode(credited)["status"] == "credited"
        assert placed.endswith("\n")
        assert credited.endswith("\n")
    [link] = re.findall(r"/admin/#token=(\S+)", printed)
    taken = httpx2.post(f"{demo.url}/v1/auth/links", json={"link": link}, timeout=PATIENCE_S, trust_env=False)
    assert whoami(demo, taken.json()["token"])["userType"] == "admin"


def paste(shell: str, lines: str) -> str:
    """Give lines to a shell that stops at the first one that fails; return what it printed."""
    program = processes.find_program(shell, package=shell)
    done = subprocess.run([program, "-eu"], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_logged_stays_out_of_the_links_sight(demo: Demo) -> None:
    shown, log = demo.printed, demo.folder / "var/demo.log"
    refused = httpx2.post(f"{demo.url}/v1/webhooks/funds/zeffy", json={}, timeout=PATIENCE_S, trust_env=False)
    assert refused.status_code == 401
    until_sync(lambda: "a webhook for zeffy was refused" in log.read_text())
    assert demo.printed == shown
    assert "\nFestival Push is running; Ctrl-C stops it." in shown
    assert "var/demo.log" in shown


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("demo",), "try another: PORT={} make run"),
        (("serve", "--workers", "2"), "choose another with --port or PORT"),
    ],
)
def test_a_taken_port_is_one_plain_line(demo: Demo, arguments: tuple[str, ...], advice: str) -> None:
    done = demo.run(*arguments)
    advice = advice.format(demo.port % 65_535 + 1)
    assert done.stderr == f"festival-push: port {demo.port} of 127.0.0.1 is taken; {advice}\n"
    assert (done.returncode, done.stdout) == (2, "")


def test_a_server_of_two_processes_beside_the_demo(demo: Demo, tmp_path: Path) -> None:
    """The real command: tests elsewhere fork their servers from a process that has imported the package."""
    port, log = free_port(), tmp_path / "log"
    command = demo.command("serve", "--workers", "2", "--port", str(port))
    with log.open("wb") as output:
        process = processes.start(command, log=output, env=demo.environ, cwd=demo.folder)
    try:
        url = f"http://127.0.0.1:{port}"
        until_sync(lambda: f"listening on {url}" in log.read_text(), within_s=PATIENCE_S, message=log.read_text())
        until_sync(lambda: httpx2.get(f"{url}/readyz", timeout=PATIENCE_S, trust_env=False).is_success)
        # One worker is enough to answer, while the other begins.
        until_sync(lambda: sum(b"spawn_main" in command_line(pid) for pid in children(process.pid)) == 2)
        # The demo has the operator's listener, so this one does without.
        without = f"server.ops_listen: port {demo.ops_port} of 127.0.0.1 is taken, so this server goes on without it"
        assert log.read_text().count(without) == 1
        theirs = httpx2.get(f"http://127.0.0.1:{demo.ops_port}/readyz", timeout=PATIENCE_S, trust_env=False)
        assert theirs.json()["status"] in {"ready", "degraded"}
    finally:
        assert processes.end(process, signal.SIGTERM) == 0, log.read_text()


def test_a_demo_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    demo = Demo(tmp_path, port=free_port(), database_url=postgres_url)
    try:
        demo.start()
        assert "its PostgreSQL database" in demo.printed
        assert postgres_url not in demo.printed
        assert len(demo.answer("user", "list").splitlines()) == 7
    finally:
        demo.kill()
