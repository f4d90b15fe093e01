"""Try our README on bare Debians: `make bare`, `make bare SUITES="bookworm sid"`. As root; it takes its time.

Each is made by debootstrap in a folder of its own, and removed at the end; it reaches the package registries as this
machine does. What every command said is kept.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bare.root import BareRoot
from tests.bare.surroundings import Surroundings
from tests.bare.table import Stop, Table
from tests.bare.visit import Visit
from tests.support.layout import ROOT
from tests.support.servers.ports import free_port, is_free

SUITES: Final = ("bookworm", "trixie")


def main(suites: list[str], *, tests: bool) -> int:
    """Visit them one after the other; 1 if anything was red. Whoever owns the checkout owns what was written to it."""
    try:
        return _visit(suites, tests=tests)
    finally:
        subprocess.run(["chown", "--recursive", "--no-dereference", "--reference=.", "."], cwd=ROOT, check=True)


def _visit(suites: list[str], *, tests: bool) -> int:
    logs = ROOT / "var/bare"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    table = Table(logs)
    surroundings = Surroundings.of_this_machine()
    port = 8000 if is_free(8000) else free_port()
    for suite in suites:
        with tempfile.TemporaryDirectory(prefix="festival-push-bare-") as made:
            folder = Path(made)
            folder.chmod(0o755)  # the visitor has to get in
            with BareRoot(suite, folder / suite, surroundings, logs / f"debootstrap-{suite}.log") as root:
                try:
                    Visit(root, table, ROOT, port).all(tests=tests)
                except Stop:
                    print(f"{suite:<10} what comes after can't be tried")
    print(f"{table.red} steps were red. What the commands said is in {logs}.")
    return min(1, table.red)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bare", description=__doc__)
    parser.add_argument("suites", nargs="*", default=SUITES, help="Debian's names of them (bookworm trixie)")
    parser.add_argument("--without-tests", action="store_true", help="leave out `make test`")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("make bare needs root: it makes whole systems in folders (debootstrap, chroot). Try: sudo make bare")
    if shutil.which("debootstrap") is None:
        subprocess.run([ROOT / "scripts/apt-install", "debootstrap"], check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that folders go then too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background, and what we start with it
    sys.exit(main(list(options.suites), tests=not options.without_tests))
