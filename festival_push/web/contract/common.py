"""What both documents of the contract say alike: what it is, and how a caller is known."""

from importlib.metadata import version
from typing import Any, Final

from festival_push.web.contract.schemas import Schema

TICKET: Final = "ticket"
WAYS_IN: Final[dict[str, Schema]] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A session or a display."},
    "cookie": {
        "type": "apiKey", "in": "cookie", "name": "fp_session",
        "description": "For pages of the server itself; `__Host-fp_session` in production.",
    },
    TICKET: {
        "type": "apiKey", "in": "query", "name": TICKET,
        "description": "Opens one stream, where a browser can send neither header nor cookie.",
    },
    "secret": {
        "type": "http", "scheme": "bearer", "description": "Opens one thing; it came with the answer that made it.",
    },
    "signature": {
        "type": "apiKey", "in": "header", "name": "webhook-signature",
        "description": "Standard Webhooks, with `webhook-id` and `webhook-timestamp`; or a secret as bearer token.",
    },
}  # fmt: skip
"""The security schemes, in OpenAPI's words."""


def info(about: str) -> dict[str, Any]:
    """Return the head of a document: its title and version, what it is about, and whose it is."""
    return {
        "title": "Festival Push",
        "version": version("festival-push"),
        "description": about,
        "contact": {"name": "Whoever runs this server"},
        "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html"},
    }
