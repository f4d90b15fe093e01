"""What was tried on which Debian, how long it took, and what came of it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


class Stop(Exception):
    """Nothing after this step makes sense."""


@dataclass
class Table:
    """Printed row by row, as things happen.

    Attributes:
        logs: The folder of what the commands said, a file a step.
        red: How many steps failed.
    """

    logs: Path
    red: int = 0
    _count: int = field(default=0, init=False)

    @contextmanager
    def step(self, suite: str, name: str, *, needed: bool = False) -> Iterator[Path]:
        """Time what is done inside, and tell what came of it; gives the file for its output.

        Args:
            needed: Whether a failure ends the visit of this suite.
        """
        self._count += 1
        log = self.logs / f"{self._count:03}-{suite}.log"
        log.write_text("")
        started_s = time.monotonic()
        try:
            yield log
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            self.red += 1
            self._row(suite, name, time.monotonic() - started_s, f"RED: {str(error).strip()[:600]}  ({log})")
            if needed:
                raise Stop from error
        else:
            self._row(suite, name, time.monotonic() - started_s, "ok")

    def _row(self, suite: str, name: str, took_s: float, result: str) -> None:
        print(f"{suite:<10} {name:<66} {took_s:>8.1f} s  {result}", flush=True)
