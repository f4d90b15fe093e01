"""Files are sent as they are or compressed, in part or not at all, and only those of the folder."""

import gzip
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

from festival_push.web.routing import static_files
from festival_push.web.routing.file_versions import FOREVER, mark_of
from festival_push.web.routing.static_files import StaticFiles

SCRIPT: Final = b"export const much = 'of the same, of the same, of the same, of the same, of the same';\n" * 3
PAGE: Final = b"""<link rel="icon" href="/static/icon.svg"><a href="/customer/">/static/</a>
<script src="/static/ui/much.js"></script>"""
TINY: Final = b"let x\n"  # which gzip makes larger
HEADERS: Final = {"Cache-Control": "no-cache", "X-Ours": "yes"}

Answer = Callable[..., Response]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "ui").mkdir(parents=True)
    (folder / "ui/much.js").write_bytes(SCRIPT)
    (folder / "tiny.js").write_bytes(TINY)
    (folder / "empty.css").write_bytes(b"")
    (folder / "page.html").write_bytes(PAGE)
    (folder / "notes.txt").write_text("of no type that is sent")
    (folder / "folder.js").mkdir()
    (tmp_path / "secret.js").write_text("outside")
    return folder


@pytest.fixture(params=[True, False], ids=["fixed", "as they are now"])
def answer(request: pytest.FixtureRequest, folder: Path) -> Answer:
    """What is answered to a path and headers."""
    files = StaticFiles(folder, HEADERS, fixed=request.param)
    return lambda path, **asked: files.answer(path, Headers({name.replace("_", "-"): asked[name] for name in asked}))


def plainly(files: StaticFiles) -> Answer:
    """What is answered to a path alone."""
    return lambda path: files.answer(path, Headers())


def status_of(answer: Answer, path: str) -> int:
    try:
        return answer(path).status_code
    except HTTPException as error:
        return error.status_code


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True), ("gzip, deflate, br, zstd", True), ("br;q=1.0, GZIP;q=0.2", True), ("gzip ; q=0.001", True),
        ("", False), ("identity", False), ("gzip;q=0", False), ("br, gzip; q=0.000", False), ("notgzip", False),
    ],
)  # fmt: skip
def test_who_takes_gzip_gets_it(answer: Answer, accepted: str, *, compressed: bool) -> None:
    sent = answer("ui/much.js", accept_encoding=accepted)
    assert sent.status_code == 200
    assert sent.headers["vary"] == "Accept-Encoding"
    assert sent.headers["content-type"] == "text/javascript; charset=utf-8"
    assert sent.headers["x-ours"] == "yes"
    assert sent.headers["content-length"] == str(len(sent.body))
    assert sent.headers.get("content-encoding") == ("gzip" if compressed else None)
    assert (gzip.decompress(bytes(sent.body)) if compressed else sent.body) == SCRIPT
    assert (len(sent.body) < len(SCRIPT)) == compressed


@pytest.mark.parametrize(("path", "content"), [("tiny.js", TINY), ("empty.css", b"")])
def test_what_gzip_would_make_larger_is_sent_as_it_is(answer: Answer, path: str, content: bytes) -> None:
    sent = answer(path, accept_encoding="gzip")
    assert (sent.body, sent.headers.get("content-encoding")) == (content, None)


def test_each_encoding_has_its_own_etag_on_every_server(answer: Answer, folder: Path) -> None:
    plain, compressed = (answer("ui/much.js", accept_encoding=accepted) for accepted in ("", "gzip"))
    assert plain.headers["etag"] != compressed.headers["etag"]
    os.utime(folder / "ui/much.js", ns=(1, 1))  # another server's copy of it
    elsewhere = StaticFiles(folder, HEADERS, fixed=True).answer("ui/much.js", Headers())
    assert elsewhere.headers["etag"] == plain.headers["etag"]


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_who_has_it_is_sent_nothing(answer: Answer, accepted: str) -> None:
    etag = answer("ui/much.js", accept_encoding=accepted).headers["etag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = answer("ui/much.js", accept_encoding=accepted, if_none_match=held)
        assert (again.status_code, again.body) == (304, b""), held
        assert {name: again.headers.get(name) for name in ("etag", "vary", "cache-control", "content-encoding")} == {
            "etag": etag, "vary": "Accept-Encoding", "cache-control": "no-cache", "content-encoding": None,
        }  # fmt: skip
    other = answer("ui/much.js", accept_encoding="gzip" if not accepted else "").headers["etag"]
    for held in ('"other"', etag.strip('"'), other, ""):
        assert answer("ui/much.js", accept_encoding=accepted, if_none_match=held).status_code == 200, held


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=2-5", 2, 6),
        ("bytes=0-0", 0, 1),
        ("bytes=7-", 7, None),
        ("bytes=-3", -3, None),
        ("bytes=0-99999", 0, None),
    ],
)
def test_a_part_is_of_the_file_as_it_is(answer: Answer, wanted: str, begin: int, end: int | None) -> None:
    part = answer("ui/much.js", range=wanted, accept_encoding="gzip")
    assert (part.status_code, part.body) == (206, SCRIPT[begin:end])
    first = begin % len(SCRIPT)
    assert part.headers["content-range"] == f"bytes {first}-{first + len(part.body) - 1}/{len(SCRIPT)}"
    assert "content-encoding" not in part.headers
    assert part.headers["etag"] == answer("ui/much.js").headers["etag"]


