"""Staging: a private folder beside the result, in which it is made before it gets its name.

A run that is killed, or whose machine loses power, can't remove its copy of the whole database, and backups that end so
each time would fill the disk. So the next run in that place does it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = ".festival-push-"
_LOCK: Final = "in-use"


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Make a private folder in `folder`, on the file system of the result; remove it and its contents at the end. First
    remove what runs have left there that were killed. Raises OSError."""
    for lock in folder.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):
            _remove_left(lock)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=folder) as name:
        made = Path(name)
        with (made / "new").open("xb") as own:
            with suppress(OSError):  # of a file system without locks: nobody can know there what is left
                fcntl.flock(own, fcntl.LOCK_EX)  # the kernel drops it when we die, however that happens
                (made / "new").rename(made / _LOCK)  # only now, so that nobody finds it free
            yield made


def _remove_left(lock: Path) -> None:
    """Remove a folder unless somebody works in it. Raises OSError."""
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent)
    finally:
        os.close(descriptor)
