"""The folder in which a copy is made leaves nothing behind, whoever was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from festival_push.ops.backups.staging import staging

WORK: Final = """
import sys
from pathlib import Path
from festival_push.ops.backups.staging import staging
with staging(Path(sys.argv[1])) as made:
    (made / "copy.db").write_bytes(bytes(4096))
    print(made, flush=True)
    sys.stdin.read()
"""


def at_work(folder: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a run that works until its input ends. Return it and where it works."""
    run = subprocess.Popen(
        [sys.executable, "-c", WORK, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    return run, Path(run.stdout.readline().strip())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_killed_run_has_left_goes_with_the_next(tmp_path: Path, how: signal.Signals) -> None:
    run, made = at_work(tmp_path)
    with run:
        run.send_signal(how)
        assert run.wait() == -how
    assert (made / "copy.db").exists()
    with staging(tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]
    assert list(tmp_path.iterdir()) == []


def test_nobody_takes_the_folder_of_a_run_that_works(tmp_path: Path) -> None:
    run, made = at_work(tmp_path)
    with run:
        with staging(tmp_path) as mine:
            assert mine != made
        assert (made / "copy.db").exists()
        assert made.stat().st_mode & 0o777 == 0o700
        run.communicate()
        assert run.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_what_others_have_made_stays(tmp_path: Path) -> None:
    other = tmp_path / ".festival-push-theirs"
    other.mkdir()
    (other / "copy.db").touch()
    os.mkfifo(tmp_path / ".festival-push-fifo")
    with staging(tmp_path):
        pass
    assert (other / "copy.db").exists()