@pytest.mark.parametrize("wanted", ["bytes=0-0,2-2", "lines=1-2", "bytes=a-b", "bytes=-", "bytes=0-9999999999", ""])
def test_a_part_that_is_none_or_several_is_the_whole(answer: Answer, wanted: str) -> None:
    whole = answer("ui/much.js", range=wanted)
    assert (whole.status_code, whole.body) == (200, SCRIPT)


@pytest.mark.parametrize("wanted", ["bytes=99999-", "bytes=5-2", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(answer: Answer, wanted: str) -> None:
    with pytest.raises(HTTPException) as refused:
        answer("ui/much.js", range=wanted)
    assert refused.value.status_code == 416
    assert refused.value.headers == {"Content-Range": f"bytes */{len(SCRIPT)}"}


@pytest.mark.parametrize("wanted", ["bytes=0-3", "bytes=99999-"])
def test_a_head_is_never_that_of_a_part(folder: Path, wanted: str) -> None:
    asked = Headers({"range": wanted, "accept-encoding": "gzip"})
    head = StaticFiles(folder, HEADERS, fixed=True).answer("ui/much.js", asked, "HEAD")
    assert (head.status_code, head.headers["content-encoding"]) == (200, "gzip")
    assert "content-range" not in head.headers


def test_a_part_of_another_version_is_the_whole_of_this_one(answer: Answer) -> None:
    etag = answer("ui/much.js").headers["etag"]
    assert answer("ui/much.js", range="bytes=0-1", if_range=etag).status_code == 206
    for other in ('"other"', f"W/{etag}", "Sat, 28 Nov 2026 12:00:00 GMT"):
        assert answer("ui/much.js", range="bytes=0-1", if_range=other).status_code == 200, other


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "ui", "ui/", "no.js", "notes.txt", "folder.js", "../secret.js", "ui/../../secret.js", "./tiny.js",
        "ui/./much.js", "ui//much.js", "/tiny.js", "tiny.js/", "tiny.js\n", "tiny.js\0", "tiny\\.js", "ui\\much.js",
        "tiny.js/more.js", "x" * 300 + ".js", "\udcff.js", "TINY.JS",
    ],
)  # fmt: skip
def test_nothing_else_is_found(answer: Answer, path: str) -> None:
    assert status_of(answer, path) == 404


