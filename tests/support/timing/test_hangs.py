"""A test that hangs is ended and shown, wherever it hangs, and the tests after it run."""

import re
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import pytest

from tests.support.layout import ROOT
from tests.support.servers.processes import find_program
from tests.support.timing.hangs import Alarm

_SETTINGS: Final = """[pytest]
timeout = 60
faulthandler_exit_on_timeout = true
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
addopts = -p no:cacheprovider --import-mode=importlib -p xdist.plugin -p pytest_asyncio.plugin -p pytest_timeout
"""
_CONFTEST: Final = """
import pytest
from tests.support.timing.hangs import pytest_sessionstart, pytest_timeout_cancel_timer, pytest_timeout_set_timer

def pytest_collection_modifyitems(items):
    items[0].add_marker(pytest.mark.timeout(2))  # the others have time, however slow the machine is
"""
_IMPORTS: Final = "import asyncio, ctypes, time\nimport pytest, uvloop\n"
_ENDS: Final = "\ndef test_that_ends(): pass\n"
_HANGS: Final = {
    "in a coroutine": """
async def deep(): await asyncio.Event().wait()
async def test_it(): await deep()""",
    "in a task under uvloop": """
async def deep(): await asyncio.Event().wait()
async def main():
    async with asyncio.TaskGroup() as group: group.create_task(deep())
def test_it(): uvloop.run(main())""",
    "in a cancellation": """
async def deep():
    while True:
        try: await asyncio.sleep(1000)
        except asyncio.CancelledError: pass
async def test_it(): asyncio.create_task(deep()); await asyncio.sleep(0)""",
    "in a call into C": """
def deep(): ctypes.CDLL(None).pause()
def test_it(): deep()""",
    "in a fixture of the session": """
@pytest.fixture(scope="session")
def deep(): yield time.sleep(1000)
def test_it(deep): pass""",
    "at the end of a fixture": """
@pytest.fixture
def deep():
    yield
    time.sleep(1000)
def test_it(deep): pass""",
}
_HELD: Final = "def deep(): ctypes.PyDLL(None).pause()\ndef test_it(): deep()"


def run_pytest(folder: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Let a pytest of its own run these tests, watched as ours are; its errors are in its output."""
    (folder / "pytest.ini").write_text(_SETTINGS)
    (folder / "conftest.py").write_text(_CONFTEST)
    (folder / "test_hanging.py").write_text(_IMPORTS + tests + _ENDS)
    return subprocess.run(
        # Whoever starts us in the background may have let us ignore Ctrl-C, and with us all that we start.
        [find_program("env", package="coreutils"), "--default-signal=INT", sys.executable, "-m", "pytest", *options],
        cwd=folder,
        # Without plug-ins, most of which are slow to load.
        env={"PYTHONPATH": str(ROOT), "PATH": "", "TMPDIR": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("where", _HANGS)
def test_a_hang_is_shown_and_the_run_goes_on(tmp_path: Path, where: str) -> None:
    done = run_pytest(tmp_path, _HANGS[where], "--numprocesses=1")
    assert done.returncode == 1, done.stdout
    assert "test_hanging.py::test_it has not ended within 2 s" in done.stdout
    assert " in deep\n" in done.stdout, done.stdout
    assert "crashed while running 'test_hanging.py::test_it'" in done.stdout
    assert re.search("1 failed, [12] passed", done.stdout), done.stdout  # at its end it had passed already


def test_whoever_holds_the_interpreter_is_shown_and_the_run_goes_on(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, _HELD, "--numprocesses=1", "-o", "faulthandler_timeout=4")
    assert done.returncode == 1, done.stdout
    assert " in deep\n" in done.stdout, done.stdout
    assert "1 failed, 1 passed" in done.stdout, done.stdout


def test_without_workers_a_hang_ends_the_run(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, 'def test_it():\n    print("said before")\n    time.sleep(1000)')
    assert done.returncode == 1, done.stdout
    assert "test_hanging.py::test_it has not ended within 2 s" in done.stdout
    assert "said before" in done.stdout
    assert "in test_it\n" in done.stdout


def test_an_alarm_rings_once_for_what_it_was_set_to_last() -> None:
    rung: SimpleQueue[str] = SimpleQueue()
    alarm = Alarm()
    alarm.set(3600, lambda: rung.put("much later"))
    alarm.set(0.01, lambda: rung.put("sooner"))
    assert rung.get(timeout=60) == "sooner"
    alarm.set(0.01, lambda: rung.put("again"))
    assert rung.get(timeout=60) == "again"
    alarm.set(3600, lambda: rung.put("cancelled"))
    alarm.cancel()
    alarm.set(0.01, lambda: rung.put("last"))
    assert rung.get(timeout=60) == "last"
    assert rung.empty()


def test_a_module_that_hangs_ends_the_run_with_a_report(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "time.sleep(1000)", "-o", "timeout=2")
    assert done.returncode == 2, done.stdout
    assert "no news of any test for 4 s" in done.stdout
    assert "KeyboardInterrupt" in done.stdout
