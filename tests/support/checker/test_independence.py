"""The judge, and what brings the accused to court, share no code with them."""

import ast
from collections.abc import Iterator

import pytest

from tests.support.layout import ROOT

PRODUCT = "festival_push"


def imports(source: str) -> Iterator[str]:
    """Every module that a source imports, anywhere in it, but for what it does only as a program of its own."""
    todo: list[ast.AST] = [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        todo += ast.iter_child_nodes(node)


def reached(module: str) -> set[str]:
    """Every module of these tests that it imports, over others too, and itself."""
    found: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        path = ROOT.joinpath(*name.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in found or not source.is_file():
            continue  # the standard library, a package from elsewhere, or a name in a module
        found.add(name)
        for each in imports(source.read_text()):
            assert each.partition(".")[0] != PRODUCT, f"{name} imports {each}"
            todo.append(each)
    return found


@pytest.mark.parametrize(
    "module",
    ["tests.support.checker", "tests.support.ground", "tests.support.traffic", "tests.support.wire.history",
     "tests.support.wire.follower"],
)  # fmt: skip
def test_it_imports_nothing_of_the_product(module: str) -> None:
    assert module in reached(module)


def test_the_walk_goes_all_the_way() -> None:
    every = {f"tests.support.checker.{name}" for name in ("judging", "commands", "promises", "records", "streams")}
    assert every | {"tests.support.wire.sse"} <= reached("tests.support.checker")


@pytest.mark.parametrize(
    "source",
    ["import festival_push", "from festival_push import app", "def f():\n    from festival_push.app import build"],
)
def test_an_import_of_the_product_is_seen(source: str) -> None:
    assert PRODUCT in {name.partition(".")[0] for name in imports(source)}


def test_what_a_program_of_its_own_imports_is_not_counted() -> None:
    assert list(imports("if __name__ == '__main__':\n    import festival_push")) == []
