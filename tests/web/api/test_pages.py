"""The pages come whole, with headers that let a browser distrust everything else."""

import re
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from festival_push.web.api import pages
from festival_push.web.api.pages import PAGES, static_folder
from festival_push.web.routing.static_files import TYPES
from tests.support.layout import ROOT
from tests.web.world import World

FILES = sorted(
    path.relative_to(ROOT / "static").as_posix()
    for path in (ROOT / "static").rglob("*")
    if path.is_file() and path.suffix != ".ts"
)
"""All but the declarations of types, which no browser asks for."""
HELD_BYTES_MAX = 3_000_000  # in each process


def plainly(page: bytes) -> bytes:
    """Return a page without the version of the files that it names."""
    return re.sub(rb'="/static/v-[0-9a-f]{16}/', b'="/static/', page)


@pytest.mark.parametrize("path", ["/", *(f"/{page}/" for page in PAGES)])
async def test_a_page_is_sent(world: World, path: str) -> None:
    response = await world.http.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    folder = ROOT / "static" if path == "/" else ROOT / "static/pages" / path.strip("/")
    assert plainly(response.content) == (folder / "index.html").read_bytes()
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    camera = "(self)" if path == "/desk/" else "()"  # the desk scans guests' codes
    policy = f"camera={camera}, geolocation=(), microphone=(), payment=(), usb=()"
    assert response.headers["permissions-policy"] == policy


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_is_found_without_its_slash(world: World, page: str) -> None:
    response = await world.http.get(f"/{page}", headers={"Host": "evil.test"})
    assert (response.status_code, response.headers["location"]) == (308, f"/{page}/")


async def test_every_file_is_sent_as_what_it_is(world: World) -> None:
    types = {"js": "text/javascript", "css": "text/css", "html": "text/html", "svg": "image/svg+xml"}
    for file in FILES:
        response = await world.http.get(f"/static/{file}")
        assert response.status_code == 200, file
        assert response.headers["content-type"].startswith(types[file.rpartition(".")[2]]), file
        assert "content-security-policy" in response.headers


async def test_everything_that_a_page_names_exists(world: World) -> None:
    for page in ("", *(f"{page}/" for page in PAGES)):
        text = (await world.http.get(f"/{page}")).text
        for path in re.findall(r'(?:src|href)="(/[^"#?]*)', text):
            assert (await world.http.head(path)).status_code == 200, (page, path)


async def test_a_file_is_sent_again_only_when_it_changed(world: World) -> None:
    first = await world.http.get("/static/sdk/wire/stream.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await world.http.get("/static/sdk/wire/stream.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "content-security-policy" in again.headers


async def test_a_head_tells_the_length_of_the_whole_file(world: World) -> None:
    asked = {"Range": "bytes=0-3"}
    head, whole = [await world.http.head("/", headers=headers) for headers in (asked, {})]
    assert (head.status_code, head.headers["content-length"]) == (200, whole.headers["content-length"])
    assert (await world.http.get("/", headers=asked)).status_code == 206


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/js", "/static/nothing.js", "/static/../config.toml", "/static/%2e%2e/config.toml",
        "/static/..%2fconfig.toml", "/static//etc/passwd", "/static/%2fetc/passwd", "/static/%00",
        "/static/" + "x" * 300,
        "/static/js/%5c..%5c..%5cconfig.toml", "/nothing", "/customer/../../config.toml", "/static/%ff",
    ],
)  # fmt: skip
async def test_nothing_else_is_sent(world: World, path: str) -> None:
    response = await world.http.get(path)
    assert response.status_code == 404, path
    assert response.headers["content-type"] == "application/problem+json"


async def test_files_are_only_read(world: World) -> None:
    response = await world.http.post("/static/sdk/wire/stream.js", json={})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_an_installed_package_brings_its_own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert static_folder() == ROOT / "static"
    (tmp_path / "festival_push" / "static").mkdir(parents=True)
    monkeypatch.setattr(pages, "_PACKAGE", tmp_path / "festival_push")
    assert static_folder() == tmp_path / "festival_push" / "static"


async def test_one_part_of_a_file_is_sent_and_not_a_hundred(world: World) -> None:
    whole = await world.http.get("/customer/")
    part = await world.http.get("/customer/", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    many = await world.http.get("/customer/", headers={"Range": "bytes=0-0,2-2"})
    assert (many.status_code, many.content) == (200, whole.content)


async def test_production_sends_the_same_files(world: World) -> None:
    """It reads all of them at the start, and holds them."""
    fixed = pages.open_files(fixed=True)
    for file in FILES:
        in_production, here = fixed.answer(file, Headers()), await world.http.get(f"/static/{file}")
        assert plainly(bytes(in_production.body)) == plainly(here.content), file
        assert in_production.headers["etag"] == here.headers["etag"].replace("-gzip", "") or file.endswith(".html")
    assert 1_000_000 < fixed.held_bytes < HELD_BYTES_MAX


def test_each_file_has_a_type() -> None:
    """Whatever the folder holds has a type, or it would be missing in every browser."""
    suffixes = {path.suffix for path in (ROOT / "static").rglob("*") if path.is_file()}
    assert suffixes == set(TYPES)
