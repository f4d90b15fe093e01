"""Installing Debian packages: by whom it may be done, and what is said when it can't."""

from pathlib import Path
from typing import Final

import pytest

from tests.scripts.machine import Machine

ASKED: Final = "scripts/apt-install postgresql redis-server"
DONE: Final = "as root: postgresql redis-server"
AS_ROOT: Final = '[ "$1" = -- ] && shift; shift; echo "as root: $*"'
NOT_WITHOUT_PASSWORD: Final = f'[ "$1" = -n ] && exit 1; {AS_ROOT}'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Where we are nobody special, on a Debian without sudo."""
    machine = Machine.made(tmp_path)
    machine.add("id", "echo 1000")
    machine.add("apt-get", "echo 'apt-get: you are not root'; exit 100")
    return machine


def line_of(said: str) -> str:
    """The one line that can be pasted."""
    (line,) = (line.strip() for line in said.splitlines() if line.startswith("  "))
    return line


def test_sudo_that_asks_nothing_is_used(machine: Machine) -> None:
    machine.add("sudo", f'[ "$1" = -n ] && exit 0; {AS_ROOT}')
    assert machine.run(ASKED) == (0, f"{DONE}\n")


def test_sudo_may_ask_on_a_terminal(machine: Machine) -> None:
    machine.add("sudo", NOT_WITHOUT_PASSWORD)
    code, said = machine.run(ASKED, terminal=True)
    assert code == 0
    assert said == f"To install postgresql redis-server with apt-get, sudo asks for your password.\n{DONE}\n"


def test_sudo_does_not_ask_where_nobody_answers(machine: Machine) -> None:
    machine.add("sudo", NOT_WITHOUT_PASSWORD)
    code, said = machine.run(ASKED)
    assert code == 1
    assert "as root" not in said
    assert machine.run(line_of(said)) == (0, f"{DONE}\n")  # as it was printed, from anywhere


def test_a_wrong_password_leaves_the_line(machine: Machine) -> None:
    machine.add("sudo", "echo wrong >&2; exit 1")
    code, said = machine.run(ASKED, terminal=True)
    assert code == 1
    machine.add("sudo", AS_ROOT)
    assert machine.run(line_of(said)) == (0, f"{DONE}\n")


def test_without_sudo_the_line_becomes_root_by_su(machine: Machine) -> None:
    code, said = machine.run(ASKED)
    assert code == 1
    machine.add("su", '[ "$1" = -c ] && eval "set -- $2" && shift && echo "as root: $*"')
    assert machine.run(line_of(said)) == (0, f"{DONE}\n")


def test_a_system_that_is_not_debian_is_told_what_is_missing(machine: Machine) -> None:
    (machine.programs / "apt-get").unlink()
    machine.add("sudo", AS_ROOT)
    code, said = machine.run(ASKED)
    assert code == 1
    assert "postgresql redis-server" in said
    assert "as root" not in said


def test_when_apt_has_failed_and_said_why_nobody_is_sent_to_try_it_again(machine: Machine) -> None:
    machine.add("sudo", '[ "$1" = -n ] && exit 0; echo "apt-get could not install"; exit 3')
    assert machine.run(ASKED) == (3, "apt-get could not install\n")
