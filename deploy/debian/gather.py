"""Lay a wheel, and all that it requires here, into a folder: `python gather.py WHEEL LOCK FOLDER`.

The packages are those of the environment whose Python runs this. Each must be of the locked version, and each of its
files as its wheel's own list says, so that nothing gets into a package that somebody has changed or added by hand.
"""

import base64
import hashlib
import re
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def main(wheel: Path, lock: Path, folder: Path) -> None:
    """Copy everything. Raises SystemExit, which names what is not as it was locked."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    ours = Distribution.at(folder / Path(metadata).parent)
    locked = {canonicalize_name(name): version for name, version in _LOCKED.findall(lock.read_text("utf-8"))}
    for name, found in sorted(_required(ours).items()):
        if found.version != locked.get(name):
            sys.exit(f"{name} {found.version} is installed, and {lock} has {locked.get(name, 'none')}")
        for file in found.files or ():
            if _belongs(file):
                _copy(file, folder / file)


def _required(distribution_: Distribution) -> dict[str, Distribution]:
    """Return the distributions that one needs, theirs, and so on, by name."""
    found: dict[str, Distribution] = {}
    waiting = [*_names(distribution_, frozenset())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        if wanted not in seen:
            seen.add(wanted)
            name, extras = wanted
            found[name] = distribution(name)
            waiting += _names(found[name], extras)
    return found


def _names(distribution_: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what a distribution requires on this machine, each with the extras that it asks for."""
    for text in distribution_.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def _belongs(file: PackagePath) -> bool:
    """Return whether a file is to be copied: no script beside the packages, and nothing that was compiled here."""
    return ".." not in file.parts and "__pycache__" not in file.parts and file.name not in {"INSTALLER", "REQUESTED"}


def _copy(file: PackagePath, target: Path) -> None:
    content = file.read_binary()
    if file.hash is not None:
        actual = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).rstrip(b"=").decode()
        if actual != file.hash.value:
            sys.exit(f"{file.locate()} is not as its package's list says")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
