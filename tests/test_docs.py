"""The docs name everything there is: routes, events, problems, settings, commands, decisions; and no link is dead."""

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from festival_push.cli import main
from festival_push.domain.events import LOGGED
from festival_push.domain.refusals import Refused
from festival_push.domain.words.announcements import STANDING_MAX
from festival_push.ops.metrics.definitions import METRICS, PREFIX
from festival_push.push.hub.unlogged import Connected, SessionExpiring, Stale, StreamError
from festival_push.settings import Settings
from festival_push.web.api import health
from festival_push.web.api.stalls.pairings import WAITING_MAX
from festival_push.web.parsing.presentation import REFUSALS
from festival_push.web.routes import ENDPOINTS

ROOT: Final = Path(__file__).parents[1]
API: Final = (ROOT / "docs/api.md").read_text("utf-8")
OPERATING: Final = (ROOT / "docs/operating.md").read_text("utf-8")
README: Final = (ROOT / "README.md").read_text("utf-8")
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "deploy/README.md"])
README_BYTES_MAX: Final = 6_000

# Where the code of a problem stands among the arguments of what raises it, in web/ and push/.
_CODE_AT: Final = {"ProblemError": 1, "problem": 1, "Unauthorized": 0, "TooBusy": 0, "_cut_off": 2, "end_where": 1}
_CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def rows(text: str) -> dict[str, list[str]]:
    """The tables' rows, by each of the names in code style of their first column."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            for name in re.findall(r"`([^`]+)`", cells[0]):
                found.setdefault(name, []).append(line)
    return found


def test_who_stops_the_server_stops_its_socket_too() -> None:
    """systemd would start the server again for the next phone that asks, in the midst of a restore."""
    stopped = [
        line
        for page in PAGES
        for line in page.read_text("utf-8").splitlines()
        if "systemctl stop festival-push" in line
    ]
    assert stopped
    assert [line for line in stopped if "systemctl stop festival-push.socket festival-push" not in line] == []


def test_every_route_is_in_the_api() -> None:
    routes = {f"{endpoint.method} {endpoint.path.replace(':path', '')}" for endpoint in ENDPOINTS}
    named = {name for name in rows(API) if re.match(r"(GET|POST|PATCH|DELETE) /", name)}
    assert named == routes


def test_nothing_has_two_rows_in_one_table_of_the_api() -> None:
    """As a merge makes them, which then say different things."""
    tables = re.split(r"\n(?!\|)", API)
    twice = {name for table in tables for name, lines in rows(table).items() if len(lines) > 1}
    assert twice == set()


def test_what_a_list_without_further_pages_leaves_out_is_in_the_api() -> None:
    table = rows(API)
    assert f"the newest {WAITING_MAX} of them" in table["GET /v1/vendors/{vendorId}/displays/pairings"][0]
    assert f"the newest {STANDING_MAX} of" in table["GET /v1/announcements"][0]


def test_every_event_that_reaches_clients_is_in_the_api_with_its_fields() -> None:
    kinds: dict[str, type[msgspec.Struct]] = {kind.TYPE: kind for kind in LOGGED if not kind.TYPE.startswith("system-")}
    kinds |= {kind.TYPE: kind for kind in (Connected, SessionExpiring, Stale, StreamError)}
    table = rows(API)
    for name, kind in kinds.items():
        assert name in table, name
        line = table[name][0]
        missing = [field.encode_name for field in msgspec.structs.fields(kind) if f"`{field.encode_name}`" not in line]
        assert not missing, f"{name}: {missing}"


def test_every_refusal_is_in_the_api_with_its_status() -> None:
    table = rows(API)
    for refusal in Refused.__subclasses__():
        status = REFUSALS[refusal].status
        assert any(f"| {status} |" in line for line in table.get(refusal.code, ())), (refusal.code, status)


def test_every_code_that_the_web_edge_or_a_stream_answers_is_in_the_api() -> None:
    codes = {code for package in ("web", "push", "serving") for path in (ROOT / "festival_push" / package).rglob("*.py")
             for code in codes_in(path.read_text("utf-8"))}  # fmt: skip
    assert {"cross-site", "rate-limited", "capacity", "headers-too-large"} <= codes
    assert codes - set(rows(API)) == set()


def test_every_setting_is_in_operating_with_its_default() -> None:
    shipped = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))
    table = rows(OPERATING)
    for name, value in settings_in(shipped):
        default = f"| `{json.dumps(value)}` |"
        assert default in table.get(name, [""])[0], f"{name}: {default}"
    assert {name.partition(".")[0] for name in table if "." in name} >= set(Settings.__struct_fields__)


def test_every_metric_is_in_operating() -> None:
    table = rows(OPERATING)
    for metric in METRICS:
        line = table.get(PREFIX + metric.name, [""])[0]
        assert metric.text in line, metric.name
        assert all(f"`{label}`" in line for label in metric.labels), metric.name
    assert {name for name in table if name.startswith(PREFIX)} == {PREFIX + metric.name for metric in METRICS}


def test_the_readme_is_read_in_minutes() -> None:
    assert len(README.encode()) <= README_BYTES_MAX


def test_every_command_is_in_operating(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = set(re.findall(r"^    ([a-z-]+) ", capsys.readouterr().out, re.MULTILINE))
    assert {"serve", "audit"} <= commands
    assert {name.split()[1] for name in rows(OPERATING) if re.match("festival-push [a-z]", name)} == commands


def test_every_make_target_in_the_documents_exists() -> None:
    text = README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)|`make ([a-z]+)`", text, re.MULTILINE)) >= {("run", ""), ("test", "")}
    assert {one or other for one, other in re.findall(r"^make ([a-z]+)|`make ([a-z]+)`", text, re.MULTILINE)} <= targets


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs/decisions"
    files = {path.name for path in folder.glob("[0-9]*.md")}
    listed = _LINK.findall((folder / "README.md").read_text("utf-8"))
    assert sorted(files) == listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page: Path) -> None:
    dead = [link for link in _LINK.findall(page.read_text("utf-8")) if not is_alive(page, link)]
    assert not dead


def test_a_dead_link_is_found() -> None:
    assert is_alive(ROOT / "README.md", "docs/api.md#problems")
    assert not is_alive(ROOT / "README.md", "docs/api.md#no-such-heading")
    assert not is_alive(ROOT / "README.md", "docs/nowhere.md")


def codes_in(source: str) -> Iterator[str]:
    """The codes of problems and stream errors that a module makes, where they are written out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            codes: list[ast.expr] = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            if (index := _CODE_AT.get(name)) is not None and len(node.args) > index:
                codes.append(node.args[index])
            for value in codes:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and _CODE.fullmatch(value.value):
                    yield value.value


