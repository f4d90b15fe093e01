"""Which version is the one before."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.servers.processes import find_program
from tests.support.versions.programs import MIGRATIONS, NoSuchVersion, commit_before

ADDS: Final = "-- additive\nCREATE TABLE visits (at INTEGER);\n"
Commit = Callable[[str, str], str]


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Commit one file with a text, in a new repository; its id."""
    git = str(find_program("git", package="git"))
    who = {"GIT_AUTHOR_NAME": "Tests", "GIT_AUTHOR_EMAIL": "", "GIT_COMMITTER_NAME": "Tests", "GIT_COMMITTER_EMAIL": ""}
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [git, *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
            env=env,
        )
        return done.stdout.strip()

    def commit_file(name: str, text: str) -> str:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        run("add", name)
        run("commit", "-m", name)
        return run("rev-parse", "HEAD")

    run("init", "--quiet")
    commit_file("first", "")
    return commit_file


def resolved(repository: Path, commit: str) -> str:
    """The id of what may be a tag or a parent."""
    return subprocess.check_output(["git", "rev-parse", f"{commit}^{{commit}}"], cwd=repository, text=True).strip()


def before(repository: Path) -> str:
    return resolved(repository, commit_before(repository))


def test_untagged_it_is_the_last_without_the_newest_migration_if_both_may_run(tmp_path: Path, commit: Commit) -> None:
    commit(f"{MIGRATIONS}/0001_tables.sql", "CREATE TABLE users (id TEXT);\n")
    without = commit("code", "1")
    commit(f"{MIGRATIONS}/0002_visits.sql", ADDS)
    commit("code", "2")
    commit(f"{MIGRATIONS}/0002_visits.sql", ADDS + "\n")  # edited, not added
    assert before(tmp_path) == without


def test_untagged_it_is_the_first_with_the_newest_migration_if_all_must_stop(tmp_path: Path, commit: Commit) -> None:
    commit(f"{MIGRATIONS}/0001_tables.sql", ADDS)
    stopped = commit(f"{MIGRATIONS}/0002_other.sql", "DROP TABLE visits;\n")
    commit("code", "2")
    assert before(tmp_path) == stopped


def test_tagged_it_is_the_newest_tag_behind_it(tmp_path: Path, commit: Commit) -> None:
    commit(f"{MIGRATIONS}/0001_tables.sql", ADDS)
    tagged = commit("code", "1")
    subprocess.run(["git", "tag", "v1.0.0"], cwd=tmp_path, check=True)
    commit(f"{MIGRATIONS}/0002_visits.sql", ADDS)
    assert before(tmp_path) == tagged
    subprocess.run(["git", "tag", "v1.1.0"], cwd=tmp_path, check=True)
    assert before(tmp_path) == tagged, "the day of a release, too"


def test_without_history_there_is_none(tmp_path: Path, commit: Commit) -> None:
    commit(f"{MIGRATIONS}/0001_tables.sql", ADDS)
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", tmp_path.as_uri(), shallow], check=True)
    with pytest.raises(NoSuchVersion, match="no history here"):
        commit_before(shallow)
    with pytest.raises(NoSuchVersion, match="not a git repository"):
        commit_before(Path("/"))
