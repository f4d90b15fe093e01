"""Files that only their owner may read: databases and secrets."""

import os
import stat
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def make_private(path: Path) -> bool:
    """Take all rights of others from a file, and return whether there were any; False if the file does not exist.

    Raises:
        OSError: They can't be taken: the file is somebody else's. It must not be used then.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & _OTHERS:
            return False
        os.chmod(path, mode & ~_OTHERS)
    except FileNotFoundError:  # or it has just gone: SQLite's last connection takes the log's files away
        return False
    return True
