"""Request bodies: bounded reading, strict decoding, and errors that name the field.

A body that is refused costs no more than one that is taken: whatever looks for the reason takes time and memory in
proportion to the body at most, and what is told of it is cut while it is built.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any, Final, NoReturn, TypeVar, cast

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request

from festival_push.web.parsing.problems import (
    ECHO_CHARS_MAX,
    PLACES_MAX,
    BadRequest,
    FieldError,
    ProblemError,
    field_error,
)

T = TypeVar("T")

# How msgspec says what is wrong, and where. The place is looked for as plain text, from the end, and only then matched:
# a pattern that searches would start from thousands of places in a name of 64 KB that is made for it, and run to the
# end from each.
_AT: Final = " - at `"
_WHERE: Final = re.compile(r"(?:key` in `)?\$\.?(?P<path>[\w.\[\]]*)`")
_UNKNOWN: Final = "Object contains unknown field `"
_MISSING: Final = "Object missing required field `"
_PATTERN: Final = "Expected `str` matching regex"

_NODES_MAX: Final = 2_000  # values of a body that are looked at for NaN; the largest order has some hundreds
_DEPTH_MAX: Final = 16  # no body of ours is nested deeper than four


async def read_body(request: Request, bytes_max: int) -> bytes:
    """Read a body of at most `bytes_max` bytes, and all of it: a part of one must not pass for the whole, nor for none.

    Raises:
        ProblemError: 413, before reading when the length is declared.
        BadRequest: It is not as long as declared.
        ClientDisconnect: The client left before all of it had come.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit():
        raise BadRequest("Content-Length is not a number.")
    if len(declared) > 18 or int(declared) > bytes_max:
        _refuse_size(bytes_max)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            _refuse_size(bytes_max)
        chunks.append(chunk)
    if "content-length" in request.headers and size != int(declared):
        raise BadRequest("The body is not as long as Content-Length says.")
    return b"".join(chunks)


def declares_body(headers: Headers) -> bool:
    """Return whether a body belongs to a request with these headers, even an empty one in chunks."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def decode_body(body: bytes, kind: type[T]) -> T:
    """Decode JSON into `kind`, strictly. Raises BadRequest that names the field, whatever is wrong."""
    body = body.removeprefix(BOM_UTF8)  # which JSON does without, and some programs write
    decoder: msgspec.json.Decoder[T] = _decoder(cast(Hashable, kind))
    try:
        decoded = decoder.decode(body)
        _TWICE.decode(body.decode())  # cheap: a body that fits its type is small and simple
        return decoded
    except msgspec.ValidationError as error:
        refused = invalid(error)
    except UnicodeDecodeError:
        refused = BadRequest("The body is not valid UTF-8.")
    except msgspec.DecodeError as error:
        refused = BadRequest(f"{error}.", _not_finite(body))
    except RecursionError:
        refused = BadRequest("The JSON is nested too deeply.")
    raise refused


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a name that stands twice in one object: of two prices, somebody else may have read the other."""
    if len({name for name, _ in pairs}) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise field_error(name, "is given twice")
            seen.add(name)


_TWICE: Final = json.JSONDecoder(object_pairs_hook=_refuse_twice)


def invalid(error: msgspec.ValidationError) -> BadRequest:
    """Return a validation error as a 400; msgspec's path `$.items[0].quantity` becomes `items[0].quantity`."""
    text, path = _divide(str(error))
    for start, said in ((_UNKNOWN, "is unknown"), (_MISSING, "is required")):
        if text.startswith(start):
            name = text[len(start) : min(len(start) + ECHO_CHARS_MAX, len(text) - 1)]
            return field_error(f"{path}.{name}" if path else name, said)
    text = text[:ECHO_CHARS_MAX]
    if text.startswith(_PATTERN):
        text = "is malformed"  # the pattern itself would not help a person who types the value
    text = text[0].lower() + text[1:].replace("`", "")
    return field_error(path, text) if path else BadRequest(text.capitalize() + ".")


def _divide(text: str) -> tuple[str, str]:
    """Divide msgspec's text into what is wrong and where: an empty path is the body itself."""
    said, _, where = text.rpartition(_AT)
    found = _WHERE.fullmatch(where)
    if found is None or (said.startswith((_UNKNOWN, _MISSING)) and not said.endswith("`")):  # it stands in the name
        return text, ""
    return said, found["path"][:ECHO_CHARS_MAX]


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _refuse_size(bytes_max: int) -> NoReturn:
    raise ProblemError(413, "body-too-large", "The request body is too large.", f"At most {bytes_max} bytes.")


_NOT_FINITE: Final = object()
"""Stands for NaN, Infinity or -Infinity, which JSON does not know."""


def _not_finite(body: bytes) -> list[FieldError]:
    """Return where NaN and its like stand in a body that is JSON otherwise: the first `PLACES_MAX` places at most."""
    if b"NaN" not in body and b"Infinity" not in body:
        return []
    try:
        tree = json.loads(body.decode(), parse_constant=lambda _: _NOT_FINITE)
    except (ValueError, RecursionError):
        return []
    return [FieldError(path, "is not a number that JSON knows") for path in _places(tree)]


def _places(tree: object) -> list[str]:
    """Return the paths of `_NOT_FINITE` in a tree of dicts and lists. It does not recurse: the tree may be deep.

    It looks at `_NODES_MAX` values, in their order, and no deeper than `_DEPTH_MAX`.
    """
    found: list[str] = []
    way: list[str | int] = []  # to what is looked at; one step fewer than there are open containers
    containers = [_steps(tree)]
    for _ in range(_NODES_MAX):
        step, inner = next(containers[-1], _END)
        if inner is _END_OF_ALL:
            containers.pop()
            if not containers:
                break
            way.pop()
        elif inner is _NOT_FINITE:
            found.append(_path([*way, step]))
            if len(found) == PLACES_MAX:
                break
        elif isinstance(inner, dict | list) and len(containers) < _DEPTH_MAX:
            way.append(step)
            containers.append(_steps(inner))
    return found


_END_OF_ALL: Final = object()
_END: Final[tuple[str | int, object]] = ("", _END_OF_ALL)


def _steps(tree: object) -> Iterator[tuple[str | int, object]]:
    """Return what is in a dict or a list, each with its name or index; nothing of anything else."""
    match tree:
        case dict():
            return iter(tree.items())
        case list():
            return enumerate(tree)
        case _:
            return iter(())


def _path(way: list[str | int]) -> str:
    """Write the way as a path, cut at each step: a name may be as long as the body."""
    path = ""
    for step in way:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step[:ECHO_CHARS_MAX]}" if path else step[:ECHO_CHARS_MAX]
        if len(path) >= ECHO_CHARS_MAX:
            break
    return path[:ECHO_CHARS_MAX]
