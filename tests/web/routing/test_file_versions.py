"""The version of a folder's files changes with any of them, and with nothing else."""

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.web.routing.file_versions import mark_of, split_version, versioned, versions_of

SUFFIXES: Final = {".js", ".css"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui/a.js").write_text("a")
    (tmp_path / "b.css").write_text("b")
    return tmp_path


@pytest.mark.parametrize("by_content", [True, False])
def test_any_change_makes_another_version(folder: Path, *, by_content: bool) -> None:
    def look() -> str:
        return versions_of(folder, SUFFIXES, by_content=by_content).of_all

    first = look()
    assert look() == first
    (folder / "notes.txt").write_text("of no type that is sent")
    assert look() == first
    (folder / "ui/a.js").rename(folder / "ui/c.js")
    renamed = look()
    (folder / "b.css").write_text("bb")
    assert len({first, renamed, look()}) == 3


def test_files_are_listed_from_the_folder_on_each_with_its_mark(folder: Path) -> None:
    assert versions_of(folder, SUFFIXES, by_content=False).of_each == {
        path: mark_of(folder / path) for path in ("b.css", "ui/a.js")
    }


def test_by_content_a_files_time_does_not_matter(folder: Path) -> None:
    before = [versions_of(folder, SUFFIXES, by_content=by_content) for by_content in (True, False)]
    os.utime(folder / "b.css", ns=(1, 1))
    after = [versions_of(folder, SUFFIXES, by_content=by_content) for by_content in (True, False)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]


def test_a_file_that_goes_meanwhile_is_not_listed(folder: Path) -> None:
    """As when an editor puts a new one in its place: a link to nothing can't be looked at either."""
    (folder / "gone.js").symlink_to(folder / "nothing.js")
    for by_content in (True, False):
        assert set(versions_of(folder, SUFFIXES, by_content=by_content).of_each) == {"b.css", "ui/a.js"}


@given(version=st.from_regex("[0-9a-f]{16}", fullmatch=True), path=st.text(max_size=40))
def test_a_path_below_a_version_is_split_from_it(version: str, path: str) -> None:
    assert split_version(f"v-{version}/{path}") == (version, path)


@pytest.mark.parametrize(
    "path", ["ui/a.js", "v-0123/a.js", "v-0123456789ABCDEF/a.js", "v-0123456789abcdef", "v/a.js", ""]
)
def test_any_other_path_names_none(path: str) -> None:
    assert split_version(path) == ("", path)


def test_only_what_a_page_loads_is_named_by_version() -> None:
    page = b"""<script src="/static/a.js"></script><a href="/customer/">x</a><p>/static/</p>"""
    assert versioned(page, "0" * 16) == page.replace(b'"/static/', b'"/static/v-0000000000000000/')
