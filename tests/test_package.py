"""What is built from here carries everything that the server needs to run elsewhere."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from tests.support.layout import ROOT, tracked_files

# Where a folder or file of the repository lies in the wheel; see the build settings in pyproject.toml.
CARRIED: Final = {
    "festival_push": "festival_push",
    "static": "festival_push/static",
    "config.toml": "festival_push/config.toml",
}


def test_the_wheel_carries_code_migrations_pages_and_settings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        "/".join([CARRIED[top], *below])
        for top, *below in (path.relative_to(ROOT).parts for path in tracked_files())
        if top in CARRIED
    }
    assert {
        "festival_push/__init__.py",
        "festival_push/static/sdk/wire/stream.js",
        "festival_push/config.toml",
    } <= expected
    assert expected - packed == set()
