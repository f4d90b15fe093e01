"""The version of all files of the pages together, which is a folder of addresses: `/static/v-…/` has the same files.

A page names its scripts and styles below that folder, and scripts import each other by relative paths: so all that a
page loads is of one version, and its addresses never mean anything else. Browsers keep such files, and ask no more.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

FOREVER: Final = "public, max-age=31536000, immutable"
"""The `Cache-Control` of a file at the address of its version."""
_VERSIONED: Final = re.compile(r"v-([0-9a-f]{16})/(.*)", re.ASCII | re.DOTALL)
_NAMED: Final = b'="/static/'


class FileVersions(NamedTuple):
    """What a folder had when somebody looked. `of_all` is 16 hexadecimal digits, `of_each` has a mark for each path."""

    of_all: str
    of_each: Mapping[str, str]


NOT_LOOKED_AT: Final = FileVersions("", {})
"""Of no files."""


def versions_of(folder: Path, suffixes: Collection[str], *, by_content: bool) -> FileVersions:
    """Look at all files below a folder that have one of these suffixes.

    Args:
        by_content: Read them, so that every server with the same files says the same. Otherwise by their times and
            sizes, in a twentieth of the time.
    """
    of_each = dict(sorted(_marks(folder, suffixes, _by_content if by_content else mark_of)))
    listed = "\n".join(f"{path} {mark}" for path, mark in of_each.items())
    return FileVersions(blake2b(listed.encode(), digest_size=8).hexdigest(), of_each)


def mark_of(file: Path | str) -> str:
    """Return what changes when somebody writes a file: its time in nanoseconds, and its size in bytes.

    Raises:
        OSError: It cannot be looked at.
    """
    status = os.stat(file)
    return f"{status.st_mtime_ns} {status.st_size}"


def versioned(page: bytes, version: str) -> bytes:
    """Let a page name its files below the folder of a version."""
    return page.replace(_NAMED, _NAMED + f"v-{version}/".encode())


def split_version(path: str) -> tuple[str, str]:
    """Return the version that a path names, empty if none, and the path below it."""
    found = _VERSIONED.fullmatch(path)
    return (found.group(1), found.group(2)) if found else ("", path)


def _marks(folder: Path, suffixes: Collection[str], mark: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    top = len(f"{folder}/")
    for inner, _, names in os.walk(folder):
        for name in names:
            if os.path.splitext(name)[1] in suffixes:
                path = f"{inner}/{name}"
                with suppress(FileNotFoundError):  # an editor puts a new one in its place just now
                    yield path[top:], mark(path)


def _by_content(file: str) -> str:
    with open(file, "rb") as opened:
        return blake2b(opened.read(), digest_size=12).hexdigest()
