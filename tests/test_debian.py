"""The Debian package is built, installed below a folder that stands for another system, and served from there.

Its packages are those of the environment that runs the tests, so nothing is downloaded; how `pip` gets them by their
hashes is the same as in `scripts/install`."""

import fcntl
import os
import re
import signal
import stat
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Final

import httpx2
import pytest

from festival_push import __version__
from tests.support.layout import ROOT
from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until_sync

DEPLOY: Final = ROOT / "deploy"
PATIENCE_S: Final = 120.0
BUILDS_WITHIN_S: Final = 240.0
OURS: Final = re.compile(r"FESTIVAL_PUSH_|(PORT|DATABASE_URL|REDIS_URL|JWT_SECRET)(_FILE)?$")
ENVIRON: Final = {name: text for name, text in os.environ.items() if not OURS.match(name) and name != "PYTHONPATH"}


def run(*command: str | Path, **environ: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=ENVIRON | environ, timeout=BUILDS_WITHIN_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The package, built by the worker that needs it first: that takes as long as all tests here together."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "package"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (built := sorted(folder.glob("*.deb"))):
            run(DEPLOY / "debian" / "build", folder, ENVIRONMENT=sys.prefix, DPKG_DEB_COMPRESSOR_TYPE="none")
            built = sorted(folder.glob("*.deb"))
    [package] = built
    return package


class System:
    """A folder that dpkg takes for a system of its own; the scripts of packages hear so by DPKG_ROOT."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "var/log", "etc"):
            (root / folder).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()

    def dpkg(self, *arguments: str | Path) -> str:
        forced = "--force-script-chrootless,not-root,depends"
        return run("dpkg", f"--root={self.root}", forced, *arguments, PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin")

    def path(self, path: str) -> Path:
        return self.root / path.removeprefix("/")

    @property
    def enabled(self) -> dict[str, Path]:
        """The link that enables each unit."""
        return {link.name: link for link in self.path("/etc/systemd/system").glob("*.wants/*") if link.is_symlink()}

    @property
    def variables(self) -> dict[str, str]:
        """What the unit would get, with paths of this system as the host sees them."""
        lines = self.path("/etc/festival-push.env").read_text("utf-8").splitlines()
        given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        return {name: re.sub(r"(?<=^|(?<=///))/(etc|var)/", rf"{self.root}/\1/", text) for name, text in given.items()}


@pytest.fixture
def system(tmp_path: Path, package: Path) -> System:
    system = System(tmp_path / "system")
    assert "1. put the address" in system.dpkg("--install", package)
    return system


def test_what_it_says_of_itself(package: Path) -> None:
    fields = dict(re.findall(r"^([\w-]+): (.*)$", run("dpkg-deb", "--field", package), re.MULTILINE))
    assert fields["Version"] == __version__
    assert fields["Architecture"] == run("dpkg", "--print-architecture").strip()
    assert f"python{sysconfig.get_python_version()}" in fields["Depends"]


def test_every_file_is_roots_readable_by_all_and_names_no_folder_of_the_build(package: Path, tmp_path: Path) -> None:
    for line in run("dpkg-deb", "--contents", package).splitlines():
        mode, owner, *_ = line.split()
        assert owner == "root/root", line
        assert mode in {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}, line
    run("dpkg-deb", "--extract", package, tmp_path)
    told = (path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in {".so", ".mo"})
    traces = (str(ROOT).encode(), b"/environment/", b"/root/opt/")
    assert [path for path in told if any(trace in path.read_bytes() for trace in traces)] == []


def test_it_carries_the_units_and_no_tools_of_the_build(system: System) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        carried = system.path(f"/lib/systemd/system/{unit.name}").read_text("utf-8")
        assert carried.splitlines()[1:] == unit.read_text("utf-8").splitlines()[1:]
    (packages,) = system.path("/opt/festival-push/lib").glob("python*/site-packages")
    names = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert {"festival_push", "starlette", "asyncpg"} <= names
    assert not names & {"hatchling", "pytest", "pip", "editables"}


def test_it_is_installed_with_a_user_a_secret_and_a_socket_and_keeps_what_the_operator_wrote(
    system: System, package: Path
) -> None:
    assert re.search(r"^festival-push:", system.path("/etc/passwd").read_text("utf-8"), re.MULTILINE)
    env, config = system.path("/etc/festival-push.env"), system.path("/etc/festival-push/config.toml")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert len(system.variables["JWT_SECRET"]) >= 44
    assert {"festival-push.socket", "festival-push.service"} == set(system.enabled)
    for path in (env, config):
        with path.open("a") as file:
            file.write("# the operator's\n")
    kept = env.read_bytes(), config.read_bytes()
    assert "1. put the address" not in system.dpkg("--force-confold", "--install", package)
    assert (env.read_bytes(), config.read_bytes()) == kept


def test_an_operators_disabled_unit_stays_so(system: System, package: Path) -> None:
    system.enabled["festival-push.socket"].unlink()
    system.dpkg("--install", package)
    assert set(system.enabled) == {"festival-push.service"}


def test_two_systems_have_secrets_of_their_own(system: System, package: Path, tmp_path: Path) -> None:
    other = System(tmp_path / "other")
    other.dpkg("--install", package)
    assert other.variables["JWT_SECRET"] != system.variables["JWT_SECRET"]


def test_a_server_starts_from_it_and_the_money_outlives_the_package(system: System, tmp_path: Path) -> None:
    program = system.path("/opt/festival-push/bin/festival-push")
    home = system.path("/var/lib/festival-push")
    home.mkdir(parents=True)
    port = free_port()
    unset = subprocess.run(
        [program, "config", "check"], env=ENVIRON | system.variables, capture_output=True, text=True, check=False
    )
    assert unset.returncode == 2, "nobody has said yet where guests find it"
    assert "server.public_url" in unset.stderr
    environ = ENVIRON | system.variables
    environ |= {"FESTIVAL_PUSH_SERVER__PUBLIC_URL": "https://pay.festival.example", "PORT": str(port)}
    environ |= {"FESTIVAL_PUSH_SERVER__OPS_LISTEN": f"127.0.0.1:{free_port()}", "PYTHONDONTWRITEBYTECODE": "1"}
    log = tmp_path / "log"
    with log.open("wb") as file, processes.log_shown_on_failure(log):
        server = processes.start([str(program), "serve"], log=file, env=environ, cwd=home)
        try:

            def answers() -> httpx2.Response | None:
                assert server.poll() is None
                try:
                    return httpx2.get(f"http://127.0.0.1:{port}/healthz")
                except httpx2.TransportError:
                    return None

            assert until_sync(answers, PATIENCE_S, "the server answers").status_code == 200
            page = httpx2.get(f"http://127.0.0.1:{port}/customer/")
            assert page.status_code == 200
            mapped = Path(f"/proc/{server.pid}/maps").read_text("utf-8")
        finally:
            code = processes.end(server, signal.SIGTERM)
    assert code == 0
    foreign = [path for path in re.findall(r"/\S*site-packages/\S*", mapped) if not path.startswith(str(system.root))]
    assert foreign == [], "libraries come from the package alone"
    system.dpkg("--purge", "festival-push")
    assert not system.path("/opt/festival-push").exists()
    assert not system.path("/etc/festival-push.env").exists()
    assert (home / "festival.db").exists()


def test_a_package_of_another_version_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("msgspec==0.0.1 \\\n    --hash=sha256:0\n")
    wheel = tmp_path / "festival_push-1.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("festival_push-1.dist-info/METADATA", "Name: festival-push\nRequires-Dist: msgspec")
    gather = (sys.executable, DEPLOY / "debian" / "gather.py", wheel, lock, tmp_path / "packages")
    refused = subprocess.run(gather, capture_output=True, text=True, check=False, env=ENVIRON)
    assert refused.returncode == 1
    assert re.match(r"msgspec \S+ is installed, and \S+ has 0\.0\.1$", refused.stderr.strip())
