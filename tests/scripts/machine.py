"""A machine as a script sees it: the programs that we put there, and nothing else."""

import os
import pty
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.layout import ROOT

_COMMON: Final = (
    "awk", "bash", "cat", "chmod", "df", "dirname", "env", "flock", "grep", "head", "mkdir", "mktemp", "mv", "printf",
    "realpath", "rm", "sh", "sleep", "sort", "tail", "tee", "touch",
)  # fmt: skip
"""Of Debian's essential packages."""


@dataclass(frozen=True)
class Machine:
    """A folder of programs, and a checkout whose path holds a space.

    Attributes:
        programs: The whole PATH.
        checkout: Has our scripts alone.
    """

    programs: Path
    checkout: Path

    @classmethod
    def made(cls, folder: Path) -> "Machine":
        """A bare one, in an empty folder."""
        machine = cls(folder / "bin", folder / "our checkout")
        machine.programs.mkdir()
        shutil.copytree(ROOT / "scripts", machine.checkout / "scripts")
        for name in _COMMON:
            found = shutil.which(name)
            assert found, name
            (machine.programs / name).symlink_to(found)
        return machine

    def add(self, name: str, script: str) -> None:
        """Put a program there, or another one in its place, by the text of its shell script."""
        path = self.programs / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, command: str, *, terminal: bool = False) -> tuple[int, str]:
        """Run a line of shell in the checkout.

        Args:
            command: As somebody would type it.
            terminal: Whether standard input and standard error are one.

        Returns:
            Its exit code and all that it said.
        """
        master, slave = pty.openpty()
        try:
            done = subprocess.run(
                [self.programs / "bash", "-c", command],
                cwd=self.checkout,
                env={"PATH": str(self.programs), "HOME": str(self.checkout), "LC_ALL": "C.UTF-8"},
                stdin=slave if terminal else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=slave if terminal else subprocess.STDOUT,
                timeout=120,
                check=False,
            )
        finally:
            os.close(slave)
            shown = _rest_of(master)
        return done.returncode, (done.stdout + shown).decode()


def _rest_of(terminal: int) -> bytes:
    """What was written to a terminal that nobody holds any more; closes it."""
    parts: list[bytes] = []
    with os.fdopen(terminal, "rb", buffering=0) as reader, suppress(OSError):  # EIO is its end
        while part := reader.read(65_536):
            parts.append(part)
    return b"".join(parts)
