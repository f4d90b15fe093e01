"""Hosts in namespaces reach each other, and don't when they are cut off."""

import os
import socket
from collections.abc import Iterator

import pytest

from tests.support.netns import HostedPostgres, HostedRedis, Network, reason_against


@pytest.fixture(scope="module", autouse=True)
def _possible() -> None:
    if reason := reason_against():
        pytest.skip(reason)


@pytest.fixture
def network() -> Iterator[Network]:
    with Network("a", "b", "store") as network:
        yield network


def listener(network: Network, name: str) -> socket.socket:
    with network.at(name) as host:
        sock = socket.create_server((host.address, 0))
    sock.settimeout(60)
    return sock


def dialled(network: Network, name: str, target: socket.socket, *, within_s: float = 60) -> socket.socket:
    with network.at(name):
        return socket.create_connection(target.getsockname(), timeout=within_s)


def test_hosts_reach_each_other_and_not_the_machine(network: Network) -> None:
    with listener(network, "store") as store, dialled(network, "a", store) as ours:
        theirs, address = store.accept()
        assert address[0] == network.hosts["a"].address
        theirs.sendall(b"hello")
        assert ours.recv(5) == b"hello"
        theirs.close()
    with socket.create_server(("127.0.0.1", 0)) as outside, pytest.raises(OSError, match="refused"):
        dialled(network, "a", outside)


def test_a_cut_swallows_what_is_sent_until_it_is_healed(network: Network) -> None:
    with listener(network, "store") as store, dialled(network, "a", store) as ours:
        theirs, _ = store.accept()
        network.cut("a", "store")
        ours.sendall(b"lost for now")
        theirs.settimeout(0.1)
        with pytest.raises(TimeoutError):
            theirs.recv(64)
        with pytest.raises(TimeoutError):
            dialled(network, "a", store, within_s=0.1)
        dialled(network, "b", store).close()
        network.heal()
        theirs.settimeout(60)
        assert theirs.recv(64) == b"lost for now"
        theirs.close()


def test_one_direction_may_be_cut_alone(network: Network) -> None:
    with listener(network, "store") as store, dialled(network, "a", store) as ours:
        theirs, _ = store.accept()
        network.mute("store", "a")
        ours.sendall(b"heard")
        theirs.settimeout(60)
        assert theirs.recv(64) == b"heard"
        theirs.sendall(b"not heard")
        ours.settimeout(0.1)
        with pytest.raises(TimeoutError):
            ours.recv(64)
        theirs.close()


def test_engines_are_reached_from_other_hosts(network: Network) -> None:
    store = network.hosts["store"]
    with HostedPostgres(store) as postgres, HostedRedis(store) as redis, network.at("a"):
        assert postgres.execute("SELECT 1") == "1"
        redis.flush()
        socket.create_connection((store.address, redis.port), timeout=60).close()


def test_who_may_not_make_namespaces_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert reason_against() == "network namespaces need the program `ip` (Debian: iproute2)"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert reason_against() == "network namespaces need root"


def test_nothing_is_left_when_it_is_closed() -> None:
    before = set(os.listdir("/proc/self/fd"))
    here = os.readlink("/proc/thread-self/ns/net")
    with Network("a"):
        pass
    assert os.readlink("/proc/thread-self/ns/net") == here
    assert set(os.listdir("/proc/self/fd")) <= before
