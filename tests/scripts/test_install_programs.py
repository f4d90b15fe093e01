"""What a machine must have is looked for at once, each with the oldest version that will do."""

from pathlib import Path
from typing import Final

import pytest

from tests.scripts.machine import Machine

PROGRAMS: Final = {
    "initdb": "initdb (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)",
    "pgbouncer": "PgBouncer 1.18.0",
    "redis-server": "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0",
    "chromium": "Chromium 156.0.8078.108 built on Debian GNU/Linux 12 (bookworm)",
    "chromium-headless-shell": "Chromium 156.0.8078.108 ",
    "nginx": "nginx version: nginx/1.22.1",
    "openssl": "OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)",
    "git": "git version 2.39.5",
    "curl": "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1",
    "setpriv": "setpriv from util-linux 2.38.1",
    "promtool": "promtool, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5+deb12u1)",
    "prometheus-alertmanager": "alertmanager, version 0.25.0 (branch: debian/sid, revision: 0.25.0-1+b4)",
    "systemd-analyze": "systemd 252 (252.39-1~deb12u1)",
    "strace": "strace -- version 6.1",
    "ip": "ip utility, iproute2-6.1.0, libbpf 1.1.2",
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Where everything is, and whoever installs says just that."""
    machine = Machine.made(tmp_path)
    for name, version in PROGRAMS.items():
        machine.add(name, f"echo '{version}'" + (" >&2" if name == "nginx" else ""))
    machine.add("python3", "exit 0")
    install = machine.checkout / "scripts/apt-install"
    install.write_text('#!/bin/sh\necho "installs $*"\n')
    return machine


def test_a_machine_that_has_everything_is_asked_for_nothing(machine: Machine) -> None:
    assert machine.run("scripts/install-programs test") == (0, "")


def test_all_that_is_missing_is_installed_at_once(machine: Machine) -> None:
    for name in ("redis-server", "chromium-headless-shell", "openssl", "git", "curl", "setpriv"):
        (machine.programs / name).unlink()
    machine.add("python3", 'case "$2" in *ensurepip*) exit 1;; *venv*) echo python3.11-venv;; esac')
    code, said = machine.run("scripts/install-programs test")
    names = "python3.11-venv redis-server chromium-headless-shell openssl git curl util-linux"
    assert (code, said) == (1, f"installs {names}\nStill missing or too old: {names}. \n")


def test_to_run_only_python_is_needed(machine: Machine) -> None:
    for name in PROGRAMS:
        (machine.programs / name).unlink()
    assert machine.run("scripts/install-programs run") == (0, "")
    machine.add("python3", 'case "$2" in *ensurepip*) exit 1;; *venv*) echo python3.11-venv;; esac')
    code, said = machine.run("scripts/install-programs run")
    assert code == 1
    assert said.startswith("installs python3.11-venv\n")


@pytest.mark.parametrize(
    ("name", "version", "complaint"),
    [
        ("initdb", "initdb (PostgreSQL) 9.6.24", "postgresql 9.6.24 is here, 15 or newer is needed."),
        ("redis-server", "Redis server v=6.2.9 sha=0", "redis-server 6.2.9 is here, 7.0 or newer is needed."),
        ("chromium", "Chromium 99.0.1", "chromium 99.0.1 is here, 120 or newer is needed."),
        ("chromium", "no number", "chromium unknown is here, 120 or newer is needed."),
    ],
)
def test_what_is_too_old_is_renewed_or_named(machine: Machine, name: str, version: str, complaint: str) -> None:
    machine.add(name, f"echo '{version}'")
    code, said = machine.run("scripts/install-programs test")
    package = complaint.split(maxsplit=1)[0]
    assert code == 1
    assert said == f"{complaint}\ninstalls {package}\nStill missing or too old: {package}. {complaint}\n"
    install = machine.checkout / "scripts/apt-install"
    install.write_text(f"#!/bin/sh\nprintf '#!/bin/sh\\necho \"{PROGRAMS[name]}\"\\n' >'{machine.programs / name}'\n")
    assert machine.run("scripts/install-programs test") == (0, f"{complaint}\n")


def test_a_python_that_is_too_old_is_named_before_anything_is_installed(machine: Machine) -> None:
    (machine.programs / "redis-server").unlink()
    machine.add("python3", "exit 1")
    code, said = machine.run("scripts/install-programs test")
    assert code == 1
    assert "Python 3.11 or newer; 'python3' is not" in said
    assert "installs" not in said
