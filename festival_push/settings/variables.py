"""Environment variables of ours that are no settings. All others that begin like ours must name a setting."""

from typing import Final

CONFIG_VARIABLE: Final = "FESTIVAL_PUSH_CONFIG"
"""Names the settings file, as `--config` does; so it reaches processes that have no command line of their own."""
LOG_VARIABLE: Final = "FESTIVAL_PUSH_LOG"
"""Names a file to log to instead of standard error. The demo sets it, so that its links stay visible."""
SHARE_VARIABLE: Final = "FESTIVAL_PUSH_SHARE"
"""A worker's slot in the shared memory of metrics: the memory's descriptor, the slot's number, and how many there are.
The supervisor sets it."""

OWN_VARIABLES: Final = frozenset({CONFIG_VARIABLE, LOG_VARIABLE, SHARE_VARIABLE})
