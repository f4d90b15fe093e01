"""All that our README asks somebody to do, done on one bare Debian."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from tests.bare.root import VISITOR, BareRoot, ended, interrupt, kill
from tests.bare.table import Stop, Table
from tests.bare.words import (
    Paste,
    line_to_paste,
    links_of_guide,
    pastes_of,
    pastes_of_guide,
    section_of,
    token_of_guide,
)
from tests.support.timing.waiting import until_sync

CHECKOUT: Final = "festival push"  # a path may hold a space
_INSTALL_WITHIN_S: Final = 1_800
_PASTE_WITHIN_S: Final = 300
_TESTS_WITHIN_S: Final = 5_400
_TOLD: Final = (".cache/pip", ".ssh")
"""What may be new in a home: pip's cache, of which our README speaks, and what Debian's systemd makes."""


@dataclass
class Visit:
    """Somebody with a fresh clone on a bare machine.

    Attributes:
        port: Where the demo shall listen.
    """

    root: BareRoot
    table: Table
    source: Path
    port: int

    def all(self, *, tests: bool) -> None:
        """Every step of the README, and then a first server as in docs/operating.md."""
        suite = self.root.suite
        with self.table.step(suite, "debootstrap", needed=True):
            self.root.build()
        self.checkout = self.root.clone(self.source, VISITOR, CHECKOUT)
        self._readme = pastes_of((self.checkout / "README.md").read_text("utf-8"))
        operating = (self.checkout / "docs/operating.md").read_text("utf-8")
        before = self._files()
        self._install()
        first = self._demo()
        self._demo(again=first)
        for paste in pastes_of(section_of(operating, "A first server")):
            with suppress(Stop):
                self._serve(paste)
        with self.table.step(suite, "nothing is left behind"):
            self._clean(before)
        if tests:
            self._tests()

    def _install(self) -> None:
        """The visitor has no rights: the line that is printed then is enough for somebody who has."""
        with self.table.step(self.root.suite, "make run says what is missing", needed=True) as log:
            process = self._start("make run", log)
            assert ended(process, _PASTE_WITHIN_S) != 0, "it did not stop"
            line = line_to_paste(log.read_text())
        with self.table.step(self.root.suite, line[:60], needed=True) as log:
            process = self.root.start(line, user="root", inside=self.root.home("root"), log=log)
            assert ended(process, _INSTALL_WITHIN_S) == 0, log.read_text()
            assert not (self.root.folder / "usr/sbin/policy-rc.d").exists(), "policy-rc.d is left"

    def _demo(self, again: str = "") -> str:
        """The demo runs, what it prints and what the README says works, and Ctrl-C ends it; what it printed.

        Args:
            again: What an earlier demo printed. Its lines are pasted, instead of the README's.
        """
        with self._running("make run", lambda said: len(links_of_guide(said)) == 6 and self._answers()) as guide:
            for link in links_of_guide(guide):
                with self.table.step(self.root.suite, link.partition("#")[0]), urlopen(link, timeout=60) as answer:  # noqa: S310
                    assert answer.status == 200
            ours = [] if again else [each for each in self._readme if not each.server and each.script != "make test"]
            theirs = pastes_of_guide(again or guide)
            assert len(theirs) >= 3, guide
            for paste in theirs + ours:
                self._paste(paste, token_of_guide(guide))
        return guide

    def _paste(self, paste: Paste, token: str) -> None:
        with self.table.step(self.root.suite, paste.title) as log:
            process = self._start(paste.script, log, {"TOKEN": token})
            if paste.stream:
                try:
                    until_sync(lambda: "event: connected" in log.read_text(), _PASTE_WITHIN_S, "the stream says hello")
                finally:
                    interrupt(process, 60)
                return
            assert ended(process, _PASTE_WITHIN_S) == 0, log.read_text()
            assert not _refused(log.read_text()), log.read_text()

    def _serve(self, paste: Paste) -> None:
        """Lines that end with a server in the foreground."""
        with self._running(paste.script, lambda _: self._answers()):
            pass

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @contextmanager
    def _running(self, script: str, ready: Callable[[str], bool]) -> Iterator[str]:
        """A server in the foreground until Ctrl-C; gives what it had said when it was ready."""
        title = Paste(script).title
        with self.table.step(self.root.suite, title, needed=True) as log:
            process = self._start(script, log)

            def there() -> bool:
                assert process.poll() is None, f"it ended: {log.read_text()[-2_000:]}"
                return ready(log.read_text())

            try:
                until_sync(there, _INSTALL_WITHIN_S, f"{title} is ready")
            except BaseException:
                kill(process)
                raise
        try:
            yield log.read_text()
        finally:
            with self.table.step(self.root.suite, f"Ctrl-C ends {title}"):
                code = interrupt(process, 60)
                assert code in {0, 130}, f"exit code {code}: {log.read_text()[-2_000:]}"

    def _tests(self) -> None:
        checkout = self.root.clone(self.source, "root", CHECKOUT)
        before = self._files()
        passed = False
        with self.table.step(self.root.suite, "make test, as root") as log:
            process = self.root.start("make test", user="root", inside=checkout, log=log)
            passed = ended(process, _TESTS_WITHIN_S) == 0
            assert passed, log.read_text()[-4_000:]
        if not passed:
            return  # what failed tests wrote is kept
        with self.table.step(self.root.suite, "nothing is left behind"):
            self._clean(before)
            command = ["git", "-c", "safe.directory=*", "-C", str(checkout), "status", "--porcelain"]
            told = subprocess.run(command, capture_output=True, text=True, check=True)
            assert told.stdout == "", told.stdout

    def _start(self, script: str, log: Path, environment: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """As the visitor, in the clone; the port is 8000 unless somebody else has that."""
        told = {"FESTIVAL_PUSH_SERVER__OPS_LISTEN": ""} | (environment or {})  # the network is that of this machine
        if self.port != 8000:
            told["PORT"] = str(self.port)
            script = script.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        return self.root.start(script, user=VISITOR, inside=self.checkout, log=log, environment=told)

    def _files(self) -> set[Path]:
        """All in the homes and the temporary folders, but what is in a clone."""
        homes = [self.root.home("root"), self.root.home(VISITOR)]
        folders = homes + [self.root.folder / name for name in ("tmp", "var/tmp")]
        clones = [home / CHECKOUT for home in homes]
        return {
            path
            for folder in folders
            for path in folder.rglob("*")
            if not any(path.is_relative_to(each) for each in clones)
        }

    def _clean(self, before: set[Path]) -> None:
        told = [self.root.home(user) / name for user in ("root", VISITOR) for name in _TOLD]
        new = {path for path in self._files() - before if not any(path.is_relative_to(each) for each in told)}
        new -= {path.parent for path in told if path.exists()}
        assert not new, sorted(str(path.relative_to(self.root.folder)) for path in new)[:30]


def _refused(said: str) -> bool:
    """Whether the last line is a problem that the server tells."""
    lines = said.strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("status"), int)
