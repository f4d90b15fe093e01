"""The pages: files of the `static` folder, sent with headers that make browsers distrust everything else."""

from pathlib import Path
from typing import Final

from starlette.responses import RedirectResponse, Response

from festival_push.web.routing.endpoint import ANYONE, Call, Endpoint, Handler
from festival_push.web.routing.static_files import StaticFiles

_PACKAGE: Final = Path(__file__).parents[2]
PAGES: Final = ("customer", "vendor", "desk", "admin", "kiosk", "docs", "pay", "receipt", "give-back")
_SCANS: Final = "desk"  # the page that reads guests' codes by the camera

HEADERS: Final = {
    # Everything comes from this origin, and forms go to it; no inline script, no plugin, no frame, no <base>.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Browsers ask again each time, by the ETag, for all but what is below a version (`file_versions`): after an upgrade
    # no page may run with some modules of the old one.
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def static_folder() -> Path:
    """Return the folder of the files: in the package when it is installed, beside it in a working copy."""
    installed = _PACKAGE / "static"
    return installed if installed.is_dir() else _PACKAGE.parent / "static"


def open_files(*, fixed: bool) -> StaticFiles:
    """Hold the files of the pages in memory; `fixed` as in `StaticFiles`."""
    return StaticFiles(static_folder(), HEADERS, fixed=fixed)


async def send_static(call: Call) -> Response:
    """GET /static/…"""
    return _send(call, call.path("path"))


def _page(page: str) -> Handler:
    async def send_page(call: Call) -> Response:
        response = _send(call, f"pages/{page}/index.html")
        if page == _SCANS:
            response.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
        return response

    return send_page


async def send_landing(call: Call) -> Response:
    """GET /"""
    return _send(call, "index.html")


def _redirect(path: str) -> Handler:
    async def redirect(_call: Call) -> Response:
        return RedirectResponse(path, 308, HEADERS)  # a path alone keeps the host that the browser asked

    return redirect


def _send(call: Call, path: str) -> Response:
    """Send a file of the folder. Raises HTTPException: 404, 416."""
    return call.services.files.answer(path, call.request.headers, call.request.method)


ENDPOINTS: Final = (
    Endpoint("GET", "/", send_landing, ANYONE),
    *(Endpoint("GET", f"/{page}/", _page(page), ANYONE) for page in PAGES),
    *(Endpoint("GET", f"/{page}", _redirect(f"/{page}/"), ANYONE) for page in PAGES),
    Endpoint("GET", "/static/{path:path}", send_static, ANYONE),
)
