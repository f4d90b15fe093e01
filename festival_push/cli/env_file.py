"""`--env-file FILE`: the variables that the server's unit gives it, for a command that somebody types.

The forms are those of systemd's `EnvironmentFile=`: `NAME=value` a line, the value bare or in quotes; a comment line
begins with `#` or `;`. A line that is none of that is an error, so that no setting is silently missing; and so is a
backslash that systemd would take away, so that no secret is another one here than in the server.
"""

import re
import shlex
from pathlib import Path
from typing import Final

from festival_push.settings import SettingsError

_LINE: Final = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")
_ESCAPED: Final = re.compile(r"\\[$`]")
"""systemd takes away this backslash, and the shell's words keep it."""
BYTES_MAX: Final = 1 << 20


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file, in its order. Raises SettingsError; its text quotes no value."""
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        text = content.decode()
    except OSError as error:
        raise SettingsError(f"--env-file {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise SettingsError(f"--env-file {path}: not UTF-8") from None
    if len(content) > BYTES_MAX:
        raise SettingsError(f"--env-file {path}: larger than {BYTES_MAX} bytes")
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        matched = _LINE.fullmatch(stripped)
        value = None if matched is None else _value(matched["value"])
        if matched is None or value is None:
            raise SettingsError(
                f"--env-file {path}, line {number}: must be NAME=value, with quotes that are closed, and single ones "
                "around a backslash"
            )
        found[matched["name"]] = value
    return found


def _value(text: str) -> str | None:
    """Return a value without its quotes; None if they are not closed, or if systemd would read another one."""
    if text[:1] not in {"'", '"'}:
        return None if "\\" in text else text
    if _ESCAPED.search(text) and text[0] == '"':
        return None
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    return words[0] if len(words) == 1 else None
