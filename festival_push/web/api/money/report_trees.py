"""Read the body of a provider's webhook into a tree: JSON, one object or a list of one, or a form."""

import json
from codecs import BOM_UTF8
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

_FIELDS_MAX: Final = 1_000  # of a form


class BadTree(Exception):
    """The body is no report of any shape; the message says why."""


class Number(str):
    """A JSON number as it was written: a float could not tell 0.1 from its neighbours."""

    __slots__ = ()


def read_tree(body: bytes, content_type: str = "") -> dict[str, Any]:
    """Return the body as a tree of dicts, lists, texts and flags; each number is a `Number`.

    Args:
        content_type: The header; all but a form's is taken for JSON.
    Raises:
        BadTree: It is neither, or says something twice, or is a list of several things.
    """
    body = body.removeprefix(BOM_UTF8)
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return _form(body)
    try:
        tree = json.loads(
            body.decode(),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:  # a decode error of bytes or of JSON is a ValueError too
        raise BadTree("The body is not JSON.") from error
    if isinstance(tree, list) and len(tree) == 1:
        (tree,) = tree
    if not isinstance(tree, dict):
        raise BadTree("The body is not a JSON object, nor a list of one.")
    return tree


def find(tree: dict[str, Any], paths: str) -> tuple[str, Any]:
    """Return the first of several paths, divided by `|`, that leads to something, and what stands there.

    If none does, return the first path, and None or the empty text that it leads to.
    """
    found = [(path, _at(tree, path)) for path in (each.strip() for each in paths.split("|"))]
    return next((pair for pair in found if pair[1] not in (None, "")), found[0])


def _at(tree: dict[str, Any], path: str) -> Any:
    """Return the value at a dotted path; None where there is none. A form's names may have dots themselves."""
    if path in tree:
        return tree[path]
    node: Any = tree
    for name in path.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_FIELDS_MAX
        )
        return _object(pairs)
    except ValueError as error:
        raise BadTree("The body is not a form.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice in one object: of two amounts, another reader may have shown the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
