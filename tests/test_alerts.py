"""Alerts reach somebody: each rule is tried by promtool, and a server that dies is told by a real Prometheus through a
real Alertmanager."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import yaml  # type: ignore[import-untyped] # of the tools that read our contract

from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until_sync

TESTS: Final = Path(__file__).parent
MONITORING: Final = TESTS.parent / "deploy/monitoring"
TOLD_WITHIN_S: Final = 60.0
_SHORT: Final = {"scrape_interval": "1s", "evaluation_interval": "1s", "scrape_timeout": "1s"}


def read(name: str) -> Any:
    return yaml.safe_load((MONITORING / name).read_text("utf-8"))


def rules() -> list[dict[str, Any]]:
    return [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]


@pytest.mark.parametrize(
    ("program", "package", "arguments"),
    [
        ("promtool", "prometheus", ("check", "rules", "alerts.yml")),
        ("promtool", "prometheus", ("check", "config", "prometheus.yml")),
        ("promtool", "prometheus", ("test", "rules", str(TESTS / "alerts_test.yml"))),
        ("amtool", "prometheus-alertmanager", ("check-config", "alertmanager.yml")),
    ],
)
def test_the_tools_own_checks_pass(program: str, package: str, arguments: tuple[str, ...]) -> None:
    command = [str(processes.find_program(program, package=package)), *arguments]
    done = subprocess.run(command, cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tried_quiet_then_firing_then_quiet() -> None:
    tried = {}
    for case in read(str(TESTS / "alerts_test.yml"))["tests"]:
        asked = case["promql_expr_test"]
        (name,) = {found for each in asked for found in re.findall(r'alertname="(\w+)"', each["expr"])}
        tried[name] = [each["exp_samples"][0]["value"] for each in asked]
    assert tried == {rule["alert"]: [0, 1, 0] for rule in rules()}


class Duty:
    """Who is on duty: a webhook that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []  # name of the alert, and firing or resolved
        duty = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                duty.told += [(each["labels"]["alertname"], each["status"]) for each in body["alerts"]]
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    @contextmanager
    def listening(self) -> Iterator[None]:
        thread = Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def run(stack: ExitStack, home: Path, program: str, package: str, *arguments: str) -> None:
    """Run a program until the stack is closed."""
    log = home / f"{program}.log"
    stack.enter_context(processes.log_shown_on_failure(log))
    command = [str(processes.find_program(program, package=package)), *arguments]
    with log.open("wb") as out:
        process = processes.start(command, log=out, cwd=home)
    stack.callback(processes.end, process, signal.SIGTERM)


def test_a_server_that_dies_is_told_to_the_person_on_duty_and_so_is_its_return(tmp_path: Path) -> None:
    """The shipped files; only addresses and times are others."""
    duty, operator, alertmanager, web = Duty(), *(f"127.0.0.1:{free_port()}" for _ in range(3))
    scraping, telling, alerting = read("prometheus.yml"), read("alertmanager.yml"), read("alerts.yml")
    scraping["global"] = _SHORT
    scraping["scrape_configs"][0]["static_configs"][0]["targets"] = [operator]
    scraping["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [alertmanager]
    telling["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    telling["receivers"][0]["webhook_configs"][0]["url"] = duty.url
    for rule in alerting["groups"][0]["rules"]:
        rule["for"] = "1s"
    for name, content in (("prometheus", scraping), ("alertmanager", telling), ("alerts", alerting)):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(content))

    def told(status: str) -> bool:
        return ("FestivalPushIsDown", status) in duty.told

    with ExitStack() as stack:
        stack.enter_context(duty.listening())
        server = stack.enter_context(ServerProcess(tmp_path, settings={"SERVER__OPS_LISTEN": operator}))
        run(
            stack, tmp_path, "prometheus-alertmanager", "prometheus-alertmanager", "--config.file=alertmanager.yml",
            f"--web.listen-address={alertmanager}", "--cluster.listen-address=", "--storage.path=told",
        )  # fmt: skip
        run(
            stack, tmp_path, "prometheus", "prometheus", "--config.file=prometheus.yml",
            f"--web.listen-address={web}", "--storage.tsdb.path=data",
        )  # fmt: skip
        until_sync(lambda: _scraped(web), within_s=TOLD_WITHIN_S, message="Prometheus has read the server's metrics")
        assert not told("firing")
        server.kill()
        until_sync(lambda: told("firing"), within_s=TOLD_WITHIN_S, message="the person on duty is told")
        server.start()
        until_sync(lambda: told("resolved"), within_s=TOLD_WITHIN_S, message="and told that it is over")


class Exporter(BaseHTTPRequestHandler):
    """What blackbox-exporter says of an address that nobody reaches, whose certificate ends tomorrow."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        is_right = urlsplit(self.path).path == "/probe" and asked["module"] == ["http_2xx"]
        self.send_response(200 if is_right else 400)
        self.end_headers()
        self.wfile.write(b"probe_success 0\nprobe_ssl_earliest_cert_expiry %d\n" % (time.time() + 86400))

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_the_certificate_is_watched_as_soon_as_a_file_names_an_address(tmp_path: Path) -> None:
    """The shipped files; only addresses and times are others."""
    scraping, alerting, web = read("prometheus.yml"), read("alerts.yml"), f"127.0.0.1:{free_port()}"
    outside = "https://pay.festival.example/healthz"
    with ExitStack() as stack:
        exporter = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Exporter))
        stack.callback(exporter.shutdown)
        Thread(target=exporter.serve_forever).start()
        text = yaml.safe_dump(scraping | {"global": _SHORT, "alerting": {}})
        assert "127.0.0.1:9115" in text
        (tmp_path / "prometheus.yml").write_text(text.replace("127.0.0.1:9115", f"127.0.0.1:{exporter.server_port}"))
        for rule in alerting["groups"][0]["rules"]:
            rule.pop("for", None)
        (tmp_path / "alerts.yml").write_text(yaml.safe_dump(alerting))
        run(
            stack, tmp_path, "prometheus", "prometheus", "--config.file=prometheus.yml",
            f"--web.listen-address={web}", "--storage.tsdb.path=data",
        )  # fmt: skip

        def firing() -> set[str]:
            try:
                found = httpx2.get(f"http://{web}/api/v1/alerts").json()["data"]["alerts"]
            except (httpx2.TransportError, ValueError):  # it begins
                return set()
            return {each["labels"]["alertname"] for each in found if each["labels"].get("instance") == outside}

        assert firing() == set()
        (tmp_path / "fresh").write_text(f'- targets: ["{outside}"]')
        (tmp_path / "fresh").rename(tmp_path / "outside.yml")
        wanted = {"FestivalPushCertificateExpires", "FestivalPushIsNotReached"}
        until_sync(lambda: wanted <= firing(), within_s=TOLD_WITHIN_S, message="both alerts fire")


def _scraped(web: str) -> bool:
    try:
        found = httpx2.get(f"http://{web}/api/v1/query", params={"query": "festival_push_log_head"})
    except httpx2.TransportError:
        return False
    return found.status_code == 200 and bool(found.json()["data"]["result"])
