"""What a handler can do, read off its source: what it parses, whether it takes a key, which refusals it can raise."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Final

from festival_push.domain.refusals import Refused

_PACKAGES: Final = ("festival_push.domain.", "festival_push.web.")
_PARSERS: Final = {"body", "query"}


class Source:
    """A function or a class of ours, with everything of ours that it names, at whatever depth."""

    def __init__(self, root: Any) -> None:
        self.parsed: dict[str, set[Any]] = {  # what `call.body(…)`, `call.query(…)` got
            name: set() for name in _PARSERS
        }
        self.methods: set[str] = set()  # every `x.method` that is named
        self.refusals: set[type[Refused]] = set()
        waiting, seen = [root], {root}
        while waiting:
            part = _part(waiting.pop())
            for parser, kind in part.parsed:
                self.parsed[parser].add(kind)
            self.methods |= part.methods
            self.refusals |= part.refusals
            waiting += part.named - seen
            seen |= part.named


@dataclass(frozen=True)
class _Part:
    """What one function or class says itself."""

    parsed: frozenset[tuple[str, Any]]
    methods: frozenset[str]
    refusals: frozenset[type[Refused]]
    named: frozenset[Any]


@cache
def _part(thing: Any) -> _Part:
    """Read it; once for all routes that share it."""
    module = sys.modules[thing.__module__]
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    parsed: set[tuple[str, Any]] = set()
    refusals: set[type[Refused]] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(func=raised)) | ast.Raise(exc=ast.expr() as raised):
                found = _find(module, raised)
                if isinstance(found, type) and issubclass(found, Refused):
                    refusals.add(found)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="call"), attr=name), args=[kind]) if name in _PARSERS:
                parsed.add((name, _find(module, kind)))
    return _Part(
        parsed=frozenset(parsed),
        methods=frozenset(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)),
        refusals=frozenset(refusals),
        named=frozenset(_named(module, tree)),
    )


def _named(module: ModuleType, tree: ast.AST) -> Iterator[Any]:
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) not in own:
            found = _find(module, node)
            if (inspect.isfunction(found) or inspect.isclass(found)) and found.__module__.startswith(_PACKAGES):
                yield found


def _find(module: ModuleType, node: ast.expr) -> Any:
    """What a name stands for in a module; None for what only a running program knows."""
    first, _, rest = ast.unparse(node).partition(".")
    found = getattr(module, first, None)
    return getattr(found, rest, None) if rest and isinstance(found, ModuleType) else found
