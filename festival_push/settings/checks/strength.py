"""How hard a secret is to guess, and what it means: an estimate that finds what people type, not a proof."""

import base64
import math
import re
from contextlib import suppress
from typing import Final

BITS_MIN: Final = 40
"""Below this a secret is refused. By this estimate 32 random digits have 45 to 100 bits, 18 random bytes 60 to 75."""
_PLACEHOLDERS: Final = (
    "changeme", "pleasechange", "changethis", "changein", "replaceme", "replacethis", "yoursecret", "secretkey",
    "supersecret", "topsecret", "mysecret", "placeholder", "example", "password", "passw0rd", "letmein", "qwerty",
    "insecure", "notsecret", "developmentsecret",
)  # fmt: skip
"""Of documents, templates and forums. Each is too long to stand in a random secret by chance."""
_SEEN_CHARS: Final = 3


def weakness_of(secret: str) -> str | None:
    """Return why a secret can be guessed; None if nothing is found. The text does not quote it."""
    if any(placeholder in re.sub(r"[^a-z0-9]", "", secret.lower()) for placeholder in _PLACEHOLDERS):
        return "a placeholder, which anybody would try"
    if strength_bits(secret) < BITS_MIN:
        return "too regular to be random"
    return None


def strength_bits(secret: str) -> float:
    """Return about how many bits somebody has to guess: each character that does not follow from those before it counts
    as one of as many as occur. A character follows if it repeats or continues a sequence (`aaa`, `abc`, `321`), or if
    it and the two before it stood there already."""
    seen: set[str] = set()
    free = 0
    for index, char in enumerate(secret):
        recent = secret[max(0, index - _SEEN_CHARS + 1) : index + 1]
        follows = index > 0 and abs(ord(char) - ord(secret[index - 1])) <= 1
        free += not follows and not (len(recent) == _SEEN_CHARS and recent in seen)
        seen.add(recent)
    return free * math.log2(len(set(secret))) if secret else 0.0


def meanings_of(secret: str) -> frozenset[bytes]:
    """Return the keys that a secret may stand for: its own bytes, and those that it encodes in base64 or hexadecimal.
    Two secrets with one of them in common are the same secret in other clothes."""
    text = secret.removeprefix("whsec_")
    found = {secret.encode(), text.encode()}
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    for decode in (base64.b64decode, base64.urlsafe_b64decode):
        with suppress(ValueError):
            found.add(decode(padded.encode()))
    with suppress(ValueError):
        found.add(bytes.fromhex(text))
    return frozenset(found - {b""})
