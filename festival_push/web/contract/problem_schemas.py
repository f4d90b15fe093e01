"""The problems of each route, and their JSON schemas: one for each code, with the facts that come with it."""

from collections.abc import Iterable, Iterator
from typing import Final

from festival_push.domain import refusals
from festival_push.domain.refusals import Refused
from festival_push.web.contract.schemas import PREFIX, Schema, Schemas
from festival_push.web.identity.factors.challenges import SECOND_FACTOR_REQUIRED, SecondStepAsked
from festival_push.web.identity.limits import BudgetKind
from festival_push.web.identity.proofs import WantedWork
from festival_push.web.parsing.presentation import REFUSALS, RETRIED, WITH_FIELDS
from festival_push.web.parsing.problems import FieldError, fact_name
from festival_push.web.routing.endpoint import Access, Endpoint, Key

OPEN: Final = frozenset({Access.ANYONE, Access.SIGNED, Access.HOLDER})
PROBLEM: Final = "Problem"
TYPES: Final = (*REFUSALS, FieldError, WantedWork, SecondStepAsked)
"""What `Schemas` must know for the functions below."""

_BY_CODE: Final[dict[str, type[Refused]]] = {refusal.code: refusal for refusal in REFUSALS}
_RETRY: Final[Schema] = {
    "retryable": {"type": "boolean"},
    "retryAfter": {"type": "integer", "description": "Seconds."},
    "requestId": {"type": "string", "description": "Of a 5xx: what the server's log has it under."},
}


def problems_of(endpoint: Endpoint) -> dict[int, tuple[str, ...]]:
    """Return the codes of an endpoint's problems by status, both sorted."""
    found: dict[int, set[str]] = {}
    for status, code in (*_common(endpoint), *_own(endpoint)):
        found.setdefault(status, set()).add(code)
    if not any(400 <= status < 500 for status in found):
        found[431] = {"headers-too-large"}  # what any route may meet stands with those that refuse nothing else
    return {status: tuple(sorted(codes)) for status, codes in sorted(found.items())}


def is_limited(endpoint: Endpoint) -> bool:
    """Return whether a caller's calls are counted; if so, the answers say how many are left."""
    return endpoint.takes_from is not BudgetKind.NONE


def problem_schema(codes: Iterable[str]) -> Schema:
    """Return the schema of a problem with one of these codes."""
    options: list[Schema] = [{"$ref": PREFIX + problem_name(code)} for code in codes]
    return options[0] if len(options) == 1 else {"oneOf": options}


def problem_components(codes: Iterable[str], schemas: Schemas) -> dict[str, Schema]:
    """Return the schemas of the problems with these codes, by name, and the schema that they share."""
    components = {problem_name(code): _component(code, schemas) for code in codes}
    required: Schema = {
        "type": {"type": "string", "format": "uri-reference", "description": "`/problems/<code>`"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "What a program goes by."},
    }
    request_id = {"type": "string", "description": "Of a 5xx: names the request in the server's log."}
    problem: Schema = {
        "title": PROBLEM,
        "description": "RFC 9457 problem details; facts that belong to the code stand beside them.",
        "type": "object",
        "properties": {**required, "requestId": request_id},
        "required": list(required),
    }
    return {PROBLEM: problem, **components}


def problem_name(code: str) -> str:
    """Return the schema name of a code: `insufficient-funds` is an InsufficientFundsProblem."""
    return "".join(word.capitalize() for word in code.split("-")) + "Problem"


def _component(code: str, schemas: Schemas) -> Schema:
    facts: Schema = {}
    schema: Schema = {"title": problem_name(code)}
    if (refusal := _BY_CODE.get(code)) is not None:
        schema["description"] = refusal.title
        fields = schemas.resolved(refusal)
        facts = {fact_name(name): field for name, field in fields["properties"].items()}
        if refusal is not refusals.NotFound:  # a 404 for an unknown address has no `what`
            schema["required"] = list(map(fact_name, fields.get("required", ())))
    if code in WITH_FIELDS:
        facts["errors"] = {"type": "array", "items": schemas.of(FieldError)}
    if code == "payment-conflict":
        facts["transactionId"] = {"type": ["string", "null"]}
    if code == "rate-limited":
        facts["proof"] = schemas.of(WantedWork)
    if code == SECOND_FACTOR_REQUIRED:
        facts = dict(schemas.resolved(SecondStepAsked)["properties"])
        schema["required"] = ["challenge", "methods"]
    if code in RETRIED:
        facts = _RETRY | facts
    schema["allOf"] = [{"$ref": PREFIX + PROBLEM}]
    schema["properties"] = {"code": {"const": code}, **facts}
    return schema


def _own(endpoint: Endpoint) -> Iterator[tuple[int, str]]:
    for refusal in endpoint.refuses:
        yield (REFUSALS[refusal].status, refusal.code) if isinstance(refusal, type) else refusal


def _common(endpoint: Endpoint) -> Iterator[tuple[int, str]]:
    """Yield the problems that follow from who may call it, what it takes, and what it needs to work."""
    yield 500, "internal"
    if "{" in endpoint.path:
        yield 404, "not-found"
    if not endpoint.access & OPEN:
        yield from ((401, code) for code in ("unauthorized", "token-expired", "session-ended", "display-revoked"))
        yield from ((403, code) for code in ("forbidden", "suspended"))
        if endpoint.access & {Access.USER, Access.ADMIN} and not endpoint.unproven:
            yield 403, "second-factor-missing"
    if is_limited(endpoint) and not endpoint.stream:  # that one ends at once, and says when to come back
        yield 429, "rate-limited"
    if endpoint.query is not None or not endpoint.safe:
        yield 400, "invalid-request"
    if not endpoint.stream and not (endpoint.safe and Access.ANYONE in endpoint.access):
        yield from ((503, code) for code in ("overloaded", "unavailable"))
    if not endpoint.safe:
        yield from _of_commands(endpoint)


def _of_commands(endpoint: Endpoint) -> Iterator[tuple[int, str]]:
    yield from ((415, code) for code in ("unsupported-encoding", "unsupported-media-type"))
    yield 413, "body-too-large"
    if Access.SIGNED not in endpoint.access:
        yield 403, "cross-site"
    if endpoint.key is not Key.NONE:
        yield 400, "idempotency-key-invalid"
        yield 422, refusals.IdempotencyKeyReused.code
    if endpoint.key is Key.REQUIRED:
        yield 400, "idempotency-key-required"
