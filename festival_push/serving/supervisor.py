"""Several serving processes that share one listening socket, under a supervisor.

A worker's event loop beats over a pipe. A worker that is dead, or whose loop has not beaten for ten seconds (blocked or
stopped), is replaced; a worker that can't start ends the whole. When the supervisor is gone, however that happened,
its workers find the pipe broken and drain by themselves: none is left behind.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType
from typing import Final

from uvicorn.config import STARTUP_FAILURE

from festival_push.serving.process import DrainingServer, GuardedConfig

START_S: Final = 60.0
END_MARGIN_S: Final = 5.0  # for the application's lifespan, after all the bounds of the server's own
_BEAT_EVERY_S: Final = 0.5
_POLL_S: Final = 0.2
_RESTART_PAUSE_S: Final = 1.0  # between two replacements, so that a worker that dies at once doesn't take a core

logger = logging.getLogger("uvicorn.error")


PrepareWorker = Callable[[int, int], None]
"""Called first in each worker process, with the worker's number, from 0 on, and how many there are. It is pickled."""


class FirstCall:
    """Calls a function at the first of many calls."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def __call__(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class _Heart:
    """A worker's side of the pipe: a byte every half second, written by its event loop."""

    def __init__(self, pipe: Connection) -> None:
        self.server: DrainingServer | None = None
        self._pipe = pipe  # closed with it
        self._next_beat = 0.0
        os.set_blocking(pipe.fileno(), False)  # a supervisor that doesn't read must not stop us

    def beat(self) -> None:
        now = time.monotonic()
        if now < self._next_beat:
            return
        self._next_beat = now + _BEAT_EVERY_S
        try:
            os.write(self._pipe.fileno(), b".")
        except BlockingIOError:
            pass
        except BrokenPipeError:
            assert self.server is not None
            self.server.stop()


def _run_worker(
    config: GuardedConfig, listener: socket.socket, pipe: Connection, prepare: PrepareWorker | None, number: int
) -> None:
    if prepare is not None:
        prepare(number, config.workers)
    config.configure_logging()
    heart = _Heart(pipe)
    heart.server = DrainingServer(config, on_tick=heart.beat)
    heart.server.run([listener])


class Heartbeats:
    """A worker's heartbeats as they reach the supervisor. Times are seconds that never go back.

    Args:
        stall_s: The longest time without one, after the first. The first has START_S.
    """

    def __init__(self, pipe: Connection, *, stall_s: float, now: float) -> None:
        self.have_begun = False
        self._pipe = pipe
        self._stall_s = stall_s
        self._silent_after = now + START_S
        os.set_blocking(pipe.fileno(), False)

    def are_in_time(self, now: float) -> bool:
        """Whether the last one is not too long ago."""
        try:
            if os.read(self._pipe.fileno(), 4096):
                self.have_begun = True
                self._silent_after = now + self._stall_s
        except BlockingIOError:
            pass
        return now < self._silent_after

    def close(self) -> None:
        """The worker has ended."""
        self._pipe.close()


class _Worker:
    def __init__(
        self, config: GuardedConfig, listener: socket.socket, prepare: PrepareWorker | None, number: int
    ) -> None:
        ours, workers_end = multiprocessing.Pipe(duplex=False)
        # Spawned, not forked: a fork would share the memory of whatever threads the parent has.
        self.process = multiprocessing.get_context("spawn").Process(
            target=_run_worker, args=(config, listener, workers_end, prepare, number)
        )
        self.process.start()
        workers_end.close()  # or its end would not break the pipe
        self.heartbeats = Heartbeats(ours, stall_s=config.times.stall_s, now=time.monotonic())

    def is_well(self) -> bool:
        return self.heartbeats.are_in_time(time.monotonic()) and self.process.is_alive()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.heartbeats.close()


class Supervisor:
    """Keeps `config.workers` workers running until a signal; its listener stays open, so a restart refuses nobody."""

    def __init__(
        self, config: GuardedConfig, listener: socket.socket, report: FirstCall, prepare: PrepareWorker | None = None
    ) -> None:
        self._config = config
        self._listener = listener
        self._report = report
        self._signals = 0
        self._workers: list[_Worker] = []
        self._prepare = prepare

    def run(self) -> int:
        """Supervise until the end, and return the exit code. Must run in the main thread."""
        before = {sig: signal.signal(sig, self._count_signal) for sig in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._workers = [self._start(number) for number in range(self._config.workers)]
            exit_code = 0
            while exit_code == 0 and not self._signals:
                time.sleep(_POLL_S)
                exit_code = self._check()
            self._end()
        finally:
            for worker in self._workers:
                worker.kill()
            for sig, handler in before.items():
                signal.signal(sig, handler)
        return exit_code

    def _count_signal(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's shape
        self._signals += 1

    def _start(self, number: int) -> _Worker:
        return _Worker(self._config, self._listener, self._prepare, number)

    def _check(self) -> int:
        """Replace what is not well; return an exit code other than 0 when there is no point in it."""
        for number, worker in enumerate(self._workers):
            if worker.is_well():
                if worker.heartbeats.have_begun:
                    self._report()
                continue
            worker.kill()
            if self._signals:
                return 0  # its end is what was asked for: the signal went to the whole group
            if worker.process.exitcode == STARTUP_FAILURE:
                logger.error("A worker could not start")
                return STARTUP_FAILURE
            logger.error("Worker %s has ended or does not respond; replacing it", worker.process.pid)
            time.sleep(_RESTART_PAUSE_S)
            self._workers[number] = self._start(number)
        return 0

    def _end(self) -> None:
        """Have all workers drain; kill those that take too long, or all of them at a second signal."""
        self._listener.close()  # or the kernel would take connections that nobody will accept
        for worker in self._workers:
            worker.process.terminate()
        last_at = time.monotonic() + self._config.times.end_s(self._config.drain_s) + END_MARGIN_S
        while any(worker.process.is_alive() for worker in self._workers):
            if self._signals > 1:
                return
            if time.monotonic() > last_at:
                logger.error("Killing workers that did not end in time")
                return
            time.sleep(_POLL_S)
