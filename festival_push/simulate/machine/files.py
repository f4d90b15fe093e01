"""Open files: each stream is one."""

import resource
from typing import Final

from festival_push.simulate.http.client import CONNECTIONS
from festival_push.simulate.plan import SimulationError

_OTHERS: Final = 64  # the interpreter's, the terminal, the resolver's, and connections that are being closed


def make_room(streams: int) -> int:
    """Raise the soft limit of open files as far as so many streams need it; return the limit.

    Raises SimulationError if the hard limit is below that.
    """
    needed = streams + CONNECTIONS + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return soft
    if hard != resource.RLIM_INFINITY and hard < needed:
        text = f"{streams} streams need {needed} open files, and this process may have {hard}: raise `ulimit -Hn`"
        raise SimulationError(f"{text}, or let fewer guests come")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    return needed
