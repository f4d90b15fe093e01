"""A Debian with nothing but what debootstrap gives, in a folder.

It shares our network. No process and no mount outlives the command that made it.
"""

import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.bare.surroundings import Surroundings

PACKAGES: Final = "python3,make,git,ca-certificates,curl"
"""What our README asks of a machine, and what brings the checkout."""
VISITOR: Final = "visitor"
_VISITOR_ID: Final = 1000
_KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SCRIPTS: Final = Path("/usr/share/debootstrap/scripts")
_ENTER: Final = """
set -e
mount --rbind /dev "$0/dev"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$0/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
mount -t proc proc "$0/proc"
code=0
chroot "$0" "$@" || code=$?
exit $code
"""


class BareRoot:
    """The folder of one Debian; a context manager that makes and removes it.

    Args:
        suite: Debian's name of it, as `bookworm`.
        folder: Does not exist yet.
        log: What debootstrap says.
    """

    def __init__(self, suite: str, folder: Path, surroundings: Surroundings, log: Path) -> None:
        self.suite, self.folder = suite, folder
        self._surroundings, self._log = surroundings, log
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "BareRoot":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            kill(process)
        mounted = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        assert not [path for path in mounted if path.startswith(str(self.folder))], mounted
        shutil.rmtree(self.folder, ignore_errors=True)

    def build(self) -> None:
        """Fetch and unpack it; some minutes where the network is slow."""
        script = [] if (_SCRIPTS / self.suite).exists() else [str(_SCRIPTS / "sid")]
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", f"--keyring={_KEYRING}"]
        command += [self.suite, str(self.folder), self._surroundings.mirror, *script]
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip
            self._running.append(process)
            assert process.wait(3_600) == 0, f"debootstrap failed: {self._log}"
        for name, content in self._surroundings.files.items():
            path = self.folder / name.removeprefix("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # it may be a link to elsewhere
            path.write_bytes(content)
        (self.folder / "etc/apt/sources.list").write_text(self._surroundings.sources(self.suite))
        with (self.folder / "etc/passwd").open("a") as people, (self.folder / "etc/group").open("a") as groups:
            people.write(f"{VISITOR}:x:{_VISITOR_ID}:{_VISITOR_ID}::/home/{VISITOR}:/bin/bash\n")
            groups.write(f"{VISITOR}:x:{_VISITOR_ID}:\n")
        self.home(VISITOR).mkdir()
        os.chown(self.home(VISITOR), _VISITOR_ID, _VISITOR_ID)

    def home(self, user: str) -> Path:
        """Where somebody's home is, from outside."""
        return self.folder / ("root" if user == "root" else f"home/{user}")

    def clone(self, source: Path, user: str, name: str) -> Path:
        """Give somebody a fresh clone in the home; returns where it is, from outside."""
        checkout = self.home(user) / name
        subprocess.run(["git", "clone", "--quiet", "--no-local", str(source), str(checkout)], check=True, timeout=600)
        if user != "root":
            subprocess.run(["chown", "-R", f"{_VISITOR_ID}:{_VISITOR_ID}", str(checkout)], check=True, timeout=60)
        return checkout

    def start(
        self, script: str, *, user: str, inside: Path, log: Path, environment: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Run a script of bash as somebody, in a folder given from outside, with a terminal on neither end."""
        home = f"/{self.home(user).relative_to(self.folder)}"
        told = {"HOME": home, "USER": user, "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}
        if user == "root":
            told["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        told |= self._surroundings.environment | (environment or {})
        folder = shlex.quote(f"/{inside.relative_to(self.folder)}")
        identity = ["setpriv", f"--reuid={_VISITOR_ID}", f"--regid={_VISITOR_ID}", "--clear-groups"]
        command = [
            "env",
            "-i",
            *(f"{name}={value}" for name, value in told.items()),
            "bash",
            "-c",
            f"set -e\ncd {folder}\n{script}",
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, str(self.folder),
                 *([] if user == "root" else identity), *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0,
            )  # fmt: skip
        self._running.append(process)
        return process


def interrupt(process: "subprocess.Popen[bytes]", within_s: float) -> int:
    """As Ctrl-C does, for all that the terminal would reach; the exit code."""
    os.killpg(process.pid, signal.SIGINT)
    return ended(process, within_s)


def ended(process: "subprocess.Popen[bytes]", within_s: float) -> int:
    """Wait for the end of a command, and see to it; the exit code."""
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it did not end within {within_s:g} s") from None
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End whatever a command started."""
    if process.poll() is None:
        process.kill()
        process.wait()
