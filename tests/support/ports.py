"""Free ports on the loopback interface."""

import socket


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on at this moment.

    Another program may take it before the caller does; the kernel hands out its free ports in turn, so that is rare.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1 at this moment."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
