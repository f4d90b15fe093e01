"""What a handler can do, read off its source: what it parses, whether it takes a key, which refusals it can raise."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from festival_push.domain.refusals import Refused

_ROOMS: Final = ("festival_push.domain.", "festival_push.web.")
_PARSERS: Final = {"body", "query"}


class Source:
    """A function or a class of ours, with everything of ours that it names, at whatever depth."""

    def __init__(self, root: Any) -> None:
        self.parsed: dict[str, set[Any]] = {
            name: set() for name in _PARSERS
        }  # what `call.body(…)`, `call.query(…)` got
        self.methods: set[str] = set()  # every `x.method` that is named
        self.refusals: set[type[Refused]] = set()
        self._seen: set[int] = set()
        self._read(root)

    def _read(self, thing: Any) -> None:
        if id(thing) in self._seen:
            return
        self._seen.add(id(thing))
        module = sys.modules[thing.__module__]
        tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
        for node in ast.walk(tree):
            match node:
                case ast.Raise(exc=ast.Call(func=raised)) | ast.Raise(exc=ast.expr() as raised):
                    self._note_raised(_find(module, raised))
                case ast.Call(func=ast.Attribute(value=ast.Name(id="call"), attr=name), args=[kind]) if (
                    name in _PARSERS
                ):
                    self.parsed[name].add(_find(module, kind))
            if isinstance(node, ast.Attribute):
                self.methods.add(node.attr)
        for found in _named(module, tree):
            self._read(found)

    def _note_raised(self, found: Any) -> None:
        if isinstance(found, type) and issubclass(found, Refused):
            self.refusals.add(found)


def _named(module: ModuleType, tree: ast.AST) -> Iterator[Any]:
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) not in own:
            found = _find(module, node)
            if (inspect.isfunction(found) or inspect.isclass(found)) and found.__module__.startswith(_ROOMS):
                yield found


def _find(module: ModuleType, node: ast.expr) -> Any:
    """What a name stands for in a module; None for what only a running program knows."""
    first, _, rest = ast.unparse(node).partition(".")
    found = getattr(module, first, None)
    return getattr(found, rest, None) if rest and isinstance(found, ModuleType) else found
