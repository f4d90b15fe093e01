"""What becomes of a test that hangs: it is shown where everything stood, and the process that it holds ends.

pytest-timeout keeps the time of a test with all its fixtures (`timeout` in pyproject.toml), and leaves to us what
happens then. Its own ways don't do: an exception raised by a signal is swallowed by uvloop and does not reach a call
into C; what its thread prints is lost in a worker of xdist, and shows of a coroutine only that its loop waits. A worker
that ended is replaced: its test has failed, and the others go on. `faulthandler_timeout` ends a call that holds the
interpreter itself.

What is no test (collecting, a worker that never answers, the session's end) is bounded by the time without news.
"""

import asyncio
import gc
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from time import monotonic  # itself, whatever a test puts in its place
from types import FrameType
from typing import Any, Final, NoReturn, Protocol

import pytest

_REPORT_S: Final = 120.0  # to end by itself and report what failed, however slow the machine is
_RUNNER: Final = ("_pytest", "pluggy", "xdist", "execnet")


class _Limit(Protocol):
    """Of pytest-timeout's settings that which we need."""

    timeout: float


class Alarm:
    """A timer that is set and cancelled ten thousand times: one thread serves it, and sleeps on when it is set anew."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due_s: float | None = None
        self._then: Callable[[], object] = lambda: None
        self._looks_s = math.inf  # when the thread wakes up by itself
        self._thread: threading.Thread | None = None

    def set(self, within_s: float, then: Callable[[], object]) -> None:
        """Call `then` in the alarm's own thread, unless it is set anew or cancelled before."""
        with self._changed:
            self._due_s, self._then = monotonic() + within_s, then
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="alarm", daemon=True)
                self._thread.start()
            elif self._due_s < self._looks_s:
                self._changed.notify()

    def cancel(self) -> None:
        """Call nothing."""
        with self._changed:
            self._due_s = None

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._due_s is None or (left_s := self._due_s - monotonic()) > 0:
                    self._looks_s = math.inf if self._due_s is None else self._due_s
                    self._changed.wait(None if self._due_s is None else left_s)
                self._due_s, then = None, self._then
            then()


_TEST: Final = Alarm()
"""Keeps the time of the test that runs."""


@pytest.hookimpl
def pytest_timeout_set_timer(item: pytest.Item, settings: _Limit) -> bool:
    """Begin to keep the time of a test."""
    why = f"{item.nodeid} has not ended within {settings.timeout:g} s"
    _TEST.set(settings.timeout, partial(_end, item.config, why))
    return True


@pytest.hookimpl
def pytest_timeout_cancel_timer(item: pytest.Item) -> bool:
    """The test has ended, or somebody looks at it with a debugger."""
    _TEST.cancel()
    return True


class Progress:
    """Stops a session without news: as Ctrl-C does, so that what failed is reported; if that is no use, at once."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._within_s = 2 * float(config.getini("timeout"))  # a worker may be silent for one test's time
        self._alarm = Alarm()
        self.pytest_runtest_logreport()

    def pytest_runtest_logreport(self) -> None:
        """Some test has begun or ended."""
        self._alarm.set(self._within_s, self._interrupt)

    def pytest_unconfigure(self) -> None:
        """All is over."""
        self._alarm.cancel()

    def _interrupt(self) -> None:
        why = f"no news of any test for {self._within_s:g} s"
        self._alarm.set(_REPORT_S, partial(_end, self._config, why))
        _tell(why)
        os.kill(os.getpid(), signal.SIGINT)


@pytest.hookimpl
def pytest_sessionstart(session: pytest.Session) -> None:
    """Watch the session, unless we are a worker: the one who gave us work watches us."""
    if not hasattr(session.config, "workerinput") and session.config.getini("timeout"):
        session.config.pluginmanager.register(Progress(session.config))


def _end(config: pytest.Config, why: str) -> NoReturn:
    _tell(why)  # first, because nothing that follows is sure to work on a process in this state
    try:
        captured = ""
        if capture := config.pluginmanager.getplugin("capturemanager"):
            capture.suspend_global_capture(in_=True)
            captured = "".join(capture.read_global_capture())[-4_000:]
        _tell(f"{captured}\n{stacks()}")
    finally:
        os._exit(1)


def _tell(text: str) -> None:
    os.write(2, f"\n{'=' * 20} {text}\n{'=' * 20}\n".encode())


def stacks() -> str:
    """Where every thread but this one stands, and every task that waits."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = [
        f"Thread {names.get(ident, ident)}:\n" + "".join(_without_runner(traceback.extract_stack(frame)).format())
        for ident, frame in sys._current_frames().items()
        if ident != threading.get_ident()
    ]
    # By their type: `isinstance` asks a dead weak reference for its class, which raises.
    tasks = [each for each in gc.get_objects() if issubclass(type(each), asyncio.Task) and not each.done()]
    parts += [f"Task {task.get_name()}:\n" + "".join(_awaiting(task)) for task in tasks]
    return "\n".join(parts)


def _without_runner(stack: traceback.StackSummary) -> traceback.StackSummary:
    """Its frames say nothing about the test."""
    kept = [frame for frame in stack if not any(f"/{name}/" in frame.filename for name in _RUNNER)]
    return traceback.StackSummary.from_list(kept)


def _awaiting(task: "asyncio.Task[object]") -> list[str]:
    """The lines of a task from its own coroutine to the innermost await."""
    lines: list[str] = []
    inner: Any = task.get_coro()
    while (frame := _first(inner, "cr_frame", "gi_frame", "ag_frame")) is not None:
        assert isinstance(frame, FrameType)
        lines += traceback.format_stack(frame, limit=1)
        inner = _first(inner, "cr_await", "gi_yieldfrom", "ag_await")
    return lines


def _first(of: object, *names: str) -> object:
    """The first of these attributes that there is: each kind of coroutine and generator has names of its own."""
    return next((found for name in names if (found := getattr(of, name, None)) is not None), None)
