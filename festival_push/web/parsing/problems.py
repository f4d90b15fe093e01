"""Every error as RFC 9457 problem details. `presentation.py` says how each refusal of the rules looks."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from festival_push.domain.refusals import Refused
from festival_push.ops.logs import REQUEST_ID
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable
from festival_push.web.parsing.presentation import REFUSALS

PLACES_MAX: Final = 10
"""How many places of a request an answer names, however many are wrong."""
ECHO_CHARS_MAX: Final = 100
"""How much of what a client sent an answer tells of each place: names, values, paths."""

PROBLEM_TYPE: Final = "application/problem+json"
JSON_TYPE: Final = "application/json"
_UNAVAILABLE_RETRY_S: Final = 2

_log = logging.getLogger(__name__)


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field of a request: `items[0].quantity`."""

    field: str
    message: str


class ProblemError(Exception):
    """A request that the web edge itself refuses."""

    def __init__(
        self, status: int, code: str, title: str, detail: str | None = None,
        *, headers: Mapping[str, str] | None = None, **extra: object,
    ) -> None:  # fmt: skip
        super().__init__(f"{status} {code}: {detail or title}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


class BadRequest(ProblemError):
    """The request can't be understood: 400 `invalid-request`, with the first `PLACES_MAX` fields that are wrong."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = (), *, code: str = "invalid-request") -> None:
        super().__init__(400, code, "The request is not valid.", detail)
        if errors:
            self.extra["errors"] = list(errors[:PLACES_MAX])


class Unauthorized(ProblemError):
    """Unknown caller: 401. `code` says why: unauthorized, token-expired, session-ended, display-revoked, token-spent,
    invalid-credentials, bad-signature.
    """

    def __init__(self, code: str = "unauthorized", detail: str | None = None) -> None:
        wrong = code in {"invalid-credentials", "bad-signature"}
        title = "The credentials are not right." if wrong else "Sign in first."
        super().__init__(401, code, title, detail, headers={"WWW-Authenticate": "Bearer"})


class TooBusy(ProblemError):
    """The server can't do it for now: 503 with `Retry-After`; the same request may be sent again."""

    def __init__(self, code: str, title: str, *, retry_after_s: int) -> None:
        headers = {"Retry-After": str(retry_after_s)}
        super().__init__(503, code, title, headers=headers, retryable=True, retryAfter=retry_after_s)


def field_error(field: str, message: str) -> BadRequest:
    """Return the error for a request of which one field is wrong. Both texts are cut to `ECHO_CHARS_MAX` characters."""
    field, message = field[:ECHO_CHARS_MAX], message[:ECHO_CHARS_MAX]
    return BadRequest(f"{field}: {message}", [FieldError(field, message)])


def problem(
    status: int, code: str, title: str, detail: str | None = None,
    *, headers: Mapping[str, str] | None = None, **extra: object,
) -> Response:  # fmt: skip
    """Answer with problem details; `extra` are further members, named as on the wire."""
    if status >= 500:  # a person who reports it quotes this, and the log has the rest
        extra["requestId"] = REQUEST_ID.get()
    body = _body(status, code, title, detail, extra)
    return Response(body, status, headers=dict(headers or {}), media_type=PROBLEM_TYPE)


def refusal_answer(refused: Refused) -> tuple[int, bytes]:
    """Return the status and the body for a rule's refusal; they are also what an idempotency key keeps."""
    shown = REFUSALS[type(refused)]
    extra: dict[str, object] = {fact_name(name): value for name, value in refused.params().items()}
    if shown.retried:
        extra["retryable"] = True
    if shown.field is not None:
        extra["errors"] = [FieldError(shown.field, "is required")]
    return shown.status, _body(shown.status, refused.code, refused.title, None, extra)


def to_problem(error: Exception) -> Response:
    """Turn any error into an answer. The details of an unexpected one are logged, and not sent."""
    match error:
        case Refused():
            return _refusal(error)
        case HTTPException():
            return _http_problem(error)
        case ProblemError():
            known = error
        case Overloaded():
            known = TooBusy("overloaded", "Too much is waiting already.", retry_after_s=error.retry_after)
        case Unavailable():
            known = TooBusy("unavailable", "The database can't be reached.", retry_after_s=_UNAVAILABLE_RETRY_S)
        case ClientDisconnect():
            known = ProblemError(400, "disconnected", "The request ended early.")  # nobody reads it
        case _:
            if not isinstance(error, CommandFailed):  # the committer has logged that one
                _log.error("unexpected error", exc_info=error)
            known = ProblemError(500, "internal", "Something went wrong here; it was logged.", retryable=True)
    return problem(known.status, known.code, known.title, known.detail, headers=known.headers, **known.extra)


def _refusal(refused: Refused) -> Response:
    status, body = refusal_answer(refused)
    headers = {}
    if (retry_after_s := refused.params().get("retry_after")) is not None:
        headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body, status, headers=headers, media_type=PROBLEM_TYPE)


def _http_problem(error: HTTPException) -> Response:
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "-").replace("'", "")
    detail = None if error.detail == phrase else error.detail
    return problem(error.status_code, code, f"{phrase}.", detail, headers=error.headers)


class _Coded(msgspec.Struct):
    code: str


def _body(status: int, code: str, title: str, detail: str | None, extra: Mapping[str, object]) -> bytes:
    body: dict[str, object] = {"type": f"/problems/{code}", "title": title, "status": status}
    return msgspec.json.encode({**body, "detail": detail or title, "code": code, **extra})


def code_of(body: bytes) -> str:
    """Return the code of a problem's body, for the metrics."""
    return msgspec.json.decode(body, type=_Coded).code


def fact_name(name: str) -> str:
    """Return a fact's name in the problem: camelCase; `orderStatus`, for `status` is the answer's own."""
    if name == "status":
        return "orderStatus"
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
