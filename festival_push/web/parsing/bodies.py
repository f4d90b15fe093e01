"""Request bodies: bounded reading, strict decoding, and errors that name the field."""

import json
import re
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any, Final, NoReturn, TypeVar, cast

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request

from festival_push.web.parsing.problems import BadRequest, FieldError, ProblemError, field_error

T = TypeVar("T")

_AT: Final = re.compile(r" - at `(?:key in )?\$\.?(?P<path>.*)`$")  # msgspec's "where"
_NAMED: Final = re.compile(r"^Object (?P<what>contains unknown|missing required) field `(?P<name>.*)`$", re.DOTALL)
_PATTERN: Final = "Expected `str` matching regex"
_ECHO_CHARS_MAX: Final = 100


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
    decoder: msgspec.json.Decoder[T] = _decoder(cast(Hashable, kind))
    try:
        decoded = decoder.decode(body)
        _TWICE.decode(body.decode())  # cheap: a body that fits its type is small and simple
        return decoded
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(body, error) from None
    except RecursionError:
        raise BadRequest("The JSON is nested too deeply.") from None


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a name that stands twice in one object: of two prices, somebody else may have read the other."""
    if len({name for name, _ in pairs}) < len(pairs):
        names = [name for name, _ in pairs]
        raise field_error(next(name for name in names if names.count(name) > 1), "is given twice")


_TWICE: Final = json.JSONDecoder(object_pairs_hook=_refuse_twice)


def invalid(error: msgspec.ValidationError) -> BadRequest:
    """Return a validation error as a 400; msgspec's path `$.items[0].quantity` becomes `items[0].quantity`."""
    text = str(error)
    path = ""
    if at := _AT.search(text):
        text, path = text[: at.start()], at["path"]
    if named := _NAMED.match(text):
        path = f"{path}.{named['name']}" if path else named["name"]
        text = "is unknown" if named["what"] == "contains unknown" else "is required"
    if text.startswith(_PATTERN):
        text = "is malformed"  # the pattern itself would not help a person who types the value
    path, text = path[:_ECHO_CHARS_MAX], (text[0].lower() + text[1:].replace("`", ""))[:_ECHO_CHARS_MAX]
    if not path:
        return BadRequest(text.capitalize() + ".")
    return field_error(path, text)


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _refuse_size(bytes_max: int) -> NoReturn:
    raise ProblemError(413, "body-too-large", "The request body is too large.", f"At most {bytes_max} bytes.")


class _NotFinite:
    """Stands for NaN, Infinity or -Infinity, which JSON does not know."""


def _malformed(body: bytes, error: msgspec.DecodeError | UnicodeDecodeError) -> BadRequest:
    """Return the error for bytes that are not JSON. NaN and its like are read again, leniently, to name their field."""
    if isinstance(error, UnicodeDecodeError):
        return BadRequest("The body is not valid UTF-8.")
    detail = f"{error}."
    try:
        lenient = json.loads(body, parse_constant=lambda _: _NotFinite())
    except (ValueError, RecursionError):
        return BadRequest(detail)
    paths = list(_not_finite(lenient, ""))
    return BadRequest(detail, [FieldError(path[:_ECHO_CHARS_MAX], "is not a number that JSON knows") for path in paths])


def _not_finite(value: Any, path: str) -> Iterator[str]:
    match value:
        case _NotFinite():
            yield path
        case dict():
            for name, inner in value.items():
                yield from _not_finite(inner, f"{path}.{name}" if path else name)
        case list():
            for index, inner in enumerate(value):
                yield from _not_finite(inner, f"{path}[{index}]")
