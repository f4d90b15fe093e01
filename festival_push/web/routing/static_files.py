"""The files of the pages, held in memory: as they are and compressed, each with an ETag made from its content.

    asked ──► held, and not changed on the disk ──► 200, 206 or 304
      │
      └─────► read, compressed, held ─────────────► the same

A page asks for some eighty files, and when a festival opens, thousands of phones ask for them at once. Pages name them
below the folder of their version (`file_versions`), where browsers keep them; at their plain addresses, which programs
of others use, they are asked for again each time.
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

from festival_push.web.routing.file_versions import (
    FOREVER,
    NOT_LOOKED_AT,
    mark_of,
    split_version,
    versioned,
    versions_of,
)

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

    mark: str
    """What the file had when it was read, as in `FileVersions`; a page that may change has the version of all files."""
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
        self._versions = versions_of(folder, TYPES, by_content=True) if fixed else NOT_LOOKED_AT
        if fixed:
            for path, mark in self._versions.of_each.items():
                self._read(path, mark)

    @property
    def held_bytes(self) -> int:
        """How large all that is held is, in both encodings."""
        return sum(len(file.plain.content) + len(file.compressed.content) for file in self._held.values())

    def answer(self, path: str, asked: Headers, method: str = "GET") -> Response:
        """Answer with a file, with one part of it, or with 304 where the client has it.

        Args:
            path: From the folder on, or from the folder of a version on. If that is another server's, this one's own
                file is sent, and not kept by anybody.
            asked: Of the request; `Accept-Encoding`, `If-None-Match`, `If-Range` and `Range` matter.
            method: Only GET knows parts: the head of one would tell a wrong length and no `Content-Encoding`.

        Raises:
            HTTPException: 404, there is no such file; 416, it has no such part.
        """
        version, path = split_version(path)
        file = self._held.get(path) if self._fixed else self._present(path)
        if file is None:
            raise HTTPException(404)
        body = file.compressed if _takes_gzip(asked.get("accept-encoding", "")) else file.plain
        kept = {"Cache-Control": FOREVER} if self._is_of(version, path, file) else {}
        if _names(asked.get("if-none-match", ""), body.etag):
            headers = {"ETag": body.etag, "Vary": "Accept-Encoding", **self._headers, **kept}
            return Response(status_code=304, headers=headers)
        if method == "GET" and "range" in asked and asked.get("if-range", file.plain.etag) == file.plain.etag:
            part = _part(file.plain.content, asked["range"], {**file.plain.headers, **kept})
            if part is not None:
                return part
        return Response(body.content, headers={**body.headers, **kept})

    def _is_of(self, version: str, path: str, file: StaticFile) -> bool:
        """Return whether this is the file that the version has: it may have been changed since the page was sent."""
        return version == self._versions.of_all and file.mark == self._versions.of_each.get(path)

    def _present(self, path: str) -> StaticFile | None:
        """Return a file as it is on the disk now. A look at it takes microseconds, so no thread does it.

        A page names all files by their version: for it, all are looked at, which takes some milliseconds.
        """
        if len(path) > _PATH_CHARS_MAX or not _PATH.fullmatch(path) or (kind := Path(path).suffix) not in TYPES:
            return None
        try:
            mark = mark_of(self._folder / path)
            if kind == ".html":
                self._versions = versions_of(self._folder, TYPES, by_content=False)
                mark = self._versions.of_all
            held = self._held.get(path)
            return held if held is not None and held.mark == mark else self._read(path, mark)
        except OSError:
            return None

    def _read(self, path: str, mark: str) -> StaticFile:
        kind, content = Path(path).suffix, (self._folder / path).read_bytes()
        if kind == ".html":
            content = versioned(content, self._versions.of_all)
        etag = blake2b(content, digest_size=12).hexdigest()
        headers = {"Content-Type": TYPES[kind], "Vary": "Accept-Encoding", **self._headers}
        plain = compressed = Body(content, {"ETag": f'"{etag}"', "Accept-Ranges": "bytes", **headers})
        smaller = gzip.compress(content, mtime=0)
        if len(smaller) < len(content):
            compressed = Body(smaller, {"ETag": f'"{etag}-gzip"', "Content-Encoding": "gzip", **headers})
        held = self._held[path] = StaticFile(mark, plain, compressed)
        return held


def _takes_gzip(accepted: str) -> bool:
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False


def _names(etags: str, etag: str) -> bool:
    """Return whether a list of ETags has this one, also as a weak one: a proxy that compresses makes it that."""
    return etags.strip() == "*" or etag in _ETAG.findall(etags)


def _part(content: bytes, wanted: str, headers: Mapping[str, str]) -> Response | None:
    """Answer with one part. None: several are asked for, or something else; then it is sent whole."""
    if (found := _PART.fullmatch(wanted)) is None:
        return None
    first, last, of_the_end = found.groups()
    size = len(content)
    begin = max(0, size - int(of_the_end)) if of_the_end else int(first)
    end = min(size, int(last) + 1) if last else size
    if begin >= end:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    return Response(content[begin:end], 206, headers={**headers, "Content-Range": f"bytes {begin}-{end - 1}/{size}"})
