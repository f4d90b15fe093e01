"""What `deploy/` names exists: metrics, labels, settings, files."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml  # type: ignore[import-untyped] # of the tools that read our contract

from festival_push.ops.metrics.definitions import BY_NAME, PREFIX, Kind
from festival_push.serving.processes.process import TIMES
from festival_push.serving.processes.supervisor import END_MARGIN_S
from festival_push.settings import Server
from tests.support.layout import ROOT, tracked_files
from tests.support.servers import processes

DEPLOY: Final = ROOT / "deploy"
MONITORING: Final = DEPLOY / "monitoring"
SYSTEMD: Final = DEPLOY / "systemd"
_METRIC: Final = re.compile(rf"\b{PREFIX}(\w+)(?:\{{([^}}]*)\}})?")
_PART: Final = re.compile(r"_(bucket|count|sum)$")
_BY: Final = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
_EVERYWHERE: Final = {"instance", "job", "le"}


def expressions_of(name: str) -> list[str]:
    """Every PromQL expression of the dashboard or of the rules."""
    text = (MONITORING / name).read_text("utf-8")
    if name.endswith(".json"):
        panels = json.loads(text)["panels"]
        return [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return [rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def wrong_in(expression: str) -> Iterator[str]:
    """What an expression names that `/metrics` does not give."""
    labels: set[str] = set(_EVERYWHERE)
    for name, selectors in _METRIC.findall(expression):
        base = _PART.sub("", name)
        metric = BY_NAME.get(base if BY_NAME.get(base, None) and BY_NAME[base].kind is Kind.HISTOGRAM else name)
        if metric is None:
            yield f"{PREFIX}{name}"
            continue
        labels |= set(metric.labels)
        asked = set(re.findall(r"(\w+)\s*[=!]", selectors))
        yield from (f"{name}{{{label}}}" for label in asked - set(metric.labels) - _EVERYWHERE)
        if metric.kind is Kind.HISTOGRAM and name == base:
            yield f"{name} without _bucket, _count or _sum"
    for names in _BY.findall(expression):
        yield from (f"by ({label})" for label in {each.strip() for each in names.split(",")} - labels)


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
def test_every_metric_and_label_exists(name: str) -> None:
    expressions = expressions_of(name)
    assert len(expressions) > 10
    assert [wrong for expression in expressions for wrong in wrong_in(expression)] == []


def test_what_does_not_exist_is_found() -> None:
    assert list(wrong_in(f"rate({PREFIX}nothing_total[1m])")) == [f"{PREFIX}nothing_total"]
    assert list(wrong_in(f'{PREFIX}streams{{code="x"}}')) == ["streams{code}"]
    assert list(wrong_in(f"sum by (colour) ({PREFIX}streams)")) == ["by (colour)"]
    assert list(wrong_in(f"rate({PREFIX}batch_seconds[1m])")) == ["batch_seconds without _bucket, _count or _sum"]


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(expressions_of("grafana.json"))
    assert [name for name in BY_NAME if PREFIX + name not in shown] == []


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads((MONITORING / "grafana.json").read_text("utf-8"))["panels"]:
        grid = panel["gridPos"]
        cells = {(grid["x"] + x, grid["y"] + y) for x in range(grid["w"]) for y in range(grid["h"])}
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells), panel["title"]
        taken |= cells


def test_prometheus_asks_at_the_operators_listener_which_no_proxy_passes_on() -> None:
    scraped = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    assert scraped[0]["static_configs"] == [{"targets": [Server().ops_listen]}]
    composed: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    servers = composed["services"]["server-1"], composed["services"]["server-2"]
    port = Server().ops_listen.partition(":")[2]
    assert all(each["environment"]["FESTIVAL_PUSH_SERVER__OPS_LISTEN"] == f"0.0.0.0:{port}" for each in servers)
    assert not any("ports" in each for each in servers)
    for proxy in ("nginx.conf", "Caddyfile"):
        assert port not in (DEPLOY / proxy).read_text("utf-8")


def test_a_drain_of_the_longest_time_ends_before_its_service_manager_kills_it() -> None:
    longest_s = TIMES.end_s(60) + END_MARGIN_S  # the most that `server.drain_s` may be
    unit, composed = (DEPLOY / name for name in ("systemd/festival-push.service", "compose.yaml"))
    (stop_s,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text("utf-8"), re.MULTILINE)
    grace = yaml.safe_load(composed.read_text("utf-8"))["services"]["server-1"]["stop_grace_period"]
    assert longest_s < min(int(stop_s), int(grace.removesuffix("s")))


def test_every_file_is_in_the_list() -> None:
    """Units and what watches them have folders of their own, of which each file is named; `debian` is named as one."""
    listed = set(re.findall(r"\]\(([\w./-]+)\)", (DEPLOY / "README.md").read_text("utf-8")))
    ours = {path.relative_to(DEPLOY) for path in tracked_files() if path.is_relative_to(DEPLOY)} - {Path("README.md")}
    named = {path if path.parts[0] != "debian" else Path("debian") for path in ours}
    assert {str(path) for path in named} <= listed


def test_journald_drops_no_line_of_a_busy_server() -> None:
    """Each answer is a line; journald's own bound would be 333 of them a second."""
    assert re.search(
        r"^LogRateLimitIntervalSec=0$", (SYSTEMD / "festival-push.service").read_text("utf-8"), re.MULTILINE
    )


@pytest.mark.parametrize("unit", sorted(path.name for path in SYSTEMD.iterdir()))
def test_systemd_knows_each_line_of_a_unit(unit: str, tmp_path: Path) -> None:
    """As `systemd-analyze verify` reads it, with a program at the place of ours, which isn't installed here."""
    for path in SYSTEMD.iterdir():
        text = re.sub(
            r"/(opt/festival-push|usr)/bin/(festival-push|litestream)\b", "/bin/true", path.read_text("utf-8")
        )
        (tmp_path / path.name).write_text(text)
    analyze = processes.find_program("systemd-analyze", package="systemd")
    done = subprocess.run([analyze, "verify", tmp_path / unit], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "festival-push" in line] == []
