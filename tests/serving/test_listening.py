"""The listening sockets: one for each address of a host, all with one port, or none at all."""

import errno
import re
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from festival_push.serving import listening
from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.listening import ListenError, open_listener, open_listeners, url_of
from tests.serving.served_app import ADDRESSES, TWO_ADDRESSES


def test_connections_inherit_the_listeners_bounds() -> None:
    limits = ProtocolLimits(sndbuf_bytes=32_768, write_stall_s=1.5)
    with open_listener("127.0.0.1", 0, limits) as listener:
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", url_of(listener))
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * 32_768  # as the kernel counts
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1500
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """The addresses of each name, as the test sets them."""
    known: dict[str, tuple[str, ...]] = {TWO_ADDRESSES: ADDRESSES}
    resolve = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        return [found for each in known.get(host, (host,)) for found in resolve(each, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_a_host_name_is_listened_on_at_all_its_addresses_with_one_port(names: dict[str, tuple[str, ...]]) -> None:
    names[TWO_ADDRESSES] = (*ADDRESSES, ADDRESSES[0])  # a file of hosts may name one twice
    with ExitStack() as stack:
        listeners = [stack.enter_context(each) for each in open_listeners(TWO_ADDRESSES, 0, ProtocolLimits())]
        assert [each.getsockname()[0] for each in listeners] == list(ADDRESSES)
        assert len({each.getsockname()[1] for each in listeners}) == 1
        for each in listeners:
            with socket.create_connection(each.getsockname()), each.accept()[0]:
                pass


def test_one_address_that_is_taken_is_named_and_no_other_is_listened_on(names: dict[str, tuple[str, ...]]) -> None:
    with open_listener(ADDRESSES[1], 0, ProtocolLimits()) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=rf"^port {port} of two\.test \(127\.0\.0\.2\) is taken$") as caught:
            open_listeners(TWO_ADDRESSES, port, ProtocolLimits())
        assert caught.value.taken
        with socket.socket() as client:
            assert client.connect_ex((ADDRESSES[0], port)) != 0


def test_a_free_port_is_one_that_is_free_on_every_address(
    names: dict[str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def one_is_taken(host: str, port: int, limits: ProtocolLimits, *, one_kind: bool) -> socket.socket:
        asked.append((host, port))
        if len(asked) == 2:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return open_listener(host, port, limits, one_kind=one_kind)

    monkeypatch.setattr(listening, "open_listener", one_is_taken)
    with ExitStack() as stack:
        listeners = [stack.enter_context(each) for each in open_listeners(TWO_ADDRESSES, 0, ProtocolLimits())]
        assert len(listeners) == 2
    assert [host for host, _ in asked] == [*ADDRESSES, *ADDRESSES]
    assert asked[2][1] == 0


def test_an_address_that_this_machine_lacks_is_left_out_unless_there_is_no_other(
    names: dict[str, tuple[str, ...]],
) -> None:
    names["half.test"], names["none.test"] = ("203.0.113.1", "127.0.0.1"), ("203.0.113.1", "203.0.113.2")
    (listener,) = open_listeners("half.test", 0, ProtocolLimits())
    with listener:
        assert listener.getsockname()[0] == "127.0.0.1"
    with pytest.raises(ListenError, match=r"^can't listen on none\.test \(203\.0\.113\.1\) port 1: "):
        open_listeners("none.test", 1, ProtocolLimits())


def test_an_unknown_name_is_told(names: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ListenError, match=r"^can't listen on nowhere\.invalid port 1: ") as caught:
        open_listeners("nowhere.invalid", 1, ProtocolLimits())
    assert not caught.value.taken


def test_ipv6_has_its_brackets() -> None:
    with open_listener("::1", 0, ProtocolLimits()) as listener:
        assert re.fullmatch(r"http://\[::1\]:[1-9]\d+", url_of(listener))
