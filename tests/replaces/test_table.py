"""The table of the old system's lines in docs/replaces.md names only what exists, and leaves none of its names out."""

import ast
import re
from pathlib import Path
from typing import Final

import msgspec

from festival_push.domain.events import LOGGED
from festival_push.push.hub.unlogged import Connected, StreamError
from festival_push.settings import Settings
from festival_push.web.routes import ENDPOINTS

ROOT: Final = Path(__file__).parents[2]
IN_OLD_SYSTEM: Final = {
    *("join-user-room", "leave-user-room", "join-order-room", "leave-order-room", "order-created"),
    *("update-order-status", "refresh-balance", "track-my-orders", "balance-updated", "new-notification"),
    *("payment-completed", "order-status-changed", "order-ready", "new-order", "connected", "error"),
    *("useSocket", "useBalanceUpdates", "useNotifications", "JWT_SECRET", "MONGODB_URL", "PORT"),
    *("origin", "methods", "credentials"),
}
DRIVES_A_SERVER: Final = {"ServerProcess", "Ground", "Pages", "Serve", "processes"}
_LINK: Final = re.compile(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)")


def table() -> list[list[str]]:
    """The rows' cells: what it was, where it is now, events, tests."""
    text = (ROOT / "docs/replaces.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| **")]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines[1:]]


def codes(text: str) -> list[str]:
    """What stands in code style."""
    return re.findall(r"`([^`]+)`", text)


def test_the_table_has_every_name_of_the_old_system() -> None:
    rows = table()
    assert all(len(row) == 4 for row in rows), [row for row in rows if len(row) != 4]
    assert {name for row in rows for name in codes(row[0])} >= IN_OLD_SYSTEM


def test_every_route_and_setting_that_it_names_exists() -> None:
    routes = {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}
    settings = {
        f"{section.name}.{field.name}"
        for section in msgspec.structs.fields(Settings)
        if isinstance(section.type, type) and issubclass(section.type, msgspec.Struct)
        for field in msgspec.structs.fields(section.type)
    }
    named = {name for row in table() for name in codes(row[1])}
    asked = {name for name in named if re.match(r"[A-Z]+ /", name)}
    assert asked
    assert asked <= routes
    dotted = {name for name in named if re.fullmatch(r"[a-z_]+\.[a-z_]+", name)}
    assert dotted
    assert dotted <= settings


def test_every_event_that_it_names_exists() -> None:
    events = {kind.TYPE for kind in LOGGED} | {Connected.TYPE, StreamError.TYPE}
    named = {name for row in table() for name in codes(row[2])}
    assert named
    assert named <= events


def test_every_row_is_shown_by_a_test_that_drives_a_server() -> None:
    for what, _, _, shown in table():
        links = _LINK.findall(shown)
        assert links, what
        for name, path in links:
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            functions = {
                node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert name in functions, f"{what}: no {name} in {path}"
            asks = {argument.annotation for argument in functions[name].args.args if argument.annotation}
            words = {
                node.id for part in (*asks, functions[name]) for node in ast.walk(part) if isinstance(node, ast.Name)
            }
            assert words & DRIVES_A_SERVER, f"{what}: {name} drives no server"