@given(parts=st.lists(st.sampled_from(["..", ".", "", "ui", "secret.js", "static", "tiny.js", "much.js", "~", "\0"])))
def test_no_path_leads_out_of_the_folder(parts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("around") / "static"
    (folder / "ui").mkdir(parents=True)
    (folder / "tiny.js").write_bytes(TINY)
    (folder / "ui/much.js").write_bytes(SCRIPT)
    (folder.parent / "secret.js").write_text("outside")
    path = "/".join(parts)
    for fixed in (True, False):
        files = StaticFiles(folder, {}, fixed=fixed)
        assert status_of(plainly(files), path) == (200 if path in {"tiny.js", "ui/much.js"} else 404), path


def test_nothing_is_looked_for_behind_a_long_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: list[Path | str] = []

    def look(path: Path | str) -> str:
        looked_for.append(path)
        return mark_of(path)

    monkeypatch.setattr(static_files, "mark_of", look)
    files = StaticFiles(folder, {}, fixed=False)
    assert status_of(plainly(files), "x" * 197 + ".js") == 404
    assert looked_for
    looked_for.clear()
    for path in ("x" * 198 + ".js", "../" * 2_000, "ui/" * 2_000 + "much.js"):
        assert status_of(plainly(files), path) == 404
    assert not looked_for


def test_a_changed_file_is_sent_at_the_next_reload(folder: Path) -> None:
    files = StaticFiles(folder, {}, fixed=False)
    first = files.answer("tiny.js", Headers())
    (folder / "tiny.js").write_bytes(b"let y\n")
    os.utime(folder / "tiny.js", ns=(1, 1))  # of another time, however coarse the clock of the disk is
    (folder / "new.js").write_bytes(TINY)
    changed = files.answer("tiny.js", Headers({"If-None-Match": first.headers["etag"]}))
    assert (changed.status_code, changed.body) == (200, b"let y\n")
    assert files.answer("new.js", Headers()).status_code == 200
    (folder / "tiny.js").unlink()
    assert status_of(plainly(files), "tiny.js") == 404


def test_fixed_files_stay_what_they_were_while_the_package_is_upgraded(folder: Path) -> None:
    files = StaticFiles(folder, {}, fixed=True)
    (folder / "tiny.js").write_bytes(b"let y\n")
    (folder / "ui/much.js").unlink()
    assert files.answer("tiny.js", Headers()).body == TINY
    assert files.answer("ui/much.js", Headers()).body == SCRIPT


def test_a_file_that_is_asked_for_often_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = StaticFiles(folder, {}, fixed=False)
    assert files.held_bytes == 0
    files.answer("ui/much.js", Headers())
    held = files.held_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read again"))
    assert files.answer("ui/much.js", Headers()).body == SCRIPT
    assert files.held_bytes == held > len(SCRIPT)


def named_by(answer: Answer) -> str:
    """The folder of the version that the page names, from the folder on."""
    page = bytes(answer("page.html").body)
    found = re.search(rb'src="/static/(v-[0-9a-f]{16}/)ui/much.js"', page)
    assert found is not None
    assert page.replace(found.group(1), b"") == PAGE
    assert page.count(found.group(1)) == 2
    return found.group(1).decode()


def test_what_a_page_names_is_kept_for_ever_and_the_page_is_not(answer: Answer) -> None:
    below, plain = named_by(answer), answer("ui/much.js")
    kept = answer(f"{below}ui/much.js")
    assert (kept.body, kept.headers["etag"], kept.headers["x-ours"]) == (SCRIPT, plain.headers["etag"], "yes")
    again = answer(f"{below}ui/much.js", if_none_match=plain.headers["etag"])
    part = answer(f"{below}ui/much.js", range="bytes=0-1")
    assert [one.status_code for one in (kept, again, part)] == [200, 304, 206]
    assert {one.headers["cache-control"] for one in (kept, again, part)} == {FOREVER}
    assert {answer(path).headers["cache-control"] for path in ("page.html", "ui/much.js")} == {"no-cache"}


@pytest.mark.parametrize("version", ["v-0123456789abcdef", "v-0000000000000000"])
def test_the_files_of_another_servers_version_are_sent_and_not_kept(answer: Answer, version: str) -> None:
    """While servers of two versions run, a page of one may ask the other."""
    sent = answer(f"{version}/ui/much.js")
    assert (sent.status_code, sent.body, sent.headers["cache-control"]) == (200, SCRIPT, "no-cache")


@pytest.mark.parametrize(
    "path", ["{}", "{}no.js", "{}../secret.js", "{}{}tiny.js", "x/{}tiny.js", "{}/tiny.js", "v-1/tiny.js"]
)
def test_a_version_has_no_other_files(answer: Answer, path: str) -> None:
    assert status_of(answer, path.replace("{}", named_by(answer))) == 404


def test_servers_with_the_same_files_name_the_same_version(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder, elsewhere)
    os.utime(elsewhere / "tiny.js", ns=(1, 1))
    named = {named_by(plainly(StaticFiles(one, HEADERS, fixed=True))) for one in (folder, elsewhere)}
    assert len(named) == 1
    (elsewhere / "tiny.js").write_bytes(b"let y\n")
    assert named_by(plainly(StaticFiles(elsewhere, HEADERS, fixed=True))) not in named


def test_a_page_names_another_version_when_any_file_has_changed(folder: Path) -> None:
    answer = plainly(StaticFiles(folder, HEADERS, fixed=False))
    before = named_by(answer)
    assert named_by(answer) == before
    (folder / "tiny.js").write_bytes(b"let y\n")
    os.utime(folder / "tiny.js", ns=(1, 1))
    assert answer(f"{before}tiny.js").headers["cache-control"] == "no-cache"  # it is not what that page was sent with
    assert answer(f"{before}ui/much.js").headers["cache-control"] == FOREVER
    after = named_by(answer)
    assert after != before
    assert answer(f"{after}tiny.js").headers["cache-control"] == FOREVER
    assert answer(f"{before}ui/much.js").headers["cache-control"] == "no-cache"
