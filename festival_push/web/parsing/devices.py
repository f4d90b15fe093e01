"""A device's name, for its owner to know it by in a list: from the browser's User-Agent, which says much and proves
nothing."""

import re
from typing import Final

from festival_push.domain.signing_in.sessions import DEVICE_CHARS_MAX

_READ_CHARS: Final = 512
# The first that fits: browsers name those before them that they resemble, so the more particular come first.
_BROWSERS: Final = (
    ("Edge", "Edg"), ("Opera", "OPR/"), ("Samsung Internet", "SamsungBrowser"), ("Firefox", "Firefox/"),
    ("Firefox", "FxiOS"), ("Chrome", "CriOS"), ("Chrome", "Chrome/"), ("Safari", "Safari/"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("ChromeOS", "CrOS"),
    ("Mac", "Macintosh"), ("Linux", "Linux"),
)  # fmt: skip
_PROGRAM: Final = re.compile(r"[A-Za-z][\w.+-]*", re.ASCII)


def device_name(user_agent: str | None) -> str:
    """Return a short name, `Firefox, Android`; a program that is no browser is named as it names itself, by letters and
    digits alone. Empty if nothing is known."""
    text = (user_agent or "")[:_READ_CHARS]
    browser = next((name for name, mark in _BROWSERS if mark in text), "")
    system = next((name for name, mark in _SYSTEMS if mark in text), "")
    if found := ", ".join(filter(None, (browser, system))):
        return found
    program = _PROGRAM.match(text)
    return program[0][:DEVICE_CHARS_MAX] if program else ""
