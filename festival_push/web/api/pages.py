"""The pages: files of the `static` folder, sent with headers that make browsers distrust everything else."""

import os
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from festival_push.web.routing.endpoint import ANYONE, Call, Endpoint, Handler

_PACKAGE: Final = Path(__file__).parents[2]
PAGES: Final = ("customer", "vendor", "desk", "admin", "kiosk", "docs", "pay", "receipt")
_SCANS: Final = "desk"  # the page that reads guests' codes by the camera

HEADERS: Final = {
    # Everything comes from this origin, and forms go to it; no inline script, no plugin, no frame, no <base>.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Browsers ask again each time, by the ETag: after an upgrade no page may run with some modules of the old version.
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
}


_PATH_CHARS_MAX: Final = 200  # no file of ours has a longer one; to look for thousands of folders takes 50 ms


class _Ranged(FileResponse):
    """A file, or one part of it: of a request for a hundred parts, each would be opened, read and framed alone."""

    max_ranges = 1


class _Files(StaticFiles):
    def file_response(
        self, full_path: "str | os.PathLike[str]", stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, or with 304 where the browser has it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        if isinstance(response, FileResponse):
            return _Ranged(full_path, status_code=status_code, stat_result=stat_result)
        return response


def static_folder() -> Path:
    """Return the folder of the files: in the package when it is installed, beside it in a working copy."""
    installed = _PACKAGE / "static"
    return installed if installed.is_dir() else _PACKAGE.parent / "static"


async def send_static(call: Call) -> Response:
    """GET /static/…"""
    return await _send(call, call.path("path"))


def _page(page: str) -> Handler:
    async def send_page(call: Call) -> Response:
        response = await _send(call, f"pages/{page}/index.html")
        if page == _SCANS:
            response.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
        return response

    return send_page


async def send_landing(call: Call) -> Response:
    """GET /"""
    return await _send(call, "index.html")


def _redirect(path: str) -> Handler:
    async def redirect(_call: Call) -> Response:
        return RedirectResponse(path, 308, HEADERS)  # a path alone keeps the host that the browser asked

    return redirect


async def _send(call: Call, path: str) -> Response:
    """Send a file of the folder. Raises HTTPException 404; also for what lies outside it."""
    if len(path) > _PATH_CHARS_MAX:
        raise HTTPException(404)
    response = await _files().get_response(path, call.request.scope)
    response.headers.update(HEADERS)
    return response


@cache
def _files() -> StaticFiles:
    return _Files(directory=static_folder())


ENDPOINTS: Final = (
    Endpoint("GET", "/", send_landing, ANYONE),
    *(Endpoint("GET", f"/{page}/", _page(page), ANYONE) for page in PAGES),
    *(Endpoint("GET", f"/{page}", _redirect(f"/{page}/"), ANYONE) for page in PAGES),
    Endpoint("GET", "/static/{path:path}", send_static, ANYONE),
)
