"""The rules of the source: which package may import which, what each may say, how long and how full things get.

Every check takes source text and gives findings, one sentence each, so that the tests can feed it bad samples.
"""

import ast
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]

MODULE_LINES_MAX: Final = 350
FUNCTION_LINES_MAX: Final = 70

FILES_MAX: Final = 16  # in one folder

# What a package may import of the others; one that is not named here may import nothing.
ALLOWED_PACKAGES: Final = {
    "domain": {"domain"},
    "store": {"domain", "store"},
    "push": {"domain", "push"},
    "serving": {"serving"},
    "ops": {"domain", "store", "push", "ops", "settings"},
    "web": {"domain", "store", "push", "ops", "web", "serving", "settings"},
    "settings": {"domain", "settings"},
    "simulate": {"simulate"},
    "app": {"domain", "store", "push", "serving", "ops", "web", "settings"},
    "cli": {"app", "cli", "domain", "store", "push", "serving", "ops", "web", "settings", "simulate"},
    "__main__": {"cli"},
    "": set(),
}
# Layers of a package, the lowest first: a module imports its own layer and those below it. A layer is a folder or a
# module; a module that is not named lies below all of them.
LAYERS: Final = {
    "domain": ("orders", "deposits", "money", "payouts", "desk", "reports", "stalls", "words", "people", "imports"),
    "store": ("sqlite", "postgres", "opening", "reads", "migrations", "writing"),
    "push": ("hub", "news", "streams"),
    "web": ("parsing", "identity", "routing", "api", "contract", "routes"),
}
ON_THE_GROUND: Final = frozenset({
    "domain.people.relations", "domain.people.codes", "domain.money.rows", "domain.money.amounts",
    "domain.orders.rows", "domain.desk.rows", "domain.payouts.rows", "domain.deposits.rows", "domain.reports.rows",
    "domain.payouts.refusals", "domain.words.notices", "domain.stalls.events",
    "domain.reports.days", "domain.people.erased",
})  # fmt: skip
"""What lies below all layers of its package, wherever it stands: who may do what, whose code it is, rows, events,
refusals, and how amounts and notices are worded."""
MAY_IMPORT_REDIS: Final = {
    "push.news.redis_broker",
    "push.news.redis_calls",
    "push.news.redis_client",
    "push.news.redis.finder",
    "push.news.redis_link",
    "push.news.redis_state",
}

# Whatever waits, reads a clock, throws dice or talks to the outside has no place in a pure rule.
_IMPURE_IMPORTS: Final = frozenset(
    {
        "aiosqlite",
        "anyio",
        "asyncio",
        "asyncpg",
        "http",
        "httpx2",
        "importlib",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "redis",
        "secrets",
    }
    | {
        "socket",
        "sqlite3",
        "sse_starlette",
        "ssl",
        "starlette",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
    }
    | {"uuid", "uvicorn"}
)
_IMPURE_CALLS: Final = frozenset({"now", "utcnow", "today", "open", "print", "input", "uuid1", "uuid4"})
_SQL: Final = re.compile(r"\bSELECT\s|\bINSERT\s+INTO\s|\bDELETE\s+FROM\s|\bUPDATE\s+\w+\s+SET\s")


class Import(NamedTuple):
    """One imported name: `module` in full, and the line that says so."""

    module: str
    line: int


def tracked_files() -> list[Path]:
    """Every file of the repository. The clone may belong to another user, as in CI: git is told not to mind."""
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def check_module(name: str, source: str) -> list[str]:
    """Return what is wrong with one module of the package.

    Args:
        name: Its dotted name below `festival_push`, e.g. `store.writing.committer`; an empty one is the package itself.
        source: Its text.
    """
    tree = ast.parse(source)
    package = name.partition(".")[0]
    findings = [*_import_findings(name, package, tree), *_length_findings(source, tree)]
    if package == "domain":
        findings += _impurities(tree)
    if package != "store":
        findings += _sql_findings(tree)
    return [f"festival_push.{name}: {finding}" for finding in findings]


def _imports(tree: ast.Module) -> Iterator[Import]:
    """Give every import, at whatever depth, whether for types only or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from festival_push import store` names the package only in what it takes.
            module = "." * node.level + (node.module or "")
            yield from (Import(f"{module}.{alias.name}", node.lineno) for alias in node.names)


def _import_findings(name: str, package: str, tree: ast.Module) -> Iterator[str]:
    for module, line in _imports(tree):
        top, _, below = module.partition(".")
        if not top:
            yield f"line {line} imports relatively"  # the package would not be written there
        if top in {"redis", "hiredis"} and name not in MAY_IMPORT_REDIS:
            yield f"line {line} imports redis"
        target = below.partition(".")[0]
        if top != "festival_push" or target.startswith("__version"):
            continue
        if not target:
            yield f"line {line} imports the whole package"  # and could reach any part of it by its name
        elif target not in ALLOWED_PACKAGES.get(package, set()):
            yield f"line {line} imports {target}"
        elif target == package and _layer(package, below) > _layer(package, name):
            yield f"line {line} imports {'.'.join(below.split('.')[:2])}, which lies above"


def _layer(package: str, module: str) -> int:
    """Return how high in its package a module lies, from 0 on."""
    layers, parts = LAYERS.get(package, ()), module.split(".")
    if ".".join(parts[:3]) in ON_THE_GROUND:
        return 0
    return layers.index(parts[1]) + 1 if len(parts) > 1 and parts[1] in layers else 0


def circles(imports: Mapping[str, Collection[str]]) -> list[str]:
    """Return what imports itself over others: modules, if `imports` has the modules that each module imports."""
    left = {name: set(imported) - {name} for name, imported in imports.items()}
    while free := {name for name, imported in left.items() if not imported & left.keys()}:
        left = {name: imported for name, imported in left.items() if name not in free}
    return sorted(left)


def has_routes(source: str) -> bool:
    """Whether a module declares endpoints."""
    return any(
        isinstance(target, ast.Name) and target.id == "ENDPOINTS"
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    )


def imported_modules(source: str, modules: Collection[str]) -> set[str]:
    """Return those of the package's modules, by their dotted names below `festival_push`, that a source imports."""
    named = {module.removeprefix("festival_push.") for module, _ in _imports(ast.parse(source))}
    return {found for name in named for found in (name, name.rpartition(".")[0]) if found in modules}


def _impurities(tree: ast.Module) -> Iterator[str]:
    for module, line in _imports(tree):
        if module.partition(".")[0] in _IMPURE_IMPORTS:
            yield f"line {line} imports {module}"
    for node in ast.walk(tree):
        match node:
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"line {node.lineno} is async"
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)) if called in _IMPURE_CALLS:
                yield f"line {node.lineno} calls {called}()"


def _sql_findings(tree: ast.Module) -> Iterator[str]:
    spoken = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spoken:
            found = _SQL.search(node.value)
            if found:
                yield f"line {node.lineno} says {found.group().strip()}"


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    """Give the strings that stand as statements; prose may name a SELECT."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _length_findings(source: str, tree: ast.Module) -> Iterator[str]:
    lines = len(source.splitlines())
    if lines > MODULE_LINES_MAX:
        yield f"has {lines} lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{node.name} has {length} lines"