def settings_in(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every setting of a TOML tree with its value, by its dotted name."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from settings_in(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def is_alive(page: Path, link: str) -> bool:
    """Whether a link of a page leads to a file that exists, and to a heading in it; other sites are not asked."""
    if "://" in link:
        return True
    target = target_of(page, link)
    _, _, anchor = link.partition("#")
    return target.exists() and (not anchor or anchor in anchors_of(target.read_text("utf-8")))


def target_of(page: Path, link: str) -> Path:
    """The file that a link of a page leads to."""
    path = link.partition("#")[0]
    return (page.parent / path).resolve() if path else page


def anchors_of(text: str) -> set[str]:
    """The anchors of a page's headings, as Markdown renderers make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_guide_for_socketio_names_every_old_event_and_hook() -> None:
    guide = rows((ROOT / "docs/migrating-from-socketio.md").read_text("utf-8"))
    commands = re.findall(
        r'^  "([a-z-]+)":', (ROOT / "static/compat/seed-commands.js").read_text("utf-8"), re.MULTILINE
    )
    hooks = re.findall(
        r"^    (use[A-Za-z]+)\(.*\) \{$", (ROOT / "static/compat/react-hooks.js").read_text("utf-8"), re.MULTILINE
    )
    received = [
        "balance-updated", "new-notification", "payment-completed", "order-status-changed", "order-ready", "new-order",
        "connected", "error", "connect", "disconnect",
    ]  # fmt: skip
    assert len(commands) == 8
    assert len(hooks) == 3
    named = {name.partition("(")[0] for name in guide}
    assert {*commands, *hooks, *received} <= named


def test_every_reason_for_not_being_ready_is_explained() -> None:
    look = inspect.getsource(health._look)
    reasons = re.findall(r'^ {8}"([a-z-]+)": ', look, re.MULTILINE)
    assert {"writer", "stale", "redis", "disk-low"} < set(reasons)
    assert [reason for reason in reasons if reason not in rows(OPERATING)] == []
