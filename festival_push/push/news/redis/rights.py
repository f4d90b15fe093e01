"""Which right a user of Redis lacks, by what Redis says, in the words in which an operator gives it."""

import re
from typing import Final

_COMMAND: Final = re.compile(r"'([a-z]+(?:\|[a-z-]+)?)' command")
_IN_SCRIPT: Final = re.compile(r"executing the script can't|ACL failure in script")
_WITHOUT_MULTI: Final = "EXEC without MULTI"
_OTHERS: Final = (
    ("run this command or subcommand", "has no right to one of +get, +set and +time, which the limits' script uses"),
    ("channel", "has no right to our channels, &<redis.prefix>:*"),
    ("key", "has no right to our keys, ~{<redis.prefix>}:*"),
    ("", "lacks a right to commands, keys or channels (ACL)"),
)
"""What Redis says where it names no command (7.0 does not in scripts), and what is missing then."""


def missing_right(said: str) -> str:
    """Return it in words that hold nothing of what Redis says but a command's name; "" if no right is the reason.

    Args:
        said: The text of the error.
    """
    if said == _WITHOUT_MULTI:
        return "its user has no right to the command +multi"
    if _IN_SCRIPT.search(said) is None and "has no permissions" not in said and "have no permissions" not in said:
        return ""
    if found := _COMMAND.findall(said):  # the last one is by Redis; before it, a pipeline quotes what was sent
        return f"its user has no right to the command +{found[-1]}"
    return "its user " + next(missing for part, missing in _OTHERS if part in said)
