"""What `compose.yaml` and the Dockerfile say fits together and is safe. The commands that the composed containers begin
with are run here, over the same files; no engine of containers is."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
import yaml  # type: ignore[import-untyped] # of the tools that read our contract

from festival_push.settings import load_settings
from festival_push.settings.checks.production import unsafe
from tests.support.layout import ROOT
from tests.support.servers import processes
from tests.support.servers.ports import free_port

DEPLOY: Final = ROOT / "deploy"
COMPOSED: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: Final[dict[str, Any]] = COMPOSED["services"]
DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text("utf-8")
OPERATING: Final = (ROOT / "docs/operating.md").read_text("utf-8")
HOST: Final = "pay.festival.example"


def filled(text: str) -> str:
    """What compose makes of a text: `${NAME:-default}`, and `$$` for `$`. It refuses names that are not given."""
    given = {"FESTIVAL_HOST": HOST}
    text = re.sub(r"(?<!\$)\$\{(\w+)(?::(?:-([^}]*)|\?))?\}", lambda m: given.get(m[1], m[2]), text)
    return text.replace("$$", "$")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The files of secrets, made by the very lines of the documentation."""
    (recipe,) = re.findall(r"```sh\n(mkdir --mode 700 deploy/secrets\n.*?)```", OPERATING, re.DOTALL)
    (tmp_path / "deploy").mkdir()
    subprocess.run(["bash", "-euo", "pipefail", "-c", recipe], cwd=tmp_path, check=True)
    return tmp_path / "deploy/secrets"


def test_its_servers_start_in_production_with_the_secrets_that_the_documentation_makes(secrets: Path) -> None:
    environment = {name: filled(text) for name, text in SERVICES["server-1"]["environment"].items()}
    here = {name: text.replace("/run/secrets", str(secrets)) for name, text in environment.items()}
    settings = load_settings(ROOT / "config.toml", here)
    assert settings.production
    assert list(unsafe(settings)) == []
    assert settings.redis.url
    assert settings.server.public_url == f"https://{HOST}"
    password = (secrets / "postgres_password").read_text("utf-8").strip()
    assert settings.database.url == f"postgresql://festival:{password}@postgres/festival"


def test_secrets_are_in_files_alone_which_other_people_of_the_machine_cant_reach(secrets: Path) -> None:
    made = {path.name for path in secrets.iterdir()}
    assert made == set(COMPOSED["secrets"])
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in secrets.iterdir()), "a container's user reads them"
    for name, service in SERVICES.items():
        environment = service.get("environment", {})
        named = {Path(text).name for text in environment.values() if text.startswith("/run/secrets/")}
        assert named == set(service.get("secrets", ())), name
        assert not [key for key in environment if re.search("PASSWORD$|SECRETS?$|DATABASE_URL$", key)], name


