"""What somebody pastes: the commands of the documents and those that the demo prints, as they stand there."""

import re
from dataclasses import dataclass
from typing import Final

_FENCE: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STREAM: Final = re.compile(r"^curl -N ", re.MULTILINE)
_SERVER: Final = re.compile(r"(\bserve|^make run)$", re.MULTILINE)


@dataclass(frozen=True)
class Paste:
    """Some lines that are pasted together.

    Attributes:
        script: The lines.
        stream: Whether they follow a stream until somebody stops them.
        server: Whether they run a server until somebody stops it.
    """

    script: str

    @property
    def stream(self) -> bool:
        return _STREAM.search(self.script) is not None

    @property
    def server(self) -> bool:
        return _SERVER.search(self.script) is not None

    @property
    def title(self) -> str:
        """Short enough for a table."""
        last = re.sub(r"\\\n\s*", "", self.script).strip().splitlines()[-1]
        return re.sub(r"eyJ[\w.-]+", "…", re.sub(r"\s+#.*", "", last))[:64]


def pastes_of(text: str) -> list[Paste]:
    """Each paragraph of each block of shell, in order."""
    return [paste for block in _FENCE.findall(text) for paste in _paragraphs(block)]


def section_of(text: str, heading: str) -> str:
    """Return what stands below a heading of the second level."""
    found = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert found, heading
    return found


def pastes_of_guide(text: str) -> list[Paste]:
    """The paragraphs of the demo's guide that are commands."""
    return [paste for paste in _paragraphs(text) if re.search(r"^curl -", paste.script, re.MULTILINE)]


def links_of_guide(text: str) -> list[str]:
    """Where the guide's links lead."""
    return re.findall(r"^  \w+ +(http://\S+)$", text, re.MULTILINE)


def token_of_guide(text: str) -> str:
    """The first token that the guide prints in a command: Anna's."""
    found = re.search(r"Authorization: Bearer (\S+?)['\"]", text)
    assert found, "the guide prints no token"
    return found.group(1)


def line_to_paste(text: str) -> str:
    """The one line that a script says to paste."""
    lines = [line.strip() for line in text.splitlines() if re.match(r"  (su|sudo) ", line)]
    assert len(lines) == 1, f"not one line to paste: {lines or text}"
    return lines[0]


def _paragraphs(text: str) -> list[Paste]:
    return [Paste(part.strip("\n")) for part in re.split(r"\n\s*\n", text) if part.strip()]
