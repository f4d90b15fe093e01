"""The files of the pages, held in memory: as they are and compressed, each with an ETag made from its content.

    asked ──► held, and not changed on the disk ──► 200, 206 or 304
      │
      └─────► read, compressed, held ─────────────► the same

A page asks for some eighty files, and when a festival opens, thousands of phones ask for them at once.
"""

import gzip
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",  # declarations of types, for people
}
"""Media types by suffix; files with any other suffix are not sent."""
_PATH_CHARS_MAX: Final = 200  # no file of ours has a longer one
_PATH: Final = re.compile(r"(?:[\w-]+/)*[\w-]+(?:\.[\w-]+)+", re.ASCII)  # none leads out of the folder
_PART: Final = re.compile(r"bytes=(?:(\d{1,9})-(\d{0,9})|-(\d{1,9}))", re.ASCII)
_ETAG: Final = re.compile(r'"[^"]*"')
_REFUSED: Final = re.compile(r"\s*q\s*=\s*0(?:\.0*)?\s*")

Version = tuple[int, int]
"""The time of a file's last change in nanoseconds, and its size in bytes."""


class Body(NamedTuple):
    """A file in one encoding."""

    content: bytes
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """What says that two answers have the same bytes, in quotes; an encoding has its own."""
        return self.headers["ETag"]


class StaticFile(NamedTuple):
    """A file that is held. `compressed` is by gzip, or `plain` again where that would not be smaller."""

    version: Version
    plain: Body
    compressed: Body


class StaticFiles:
    """The files below a folder.

    Args:
        headers: Sent with each of them.
        fixed: All are read now, and change no more: while a package is upgraded, the old server goes on sending the
            files that it was made with. Otherwise a file is read when it is asked for and has changed.
    """

    def __init__(self, folder: Path, headers: Mapping[str, str], *, fixed: bool) -> None:
        self._folder = folder
        self._headers = headers
        self._fixed = fixed
        self._held: dict[str, StaticFile] = {}
        if fixed:
            for file in folder.rglob("*"):
                if file.suffix in TYPES and file.is_file():
                    self._read(file.relative_to(folder).as_posix())

    @property
    def held_bytes(self) -> int:
        """How large all that is held is, in both encodings."""
        return sum(len(file.plain.content) + len(file.compressed.content) for file in self._held.values())

    def answer(self, path: str, asked: Headers, method: str = "GET") -> Response:
        """Answer with a file, with one part of it, or with 304 where the client has it.

        Args:
            path: From the folder on.
            asked: Of the request; `Accept-Encoding`, `If-None-Match`, `If-Range` and `Range` matter.
            method: Only GET knows parts: the head of one would tell a wrong length and no `Content-Encoding`.

        Raises:
            HTTPException: 404, there is no such file; 416, it has no such part.
        """
        file = self._held.get(path) if self._fixed else self._present(path)
        if file is None:
            raise HTTPException(404)
        body = file.compressed if _takes_gzip(asked.get("accept-encoding", "")) else file.plain
        if _names(asked.get("if-none-match", ""), body.etag):
            return Response(status_code=304, headers={"ETag": body.etag, "Vary": "Accept-Encoding", **self._headers})
        if method == "GET" and "range" in asked and asked.get("if-range", file.plain.etag) == file.plain.etag:
            return _part(file.plain, asked["range"]) or _whole(body)
        return _whole(body)

    def _present(self, path: str) -> StaticFile | None:
        """Return a file as it is on the disk now; a look at it takes microseconds, so no thread does it."""
        if len(path) > _PATH_CHARS_MAX or not _PATH.fullmatch(path) or Path(path).suffix not in TYPES:
            return None
        held = self._held.get(path)
        try:
            return held if held is not None and held.version == _version(self._folder / path) else self._read(path)
        except OSError:
            return None

    def _read(self, path: str) -> StaticFile:
        file = self._folder / path
        version, content = _version(file), file.read_bytes()
        etag = blake2b(content, digest_size=12).hexdigest()
        headers = {"Content-Type": TYPES[file.suffix], "Vary": "Accept-Encoding", **self._headers}
        plain = compressed = Body(content, {"ETag": f'"{etag}"', "Accept-Ranges": "bytes", **headers})
        smaller = gzip.compress(content, mtime=0)
        if len(smaller) < len(content):
            compressed = Body(smaller, {"ETag": f'"{etag}-gzip"', "Content-Encoding": "gzip", **headers})
        held = self._held[path] = StaticFile(version, plain, compressed)
        return held


def _version(file: Path) -> Version:
    status = file.stat()
    return status.st_mtime_ns, status.st_size


def _takes_gzip(accepted: str) -> bool:
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False


def _names(etags: str, etag: str) -> bool:
    """Return whether a list of ETags has this one, also as a weak one: a proxy that compresses makes it that."""
    return etags.strip() == "*" or etag in _ETAG.findall(etags)


def _whole(body: Body) -> Response:
    return Response(body.content, headers=body.headers)


def _part(body: Body, wanted: str) -> Response | None:
    """Answer with one part. None: several are asked for, or something else; then it is sent whole."""
    if (found := _PART.fullmatch(wanted)) is None:
        return None
    first, last, of_the_end = found.groups()
    size = len(body.content)
    begin = max(0, size - int(of_the_end)) if of_the_end else int(first)
    end = min(size, int(last) + 1) if last else size
    if begin >= end:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    headers = {**body.headers, "Content-Range": f"bytes {begin}-{end - 1}/{size}"}
    return Response(body.content[begin:end], 206, headers=headers)
