"""The source keeps its rules, and the rules catch what breaks them."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.support.layout import (
    FILES_MAX,
    FUNCTION_LINES_MAX,
    MODULE_LINES_MAX,
    ROOT,
    check_module,
    circles,
    has_routes,
    imported_modules,
    tracked_files,
)

PACKAGE: Final = ROOT / "festival_push"

# Whoever installs this names their own package index. In pieces, so that this file does not contain what it looks for.
REGISTRY_HOSTS: Final = tuple(
    "".join(pieces)
    for pieces in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("yarn", "pkg.com"),
        ("deb.", "debian.org"),
        ("security.", "debian.org"),
        ("ghcr", ".io"),
        ("docker", ".io"),
    )
)
LOCK_LINE: Final = re.compile(
    r"""^(
        [a-z0-9.-]+==[^\s/]+(\ ;\ [^/]+)?\ \\      # name==version ; marker
      | \ {4}--hash=sha256:[0-9a-f]{64}(\ \\)?
      | \ {4}\#\ +(via\ ?)?[\w.:() -]*             # who asked for it: names only
    )$""",
    re.VERBOSE,
)


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_keeps_the_rules() -> None:
    modules = sorted(PACKAGE.rglob("*.py"))
    assert modules
    findings = [finding for path in modules for finding in check_module(module_name(path), path.read_text())]
    assert findings == []


def sources() -> dict[str, str]:
    """Every module's text, by its dotted name below `festival_push`; packages' own texts left out."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    return {module_name(path): path.read_text() for path in paths}


def test_no_module_imports_itself_over_others() -> None:
    texts = sources()
    assert circles({name: imported_modules(text, texts) for name, text in texts.items()}) == []


def test_a_route_imports_no_route() -> None:
    texts = sources()
    routes = {name for name, text in texts.items() if name.startswith("web.api.") and has_routes(text)}
    assert len(routes) > 15
    # A folder's name would give its modules too.
    folders = {name.rpartition(".")[0] for name in routes}
    assert {name: found for name in routes if (found := imported_modules(texts[name], routes | folders))} == {}


def test_no_folder_is_too_full() -> None:
    ours = Counter(path.relative_to(ROOT).parent.as_posix() for path in tracked_files())
    crowded = {folder for folder, files in ours.items() if files > FILES_MAX}
    numbered = {"docs/decisions", "festival_push/store/migrations/sql"}  # and only ever added to
    assert crowded - numbered == set()


def test_every_package_tells_its_story() -> None:
    stories = {path.parent: path.read_text() for path in PACKAGE.rglob("__init__.py")}
    assert [str(folder.relative_to(ROOT)) for folder, text in stories.items() if len(text) < 30] == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set(), "e": {"d"}}) == ["a", "b", "c"]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    text = "from festival_push.web import routes\nfrom festival_push.domain.values import Role"
    assert imported_modules(text, ["web.routes", "domain.values", "domain.rows"]) == {"web.routes", "domain.values"}


def test_no_file_names_a_package_registry() -> None:
    files = tracked_files()
    assert Path(__file__) in files
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in files
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert named == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_is_hashed_and_names_no_place(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert len(lines) > 100
    assert [line for line in lines if not LOCK_LINE.match(line)] == []


def test_the_runtime_lock_is_part_of_the_other_one() -> None:
    runtime, dev = (
        {line.split()[0] for line in (ROOT / name).read_text().splitlines() if "==" in line.partition(" ")[0]}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime < dev


@pytest.mark.parametrize(
    ("name", "source", "finding"),
    [
        ("domain.orders", "from festival_push.store.reads.reads import Reads", "imports store"),
        ("domain.orders", "def f():\n    from festival_push.web import views", "imports web"),
        ("domain.orders", "from festival_push.settings import Settings", "imports settings"),
        ("store.reads", "from festival_push import push", "imports push"),
        ("store.reads", "import festival_push.web.api.views", "imports web"),
        ("store.reads", "from . import log", "imports relatively"),
        ("app", "from festival_push.cli import main", "imports cli"),
        ("helpers.x", "from festival_push.domain import values", "imports domain"),
        ("domain.book", "import festival_push", "imports the whole package"),
        ("domain.book", "import uuid", "imports uuid"),
        ("domain.orders", "from ..web.views import order_view", "imports relatively"),
        ("push.hub", "from festival_push.store import log", "imports store"),
        ("push.hub", "from festival_push.settings import Settings", "imports settings"),
        ("ops.audit", "from festival_push.web.routing.endpoint import Call", "imports web"),
        ("web.calls", "from festival_push.app import build", "imports app"),
        ("web.calls", "from festival_push import cli", "imports cli"),
        ("simulate", "from festival_push import app", "imports app"),
        ("simulate.model", "from festival_push.domain.orders.orders import STEPS", "imports domain"),
        ("push.hub", "from redis.asyncio import Redis", "imports redis"),
        ("app", "import redis", "imports redis"),
        ("domain.orders", "async def decide(): ...", "is async"),
        ("domain.orders", "import time", "imports time"),
        ("domain.orders", "from datetime import datetime\nx = datetime.now()", "calls now()"),
        ("web.me", "QUERY = 'SELECT 1'", "says SELECT"),
        ("web.me", "x = f'INSERT INTO {table} VALUES (1)'", "says INSERT INTO"),
        ("app", "x = '''\n  UPDATE users SET a = 1'''", "says UPDATE users SET"),
        ("app", "def f():\n" + "    pass\n" * FUNCTION_LINES_MAX, f"f has {FUNCTION_LINES_MAX + 1} lines"),
        ("app", "x = 1\n" * (MODULE_LINES_MAX + 1), f"has {MODULE_LINES_MAX + 1} lines"),
    ],
)
def test_a_breach_is_found(name: str, source: str, finding: str) -> None:
    findings = check_module(name, source)
    assert len(findings) == 1
    assert findings[0].startswith(f"festival_push.{name}: ")
    assert findings[0].endswith(finding)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("", "__version__ = '1'"),
        ("domain.orders", "from festival_push.domain.values import OrderId\nfrom festival_push.domain import rows"),
        ("store.reads", "from festival_push.domain import rows\nQUERY = 'SELECT 1'"),
        ("web.me", '"""It does not SELECT anything."""\nfrom festival_push.store.reads.reads import Reads'),
        ("push.news.redis_client", "import redis.asyncio"),
        ("push.news.redis_broker", "from redis.asyncio import Redis"),
        ("cli", "from festival_push.app import build\nfrom festival_push import __version__"),
        ("app", "from festival_push.ops.metrics.exposition import render\nfrom festival_push.web import routes"),
        ("app", "def f():\n" + "    pass\n" * (FUNCTION_LINES_MAX - 1) + "x = 1\n" * 20),
        ("web.page", "choice = 'Please select a stall'"),
    ],
)
def test_what_is_allowed_is_not_found(name: str, source: str) -> None:
    assert check_module(name, source) == []
