"""Several serving processes that share their listening sockets, under a supervisor.

A worker's event loop sends heartbeats over a pipe. A worker that is dead, or that has sent none for ten seconds
(blocked or stopped), is replaced; a worker that can't start ends the supervisor and all workers. When the supervisor
is gone, for any reason, its workers find the pipe broken and drain by themselves: none is left behind.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from types import FrameType
from typing import Final

from uvicorn.config import STARTUP_FAILURE

from festival_push.serving.processes.process import DrainingServer, GuardedConfig
from festival_push.serving.processes.systemd import notify

START_S: Final = 60.0
END_MARGIN_S: Final = 5.0  # for the application's lifespan to end, after the server's own bounds
_BEAT_EVERY_S: Final = 0.5
_POLL_S: Final = 0.2
_RESTART_PAUSE_S: Final = 1.0  # before a replacement, so that a worker that always dies at once doesn't use up a core

logger = logging.getLogger("uvicorn.error")


PrepareWorker = Callable[[int, int], None]
"""Called first in each worker process, with its number, from 0 on, and the number of workers. It is pickled."""


class FirstCall:
    """Calls the given function when it is first called, and does nothing after that."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def __call__(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class _Heart:
    """A worker's end of the pipe: its event loop writes a byte every half second."""

    def __init__(self, pipe: Connection) -> None:
        self.server: DrainingServer | None = None
        self._pipe = pipe  # kept, because it closes itself when it is freed
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
    config: GuardedConfig,
    listeners: Sequence[socket.socket],
    pipe: Connection,
    prepare: PrepareWorker | None,
    number: int,
) -> None:
    if prepare is not None:
        prepare(number, config.workers)
    config.configure_logging()
    heart = _Heart(pipe)
    heart.server = DrainingServer(config, on_tick=heart.beat)
    heart.server.run([*listeners])


class Heartbeats:
    """A worker's heartbeats, as the supervisor reads them. Times are seconds that never go back.

    Args:
        pipe: The supervisor's end of the pipe.
        stall_s: The longest time between two heartbeats. The first may take START_S.
        now: When the worker was started.
    """

    def __init__(self, pipe: Connection, *, stall_s: float, now: float) -> None:
        self.have_begun = False
        self._pipe = pipe
        self._stall_s = stall_s
        self._silent_after = now + START_S
        os.set_blocking(pipe.fileno(), False)

    def are_in_time(self, now: float) -> bool:
        """True if the last heartbeat is not too long ago."""
        try:
            if os.read(self._pipe.fileno(), 4096):
                self.have_begun = True
                self._silent_after = now + self._stall_s
        except BlockingIOError:
            pass
        return now < self._silent_after

    def close(self) -> None:
        """Close the pipe: the worker has ended."""
        self._pipe.close()


class _Worker:
    def __init__(
        self, config: GuardedConfig, listeners: Sequence[socket.socket], prepare: PrepareWorker | None, number: int
    ) -> None:
        ours, workers_end = multiprocessing.Pipe(duplex=False)
        # Spawned, not forked: a fork would share the memory of any threads that the parent has.
        self.process = multiprocessing.get_context("spawn").Process(
            target=_run_worker, args=(config, listeners, workers_end, prepare, number)
        )
        self.process.start()
        workers_end.close()  # else the pipe would not break when the worker ends
        self.heartbeats = Heartbeats(ours, stall_s=config.times.stall_s, now=time.monotonic())

    def is_well(self) -> bool:
        return self.heartbeats.are_in_time(time.monotonic()) and self.process.is_alive()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.heartbeats.close()


class Supervisor:
    """Keeps `config.workers` workers running until a signal. Its listeners stay open, so no connection is refused
    while a worker is replaced.

    Args:
        report: Called while workers send heartbeats; its first call tells that the server answers.
        prepare: See `PrepareWorker`.
    """

    def __init__(
        self,
        config: GuardedConfig,
        listeners: Sequence[socket.socket],
        report: FirstCall,
        prepare: PrepareWorker | None = None,
    ) -> None:
        self._config = config
        self._listeners = listeners
        self._report = report
        self._signals = 0
        self._reload_asked = False
        self._workers: list[_Worker] = []
        self._prepare = prepare

    def run(self) -> int:
        """Supervise until a signal or a worker that can't start, and return the exit code. Call it in the main thread:
        it sets signal handlers."""
        before = {sig: signal.signal(sig, self._count_signal) for sig in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._ask_reload)
        try:
            self._workers = [self._start(number) for number in range(self._config.workers)]
            exit_code = 0
            while exit_code == 0 and not self._signals:
                time.sleep(_POLL_S)
                exit_code = self._check()
                if self._reload_asked:
                    self._reload()
            notify("STOPPING=1")
            self._end()
        finally:
            for worker in self._workers:
                worker.kill()
            for sig, handler in before.items():
                signal.signal(sig, handler)
        return exit_code

    def _count_signal(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's shape
        self._signals += 1

    def _ask_reload(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's shape
        self._reload_asked = True

    def _reload(self) -> None:
        """Replace one worker after the other by one that reads the settings anew; all are kept if the first can't
        start. The new one accepts connections before the old one drains, so nobody is refused."""
        self._reload_asked = False
        logger.warning("SIGHUP: replacing the workers one after the other")
        for number, old in enumerate(self._workers):
            new = self._start(number)
            while not self._signals and new.is_well() and not new.heartbeats.have_begun:
                self._report()
                time.sleep(_POLL_S)
            if not new.heartbeats.have_begun:
                new.kill()
                logger.error("A worker with the new settings could not start; the others go on as they are")
                return
            self._workers[number] = new
            self._drain([old], meanwhile=self._report)
            old.kill()
        logger.warning("all workers have the new settings")

    def _start(self, number: int) -> _Worker:
        return _Worker(self._config, self._listeners, self._prepare, number)

    def _check(self) -> int:
        """Replace workers that are dead or silent. Return 0, or the exit code to end with if a worker can't start."""
        for number, worker in enumerate(self._workers):
            if worker.is_well():
                if worker.heartbeats.have_begun:
                    self._report()
                continue
            worker.kill()
            if self._signals:
                return 0  # the worker was asked to end: the signal went to the whole process group
            if worker.process.exitcode == STARTUP_FAILURE:
                logger.error("A worker could not start")
                return STARTUP_FAILURE
            logger.error("Worker %s has ended or does not respond; replacing it", worker.process.pid)
            time.sleep(_RESTART_PAUSE_S)
            self._workers[number] = self._start(number)
        return 0

    def _end(self) -> None:
        """Let all workers drain; return when they have ended, when time is up, or at a second signal. `run` kills those
        that are left."""
        for listener in self._listeners:
            listener.close()  # else the kernel would take connections that no worker will accept
        self._drain(self._workers)

    def _drain(self, workers: Sequence[_Worker], *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Ask workers to end; return when they have, when time is up, or at a second signal."""
        for worker in workers:
            worker.process.terminate()
        last_at = time.monotonic() + self._config.times.end_s(self._config.drain_s) + END_MARGIN_S
        while any(worker.process.is_alive() for worker in workers) and self._signals < 2:
            if time.monotonic() > last_at:
                logger.error("Killing workers that did not end in time")
                return
            meanwhile()
            time.sleep(_POLL_S)
