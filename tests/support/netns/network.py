"""Several hosts around one router, and the ways between them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.support.netns.namespace import Namespace

_FORWARD: Final = Path("/proc/sys/net/ipv4/ip_forward")  # of the namespace of the thread that writes it


class Host:
    """A machine with one address."""

    def __init__(self, name: str, number: int, namespace: Namespace) -> None:
        self.name = name
        self.address = f"10.89.{number}.2"
        self.namespace = namespace


class Network:
    """Hosts that reach each other over a router, from `with` on.

    A cut is a rule of the router that swallows what one host sends to another, as a broken cable does: nobody is told,
    and what was open stays open.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._stack = ExitStack()
        self._cuts: set[tuple[str, str]] = set()
        self.hosts: dict[str, Host] = {}

    def __enter__(self) -> Self:
        try:
            self._router = self._made()
            with self._router.entered():
                _FORWARD.write_text("1")
            for number, name in enumerate(self._names, 1):
                self.hosts[name] = Host(name, number, self._made())
                self._connect(self.hosts[name], f"10.89.{number}.1")
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _made(self) -> Namespace:
        namespace = Namespace()
        self._stack.callback(namespace.close)
        return namespace

    def _connect(self, host: Host, gateway: str) -> None:
        link = f"to-{host.name}"[:15]  # no longer than the kernel lets a name be
        self._router.ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", host.namespace.path)
        self._router.ip("address", "add", f"{gateway}/24", "dev", link)
        self._router.ip("link", "set", link, "up")
        host.namespace.ip("address", "add", f"{host.address}/24", "dev", "eth0")
        host.namespace.ip("link", "set", "eth0", "up")
        host.namespace.ip("route", "add", "default", "via", gateway)

    # Cuts

    def cut(self, one: str, *others: str) -> None:
        """Let nothing through between one host and others."""
        for other in others:
            self.mute(one, other)
            self.mute(other, one)

    def mute(self, sender: str, receiver: str) -> None:
        """Swallow what one host sends to another; the other way stays open."""
        if (sender, receiver) not in self._cuts:
            self._cuts.add((sender, receiver))
            self._router.ip("rule", "add", *self._rule(sender, receiver))

    def heal(self) -> None:
        """Let everything through again."""
        while self._cuts:
            self._router.ip("rule", "delete", *self._rule(*self._cuts.pop()))

    def _rule(self, sender: str, receiver: str) -> list[str]:
        return ["from", self.hosts[sender].address, "to", self.hosts[receiver].address, "blackhole"]

    @contextmanager
    def at(self, name: str) -> Iterator[Host]:
        """Let this thread be on one of the hosts."""
        with self.hosts[name].namespace.entered():
            yield self.hosts[name]


def reason_against() -> str | None:
    """Why no networks can be made here, in words; None: they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need the program `ip` (Debian: iproute2)"
    try:
        with Network("one", "other") as network:
            network.cut("one", "other")
    except (OSError, AssertionError) as error:
        return f"no network namespaces can be made here: {error}"
    return None
