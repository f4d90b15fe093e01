"""A setting's text in a file of its own, as `JWT_SECRET_FILE` names one: who may list a machine's processes or
containers sees their variables, and not such a file."""

import stat
from pathlib import Path
from typing import Final

BYTES_MAX: Final = 16_384
"""Five signing secrets and the longest URL take less. What is larger is another file, such as a log or a device."""


def read_secret_file(named: str) -> str:
    """Return what is in the file, without one line end after it, which editors and `echo` put there.

    Raises:
        ValueError: It can't be read, or holds nothing that could be meant. The text quotes nothing of it, and not
            `named` either unless that is a path: somebody may have put the secret itself there.
    """
    path = Path(named)
    if not path.is_absolute() or "\0" in named:
        raise ValueError("must be the path of a file, from / on")
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe could be read only once, and makes whoever opens it wait
            raise ValueError(f"{named} is no file")
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            raise ValueError(f"{named} is larger than {BYTES_MAX} bytes")
        text = content.decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise ValueError(f"{named}: {error.strerror}") from None
    except UnicodeDecodeError:  # which carries the content
        raise ValueError(f"{named} is not UTF-8") from None
    if not text:
        raise ValueError(f"{named} is empty")
    if "\0" in text:  # which no variable could hold
        raise ValueError(f"{named} is no text")
    return text
