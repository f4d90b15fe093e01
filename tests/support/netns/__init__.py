"""Hosts of their own on this machine: network namespaces behind one router, whose ways can be cut one by one.

A namespace here has no name and no file: a descriptor of this process holds it, and the programs that run in it. So it
goes away with them, with its addresses, links and rules, whatever becomes of the run. Nothing in it reaches the network
of the machine.
"""

from tests.support.netns.engines import HostedPostgres, HostedRedis
from tests.support.netns.namespace import Namespace
from tests.support.netns.network import Host, Network, reason_against

__all__ = ["Host", "HostedPostgres", "HostedRedis", "Namespace", "Network", "reason_against"]
