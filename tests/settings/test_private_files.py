"""Files that only their owner may read."""

import stat
from pathlib import Path

import pytest

from festival_push.settings.private_files import make_private


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606, 0o777])
def test_all_rights_of_others_are_taken_and_those_of_the_owner_stay(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.touch()
    path.chmod(mode)
    assert make_private(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode & stat.S_IRWXU
    assert not make_private(path)


def test_a_file_that_goes_while_it_is_looked_at_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "festival.db-wal"
    assert not make_private(path)
    path.touch()
    path.chmod(0o644)

    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("os.chmod", gone)
    assert not make_private(path)
