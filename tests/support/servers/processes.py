"""Server programs as children of the test run."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol

# Only what fails takes so long. A cluster of PostgreSQL is tens of megabytes of files: while others write to the same
# disk as fast as they can (packages are being installed), making one has taken more than a minute.
READY_WITHIN_S: Final = 120.0
FINISH_WITHIN_S: Final = 240.0
STOP_WITHIN_S: Final = 120.0


class MissingProgram(AssertionError):
    """A program that the tests need is not on this machine. The run fails; it never skips."""


def find_program(name: str, *, package: str, debian_dirs: str | None = None) -> Path:
    """Return the path of a program: where Debian hides it, else on the PATH.

    In this order, because Debian's `psql` on the PATH is a script that takes five times as long to find the real one.

    Args:
        name: The program, e.g. `redis-server`.
        package: The Debian package that brings it; named in the error.
        debian_dirs: Glob below `/` of folders to look in first; the last in order of version wins.
    """
    hidden = sorted(Path("/").glob(f"{debian_dirs}/{name}"), key=_version_in) if debian_dirs else []
    found = hidden[-1] if hidden else shutil.which(name)
    if found is None:
        raise MissingProgram(
            f"{name} is not installed: run `make test`, which installs it, or `apt-get install {package}`"
        )
    return Path(found)


def _version_in(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts if part.isdigit())


def unprivileged_user(preferred: str) -> str | None:
    """Return whom to run a server as that refuses root, or None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return preferred if preferred in known else "nobody"


def start(
    command: list[str],
    *,
    log: IO[bytes],
    err: IO[bytes] | None = None,
    user: str | None = None,
    leash: signal.Signals = signal.SIGKILL,
    env: dict[str, str] | None = None,
    cwd: Path = Path("/"),
    pass_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a server whose output goes to `log`; when this thread dies, however that happens, it gets `leash`.

    `err` gets what it complains of, if that is to stand elsewhere.
    Call it from the main thread: a server started from a worker thread ends with that thread.
    """
    prefix = [str(find_program("setpriv", package="util-linux")), "--pdeathsig", leash.name.removeprefix("SIG")]
    if user is not None:
        prefix += [f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
    # Its own process group, so that Ctrl-C in the terminal reaches pytest alone and the fixtures stop it in order.
    return subprocess.Popen(
        [*prefix, "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=err or log,
        env=env,
        cwd=cwd,
        process_group=0,
        pass_fds=pass_fds,
    )


class Process(Protocol):
    """A child of the test run: `subprocess.Popen`, or what the fork server gave."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: signal.Signals, /) -> None: ...
    def kill(self) -> None: ...


def end(process: Process, how: signal.Signals) -> int:
    """Send `how` to one process that the run started, wait for its end, and kill it when it does not obey.

    Returns:
        Its exit code; below 0 when a signal ended it.
    """
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def finish(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process that `start` gave and that ends by itself, and return its exit code.

    Raises:
        subprocess.TimeoutExpired: It does not end; it is killed then.
    """
    try:
        return process.wait(FINISH_WITHIN_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def log_shown_on_failure(path: Path) -> Iterator[None]:
    """Add the end of a server's log to whatever goes wrong inside."""
    try:
        yield
    except BaseException as error:
        if path.exists():
            error.add_note(f"The end of {path}:\n" + path.read_text(errors="replace")[-2000:])
        raise
