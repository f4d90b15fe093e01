"""SQLite's files are their owner's alone: they hold names, messages and hashes of PINs."""

import logging
from pathlib import Path

from festival_push.settings.private_files import make_private
from festival_push.store.errors import UnsafeDatabase

_log = logging.getLogger(__name__)


def close_to_others(file: Path | None) -> None:
    """Take other people's rights from SQLite's files; None is a database of another kind.

    Raises:
        UnsafeDatabase: They can't be taken.
    """
    if file is None:
        return
    for path in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
        try:
            if make_private(path):
                _log.warning("others on this machine could read %s; now they can't", path)
        except OSError as error:
            raise UnsafeDatabase(
                f"others on this machine can read {path}, and that can't be changed: {error.strerror}"
            ) from error