def test_no_variable_is_somebody_elses() -> None:
    """Shells set HOSTNAME, and a shell's variables win over those of a file."""
    asked = set(re.findall(r"(?<!\$)\$\{?(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert asked == {"FESTIVAL_HOST", "FESTIVAL_TLS", "FESTIVAL_SECRETS"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_pinned_checked_and_kept(name: str) -> None:
    service = SERVICES[name]
    assert "build" in service or re.fullmatch(r"[\w./-]+:v?\d[\w.-]*", service["image"])
    assert service["restart"] == "always"
    assert "healthcheck" in service or ("build" in service and "\nHEALTHCHECK " in DOCKERFILE)
    for volume in service.get("volumes", ()):
        source = filled(volume).split(":")[0]
        assert source in COMPOSED["volumes"] or source.startswith("/") or (DEPLOY / source).is_file(), volume
    for other, when in service.get("depends_on", {}).items():
        assert other in SERVICES
        assert when == {"condition": "service_healthy"}


def test_only_the_proxy_is_reached_from_elsewhere() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports.pop("nginx") == ["80:80", "443:443"]
    assert all(port.startswith("127.0.0.1:") for each in ports.values() for port in each)


def beginning(service: str, key: str, folder: Path) -> str:
    """Run the part of a container's command that comes before its program, in a folder that stands for the container's
    root, and return what it has written."""
    shell, option, script = SERVICES[service][key]
    prepared = re.split(r"&&\s*exec ", filled(script))[0]
    written: str
    (written,) = re.findall(r">(/\S+)", prepared)
    for path in ("festival", Path(written).parent.relative_to("/")):
        (folder / path).mkdir(parents=True, exist_ok=True)
    for volume in SERVICES[service]["volumes"]:
        source, _, target = volume.partition(":")
        if source.startswith("./"):
            (folder / target.removesuffix(":ro").lstrip("/")).write_bytes((DEPLOY / source).read_bytes())
    # A quoted path is text to write; a bare one is a file.
    here = re.sub(r"(?<=[ >])/(?=festival/|etc/|tmp/)", f"{folder}/", prepared)
    environ = {name: filled(text) for name, text in SERVICES[service].get("environment", {}).items()}
    subprocess.run([shell, option, here], check=True, env={"PATH": os.environ["PATH"]} | environ)
    return (folder / written.lstrip("/")).read_text("utf-8")


def test_nginx_gets_our_configuration_with_both_servers_and_the_name(tmp_path: Path) -> None:
    text = beginning("nginx", "command", tmp_path)
    assert "HOSTNAME" not in text
    assert text.count(f"server_name {HOST};") == 2
    for server in ("server-1", "server-2"):
        assert f"server {server}:8000 fail_timeout=2s;" in text
        assert f"server {server}:8000 max_fails=0;" in text
    assert "127.0.0.1:8000" not in text
    assert "/var/log" not in text
    assert "http2 on;" in text
    # Debian's nginx is older than the container's, has no certificate, and knows none of these hosts.
    for pattern, instead in (
        (r"http2 on;", ""),
        (r"server-[12]:8000", "127.0.0.1:1"),
        (r"listen \[::\]:[^;]*;", ""),
        (r"listen (?:80|443 ssl);", lambda _: f"listen 127.0.0.1:{free_port()};"),
        (r"ssl_certificate\w* [^;]*;|(?<=\n) *worker_rlimit_nofile[^;]*;", ""),
        (r"ssl_certificate(?:_key)? +[^;]*;", ""),
    ):
        text = re.sub(pattern, instead, text)
    own = tmp_path / "nginx.conf"
    own.write_text(f"pid {tmp_path}/nginx.pid;\n{text}", "utf-8")
    program = processes.find_program("nginx", package="nginx-light", debian_dirs="usr/sbin")
    tried = subprocess.run([program, "-t", "-c", own, "-p", tmp_path], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr


def test_prometheus_gets_our_configuration_with_both_servers_and_alertmanager(tmp_path: Path) -> None:
    text = beginning("prometheus", "entrypoint", tmp_path)
    config = yaml.safe_load(text)
    targets = [
        target
        for job in config["scrape_configs"]
        for each in job.get("static_configs", ())
        for target in each["targets"]
    ]
    assert targets == ["server-1:9464", "server-2:9464"]
    assert config["alerting"]["alertmanagers"] == [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]
    promtool = processes.find_program("promtool", package="prometheus")
    checked = subprocess.run(
        [promtool, "check", "config", tmp_path / "tmp/prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "rules found" in checked.stdout


@pytest.fixture
def answering() -> Iterator[tuple[int, list[str], list[int]]]:
    """A server that answers with the statuses of a list; its port, what it was asked, and that list."""
    asked: list[str] = []
    statuses: list[int] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(statuses.pop(0))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, asked, statuses
        server.shutdown()
        thread.join()


def test_the_images_check_is_green_for_200_alone(answering: tuple[int, list[str], list[int]]) -> None:
    port, asked, statuses = answering
    (check,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    program, *arguments = json.loads(check)
    assert program == "/opt/festival-push/bin/python"

    def code(port: int) -> int:
        done = subprocess.run(
            [sys.executable, *arguments], env={"PORT": str(port), "http_proxy": "http://127.0.0.1:1"},
            capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode

    statuses += [200, 503, 404]
    assert [code(port), code(port), code(port)] == [0, 1, 1]
    assert asked == ["/healthz"] * 3
    assert code(free_port()) == 1


def test_the_image_is_built_from_locked_packages_before_sources_and_runs_as_nobody_special() -> None:
    build, final = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]
    copied = [
        word for words in re.findall(r"^COPY (?!--from)(.+)$", build, re.MULTILINE) for word in words.split()[:-1]
    ]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert copied[0] == "requirements.lock"
    installs = re.findall(r"pip install[^&]*?(?=\n[A-Z]|&&)", build)
    assert installs
    assert all("--require-hashes" in install and "--only-binary :all:" in install for install in installs)
    assert build.index("pip install") < build.index("COPY festival_push")
    assert "pip" not in final
    users = re.findall(r"^USER (.+)$", final, re.MULTILINE)
    assert users == ["10001:10001"]
    assert re.search(r"^STOPSIGNAL SIGTERM$", final, re.MULTILINE)
