"""The pages: files of the `static` folder, sent with headers that make browsers distrust everything else."""

from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from festival_push.web.routing.endpoint import ANYONE, Call, Endpoint, Handler

_PACKAGE: Final = Path(__file__).parents[2]
PAGES: Final = ("customer", "vendor", "admin", "kiosk", "docs", "pay")

HEADERS: Final = {
    # Everything comes from this origin, and forms go to it; no inline script, no plugin, no frame, no <base>.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'"
    ),
    # Browsers ask again each time, by the ETag: after an upgrade no page may run with some modules of the old version.
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def static_folder() -> Path:
    """Return the folder of the files: in the package when it is installed, beside it in a working copy."""
    installed = _PACKAGE / "static"
    return installed if installed.is_dir() else _PACKAGE.parent / "static"


async def send_static(call: Call) -> Response:
    """GET /static/…"""
    return await _send(call, call.path("path"))


def _page(file: str) -> Handler:
    async def send_page(call: Call) -> Response:
        return await _send(call, file)

    return send_page


def _redirect(path: str) -> Handler:
    async def redirect(_call: Call) -> Response:
        return RedirectResponse(path, 308, HEADERS)  # a path alone keeps the host that the browser asked

    return redirect


async def _send(call: Call, path: str) -> Response:
    """Send a file of the folder. Raises HTTPException 404; also for what lies outside it."""
    response = await _files().get_response(path, call.request.scope)
    response.headers.update(HEADERS)
    return response


@cache
def _files() -> StaticFiles:
    return StaticFiles(directory=static_folder())


ENDPOINTS: Final = (
    Endpoint("GET", "/", _page("index.html"), ANYONE),
    *(Endpoint("GET", f"/{page}/", _page(f"pages/{page}/index.html"), ANYONE) for page in PAGES),
    *(Endpoint("GET", f"/{page}", _redirect(f"/{page}/"), ANYONE) for page in PAGES),
    Endpoint("GET", "/static/{path:path}", send_static, ANYONE),
)
