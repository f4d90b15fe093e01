"""The pure parts of the pages, tested by Node's own runner."""

import json
import os
import subprocess
from pathlib import Path

from festival_push.domain.money.amounts import ISO_DIGITS
from tests.support.node import node_program

UNITS = Path(__file__).parent


def test_the_units_of_the_pages_pass() -> None:
    files = sorted(str(path) for path in UNITS.rglob("*.test.js"))
    assert len(files) >= 6, files
    # The modules have no package.json to say what they are: Node finds out by looking, and would warn about that.
    quiet = ("--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--disable-warning=ExperimentalWarning")
    # One process for all files: to start one for each takes longer than to run its tests.
    command = [node_program(), "--test", "--test-isolation=none", "--experimental-vm-modules", *quiet, *files]
    environment = {**os.environ, "LC_ALL": "en_US.UTF-8", "TZ": "UTC", "FESTIVAL_CURRENCIES": json.dumps(ISO_DIGITS)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
