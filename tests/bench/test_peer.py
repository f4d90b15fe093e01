"""Peers that can't be had or don't start are said to be so."""

import sys
from pathlib import Path

import pytest

from bench import peer as peers
from bench.peer import Peer, all_peers
from bench.results import Results
from bench.run import Run
from tests.bench.sample import sample


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(peers, "PEERS", tmp_path)
    monkeypatch.setattr(peers, "NCHAN", tmp_path / "ngx_nchan_module.so")
    return tmp_path


def test_each_peer_that_is_not_installed_has_its_reason(nothing_installed: Path) -> None:
    found, missing = all_peers(nothing_installed / "floor")
    assert [peer.name for peer in found] == ["C floor", "Node http, by hand"]  # Node is one of our own packages
    assert missing.keys() == {"Nchan", "better-sse", "Socket.IO", "django-eventstream", "uWebSockets.js"}
    for reason in missing.values():
        assert "scripts/install-bench" in reason


def test_a_peer_that_cannot_tell_its_version_is_missing(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = nothing_installed / "node"
    node.write_text("#!/bin/sh\nexit 127\n")
    node.chmod(0o755)
    monkeypatch.setattr(peers, "node_program", lambda: str(node))
    _, missing = all_peers(nothing_installed / "floor")
    assert missing["Node http, by hand"].startswith("does not run: ")


def test_a_peer_that_dies_fails_its_measurement_with_its_last_words(tmp_path: Path) -> None:
    results: Results = sample()
    run = Run(results, tmp_path / "bench.json", within_s=30)
    dying = Peer("dying", "1", [sys.executable, "-c", "raise SystemExit('the address is taken')"])

    def measure() -> dict[str, float]:
        with dying.running():
            return {}

    run.measure(dying.name, measure)
    assert results.rounds["dying"] == ["AssertionError: dying did not start (the address is taken)"]
