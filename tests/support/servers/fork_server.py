"""The package's commands as processes of their own, forked from one that has imported the package already.

Importing the package takes about a second of CPU, and a run starts some hundreds of servers and commands. So one child
of the run, the fork server, imports it once. Each command is a fork of that child: it has its own memory, environment,
files, process group and signals, and ends like any other process. `tests/cli/test_first_minute.py` and
`tests/replaces/test_settings.py` start the real `python -m festival_push`.
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Final, NoReturn

from tests.support.servers.processes import find_program

ROOT: Final = Path(__file__).parents[3]
_REQUEST_BYTES_MAX: Final = 128 * 1024
_PID: Final = struct.Struct("i")
_EXIT_CODE: Final = struct.Struct("i")
_PR_SET_PDEATHSIG: Final = 1
_CLONE_NEWNET: Final = 0x40000000


class ForkedProcess:
    """A command that runs, with the part of `subprocess.Popen` that the tests use.

    Args:
        status: Tells first its process id and later, at its end, its exit code.
    """

    def __init__(self, status: socket.socket) -> None:
        self._status = status
        self._exit_code: int | None = None
        self.pid: int = _PID.unpack(_received(status, _PID.size))[0]

    def poll(self) -> int | None:
        """Return the exit code, below 0 when a signal ended it; None while it runs."""
        return self._collect(timeout_s=0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code. Raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        code = self._collect(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _collect(self, timeout_s: float | None) -> int | None:
        if self._exit_code is None:
            self._status.settimeout(timeout_s)
            try:
                self._exit_code = _EXIT_CODE.unpack(_received(self._status, _EXIT_CODE.size))[0]
            except (BlockingIOError, TimeoutError):
                return None
            self._status.close()
        return self._exit_code


def _received(status: socket.socket, size: int) -> bytes:
    if message := status.recv(size):
        return message
    status.close()
    raise AssertionError("the fork server has ended, and all that it had forked with it")


class ForkServer:
    """The child that has imported the package; it ends with this process, and so do all that it forked."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        leash = [str(find_program("setpriv", package="util-linux")), "--pdeathsig", "KILL", "--"]
        command = [*leash, sys.executable, "-m", "tests.support.servers.fork_server"]
        self._process = subprocess.Popen(command, stdin=theirs.fileno(), cwd=ROOT, process_group=0)
        theirs.close()

    def start(
        self,
        arguments: Sequence[str],
        *,
        out: IO[bytes],
        err: IO[bytes],
        env: Mapping[str, str],
        cwd: Path,
        network: str = "",
        spoilt_by: str = "",
    ) -> ForkedProcess:
        """Run `festival-push` with these arguments; return at once.

        Args:
            network: The file of its network namespace; empty: this process's own.
            spoilt_by: A function of the tests, `module:name`, that breaks something in it before it begins.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wanted = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        request = json.dumps(wanted | {"network": network, "spoilt_by": spoilt_by}).encode()
        assert len(request) <= _REQUEST_BYTES_MAX
        with theirs:
            socket.send_fds(self._control, [request], [theirs.fileno(), out.fileno(), err.fileno()])
        return ForkedProcess(ours)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._process.wait()


def fork_server() -> ForkServer:
    """The one of this process, started when it is first asked for, or has ended. Call it from the main thread."""
    if not _running or not _running[-1].is_running:
        _running.append(ForkServer())
        atexit.register(_running[-1].close)
    return _running[-1]


_running: Final[list[ForkServer]] = []


def _serve(control: socket.socket, main: Callable[[Sequence[str]], int]) -> None:
    """Fork for each request until nobody can send one any more; tell of each fork when it ends."""
    running: dict[int, tuple[int, socket.socket]] = {}  # by pidfd
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is control:
                    message, files, _, _ = socket.recv_fds(control, _REQUEST_BYTES_MAX, 3)
                    if not message:
                        return
                    pidfd, pid, status = _fork(json.loads(message), files, main)
                    running[pidfd] = (pid, status)
                    selector.register(pidfd, selectors.EVENT_READ)
                else:
                    selector.unregister(key.fileobj)
                    os.close(key.fd)
                    _report(*running.pop(key.fd))


def _fork(
    request: dict[str, object], files: Sequence[int], main: Callable[[Sequence[str]], int]
) -> tuple[int, int, socket.socket]:
    status_fd, out, err = files
    fork_server_pid = os.getpid()
    pid = os.fork()
    if pid == 0:
        _run(request, out, err, main, fork_server_pid)
    status = socket.socket(fileno=status_fd)
    os.close(out)
    os.close(err)
    status.send(_PID.pack(pid))
    return os.pidfd_open(pid), pid, status


def _report(pid: int, status: socket.socket) -> None:
    _, wait_status = os.waitpid(pid, 0)
    with status, suppress(BrokenPipeError):  # nobody waits for it any more
        status.send(_EXIT_CODE.pack(os.waitstatus_to_exitcode(wait_status)))


def _run(
    request: dict[str, object], out: int, err: int, main: Callable[[Sequence[str]], int], fork_server_pid: int
) -> NoReturn:
    """Become the command: nothing of the fork server stays but the imported modules."""
    code = 1
    try:
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != fork_server_pid:  # it died before the line above, so no signal will come
            os._exit(code)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (out, 1), (err, 2)):
            os.dup2(source, target)
        os.closerange(3, max(null, out, err, 256) + 1)
        if request["network"]:
            _enter(str(request["network"]))
        os.chdir(str(request["cwd"]))
        os.environ.clear()
        os.environ.update(request["env"])  # type: ignore[call-overload] # a mapping of strings, as `start` wrote it
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        arguments: list[str] = request["arguments"]  # type: ignore[assignment] # likewise
        sys.argv = ["festival-push", *arguments]
        if request["spoilt_by"]:
            module, _, name = str(request["spoilt_by"]).partition(":")
            getattr(importlib.import_module(module), name)()
        code = main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # as the interpreter does at the end of a program
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _enter(network: str) -> None:
    """Move this process into another network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    namespace = os.open(network, os.O_RDONLY)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"setns {network}")
    os.close(namespace)


if __name__ == "__main__":  # worker processes of a forked server import this module anew
    # What a server imports when it starts.
    import uvicorn.lifespan.on
    import uvicorn.loops.uvloop  # noqa: F401
    from argon2 import PasswordHasher

    from festival_push.web.identity import pins

    # To hash a PIN as slowly as thieves deserve is a tenth of a server's work here, where everybody is new. Programs
    # that aren't forked, and the workers of a server of several, do as users will.
    pins.standard_hasher = cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    import festival_push.app  # noqa: F401
    from festival_push.cli import main as command_line

    gc.collect()
    gc.freeze()  # a collection in a fork must not write to the pages that it shares
    _serve(socket.socket(fileno=0), command_line)
