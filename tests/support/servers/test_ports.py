"""A free port can be listened on, and stays free."""

import socket
from pathlib import Path

import pytest

from tests.support.servers import ports
from tests.support.servers.ports import free_port, is_free


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    assert is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(100)]
    assert len(set(given)) == len(given)


def test_the_kernel_gives_them_to_nobody() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(free_port() for _ in range(100)) < lowest


def test_each_worker_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_BEGIN", 0)
    given: set[int] = set()
    for worker in range(16):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{worker}")
        given |= {free_port() for _ in range(10)}
    assert len(given) == 160
