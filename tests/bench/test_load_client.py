"""The load client's driver says what went wrong, and never waits for ever."""

import signal
from pathlib import Path

import pytest

from bench.fan_out import Figures
from bench.load.load_client import LoadClient
from bench.run import Run
from tests.bench.sample import sample


def program(folder: Path, script: str) -> Path:
    """In the place of the compiled load client."""
    path = folder / "load"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def post_once(load: Path) -> Figures:
    with LoadClient(load, "http://127.0.0.1:1") as client:
        client.post([client.post_request("/", "{}")], clients=1, total=1)
    return {}


def test_a_load_client_that_dies_fails_the_measurement(tmp_path: Path) -> None:
    load = program(tmp_path, "read -r command; exit 1")  # as when the server resets the connection
    with pytest.raises(AssertionError, match="the load client ended at 'post"):
        post_once(load)


def test_a_server_that_never_answers_costs_no_more_than_the_bound(tmp_path: Path) -> None:
    load = program(tmp_path, "exec sleep 60")  # waits as the load client does then, deaf to the end of its input
    run = Run(sample(), tmp_path / "bench.json", within_s=1)
    client = LoadClient(load, "http://127.0.0.1:1")

    def post() -> Figures:
        with client:
            client.post([client.post_request("/", "{}")], clients=1, total=1)
        return {}

    run.measure("silent", post)
    assert run.results.rounds["silent"] == ["TimeoutError: not done after 1 s"]
    assert client._process.returncode == -signal.SIGKILL, "its end was waited for"


@pytest.mark.parametrize("found", ['"events":3,"closed":0', '"events":1,"closed":1'])
def test_streams_together_have_exactly_what_was_sent_and_stay_open(tmp_path: Path, found: str) -> None:
    first = '"events":1,"closed":0'
    load = program(tmp_path, f"read -r command; echo '{{{first}}}'; read -r command; echo '{{{found}}}'")
    with LoadClient(load, "http://127.0.0.1:1") as client, pytest.raises(AssertionError, match="'events'"):
        client.await_total(2)


def test_what_an_answer_counts_is_looked_at(tmp_path: Path) -> None:
    load = program(tmp_path, """read -r command; echo '{"2xx": 0, "5xx": 1}'""")
    with pytest.raises(AssertionError, match="'5xx': 1"):
        post_once(load)
