"""Running the tests: what they wrote goes or stays, and a signal ends them as Ctrl-C does."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from tests.scripts.machine import Machine
from tests.support.timing.waiting import until_sync

RUN: Final = "TMPDIR=$PWD scripts/run-tests"
WRITES: Final = 'touch "$TMPDIR/written"; echo "$TMPDIR" >folder'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Where nothing but the script decides what the temporary folder is called and when it goes."""
    machine = Machine.made(tmp_path)
    machine.add("nproc", "echo 2")
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    return machine


def pytest_is(machine: Machine, script: str) -> None:
    """Put this where pytest is."""
    installed(machine, "pytest", script)


def installed(machine: Machine, name: str, script: str) -> None:
    """Put this where a program of the environment is."""
    machine.add(name, script)
    (machine.programs / name).rename(machine.checkout / ".venv/bin" / name)


def folder_of(machine: Machine) -> Path:
    """What the tests had for temporary files."""
    return Path((machine.checkout / "folder").read_text().strip())


@contextmanager
def started(machine: Machine, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A command that has got as far as the tests."""
    environment = {"PATH": str(machine.programs), "TMPDIR": str(machine.checkout)}
    told = machine.checkout / "folder"
    with subprocess.Popen(
        command, cwd=machine.checkout, env=environment, stdout=subprocess.PIPE, text=True, process_group=0
    ) as run:
        try:
            until_sync(lambda: told.exists() and "/" in told.read_text())
            yield run
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)


def test_after_a_green_run_nothing_is_left(machine: Machine) -> None:
    pytest_is(machine, WRITES)
    assert machine.run(RUN) == (0, "")
    assert not folder_of(machine).exists()


def test_after_a_red_run_it_is_kept_and_named(machine: Machine) -> None:
    pytest_is(machine, f"{WRITES}; exit 3")
    code, said = machine.run(RUN)
    folder = folder_of(machine)
    assert (code, said) == (3, f"What they wrote is kept in {folder}.\n")
    assert (folder / "written").exists()


def test_types_are_checked_if_asked_for(machine: Machine) -> None:
    pytest_is(machine, f'echo "$*" | grep -q -- --types && exit 3; {WRITES}')
    installed(machine, "mypy", "touch checked; exit 0")
    assert machine.run(RUN) == (0, "")
    assert not (machine.checkout / "checked").exists()
    assert machine.run(f"{RUN} --types -k money") == (0, "")
    assert (machine.checkout / "checked").exists()


def test_wrong_types_end_the_tests_and_are_shown_last(machine: Machine) -> None:
    pytest_is(machine, f"trap 'kill $!; echo ended; exit 2' INT; {WRITES}; sleep 300 & wait")
    installed(machine, "mypy", "while [ ! -s folder ]; do sleep 0.01; done; echo 'money.py:1: error: no int'; exit 1")
    code, said = machine.run(f"{RUN} --types")
    assert code == 1
    assert said == "ended\nThe types are wrong, so the tests were ended:\nmoney.py:1: error: no int\n"
    assert not folder_of(machine).exists()


def test_right_types_hide_no_red_test(machine: Machine) -> None:
    pytest_is(machine, f"{WRITES}; exit 3")
    installed(machine, "mypy", "exit 0")
    code, said = machine.run(f"{RUN} --types")
    assert (code, said) == (3, f"What they wrote is kept in {folder_of(machine)}.\n")


def test_a_signal_ends_the_checking_of_types_too(machine: Machine) -> None:
    pytest_is(machine, f"trap 'kill $!; exit 2' INT; {WRITES}; sleep 300 & wait")
    installed(machine, "mypy", "echo $$ >checker; exec sleep 300")
    with started(machine, "scripts/run-tests", "--types") as run:
        checker = machine.checkout / "checker"
        until_sync(lambda: checker.exists() and checker.read_text().strip())
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=120)
    assert run.returncode == 128 + signal.SIGTERM
    assert not Path(f"/proc/{checker.read_text().strip()}").exists()


def test_sigterm_lets_the_tests_end_what_they_started(machine: Machine) -> None:
    pytest_is(machine, f"trap 'kill $!; echo ended; exit 2' INT; {WRITES}; sleep 300 & wait")
    with started(machine, "scripts/run-tests") as run:
        run.send_signal(signal.SIGTERM)
        said, _ = run.communicate(timeout=120)
    assert (run.returncode, said) == (128 + signal.SIGTERM, "ended\n")
    assert not folder_of(machine).exists()


def test_sigterm_ends_repeated_runs_too(machine: Machine) -> None:
    pytest_is(machine, f"trap 'kill $!; exit 2' INT; {WRITES}; sleep 300 & wait")
    for name in ("install", "install-programs", "install-node-modules"):
        (machine.checkout / "scripts" / name).write_text("#!/bin/sh\n")
    with started(machine, "scripts/repeat-tests", "3") as run:
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=120)
    assert run.returncode == 128 + signal.SIGTERM
    assert not folder_of(machine).exists()
