"""Where other versions of the program come from: a folder with the code of one, which this Python can run."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from festival_push.store.migrations import scripts
from tests.support.layout import ROOT

MIGRATIONS: Final = "festival_push/store/migrations/sql"
_PARTS: Final = ("festival_push", "static", "config.toml")
_ADDITIVE: Final = "-- additive\n"
_NEXT: Final = f"""{_ADDITIVE}
ALTER TABLE orders ADD COLUMN seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN hat TEXT;
CREATE TABLE tents (name TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE INDEX orders_by_seats ON orders (seats);
"""
"""What a release adds to tables that every order reads and writes."""


class NoSuchVersion(Exception):
    """The version can't be had here, or can't run beside this one; the text says why."""


def commit_before(repository: Path) -> str:
    """Return the commit of the version before the one that is checked out: the newest tag behind it.

    While nothing is tagged, it is the newest commit whose migrations differ from today's and may: the parent of the one
    that added the newest migrations, if those are additive, else that one itself.

    Raises:
        NoSuchVersion: There is no repository, or no more of its history than the newest commit.
    """
    if _git(repository, "rev-parse", "--is-shallow-repository") != b"false":
        raise NoSuchVersion("the repository has no history here")
    if _git(repository, "tag", "--merged", "HEAD^"):
        return _git(repository, "describe", "--tags", "--abbrev=0", "HEAD^").decode()
    added = ("--diff-filter=A", "--", MIGRATIONS)
    commit = _git(repository, "log", "-1", "--format=%H", *added).decode()
    names = _git(repository, "show", "--format=", "--name-only", commit, *added).decode().splitlines()
    texts = [_git(repository, "show", f"{commit}:{name}") for name in names]
    return f"{commit}^" if all(text.startswith(_ADDITIVE.strip().encode()) for text in texts) else commit


def program_before(folder: Path) -> Path:
    """Put the program of the version before into an empty folder, and return it. Raises NoSuchVersion."""
    archive = _git(ROOT, "archive", "--format=tar", commit_before(ROOT), *_PARTS)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    for dialect in ("sqlite", "postgres"):
        known = {path.name.split(".")[0] for path in (folder / MIGRATIONS).glob("*.sql")}
        newer = [script for name, script in scripts.read_migrations(dialect).items() if name not in known]
        if not all(script.startswith(_ADDITIVE) for script in newer):
            raise NoSuchVersion("a migration since then is not additive: all servers stop before it")
    return folder


def program_next(folder: Path) -> Path:
    """Put the program of a next version into an empty folder, and return it: this one, and an additive migration."""
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)  # and what is compiled, which goes by the time of its source
        else:
            shutil.copy(ROOT / part, folder)
    (folder / MIGRATIONS / "9999_next.sql").write_text(_NEXT)
    return folder


def _git(repository: Path, *arguments: str) -> bytes:
    """Return what git prints, without the last newline. Raises NoSuchVersion."""
    try:
        done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise NoSuchVersion("git is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoSuchVersion(error.stderr.decode(errors="replace").strip()) from error
    return done.stdout.removesuffix(b"\n")
