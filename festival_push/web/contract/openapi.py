"""The HTTP API as an OpenAPI 3.1 document, made from the endpoints and the types that they name."""

import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from festival_push.web.contract.common import TICKET, WAYS_IN, info
from festival_push.web.contract.problem_schemas import (
    TYPES,
    is_limited,
    problem_components,
    problem_schema,
    problems_of,
)
from festival_push.web.contract.schemas import PREFIX, Schema, Schemas, without_null
from festival_push.web.identity.factors.challenges import SecondStepAsked
from festival_push.web.identity.limits import WITH_PROOF
from festival_push.web.identity.proofs import PROOF_CHARS_MAX
from festival_push.web.parsing.fields import Id
from festival_push.web.parsing.presentation import REFUSALS
from festival_push.web.parsing.problems import JSON_TYPE, PROBLEM_TYPE
from festival_push.web.routing.endpoint import Access, Answer, BodyType, Endpoint, Key

_PARAMETER: Final = re.compile(r"{(\w+)(?::path)?}")
_ABOUT: Final = (
    "Cashless payment and real-time push for a festival. Amounts are integers in minor units, times RFC 3339 in UTC "
    "with milliseconds, ids opaque text. Unknown fields of a request are an error, and so is `null` for one. What "
    "happens is told on streams: see `/v1/asyncapi.json`. Any request may also meet a 405, 408 or 431 problem; "
    "an answer to a counted request carries `RateLimit-*`, every answer an `X-Request-Id`."
)
_HEADERS: Final[dict[str, Schema]] = {
    "X-Request-Id": {"description": "Names the request in the server's log.", "schema": {"type": "string"}},
    "RateLimit-Limit": {"description": "Requests a minute.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "How many are left.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Seconds until the budget is whole.", "schema": {"type": "integer"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "Idempotent-Replayed": {"description": "The answer was given before.", "schema": {"const": "true"}},
}
_WAITING: Final = frozenset({429, 503})
_REPLAYED: Final = "Idempotent-Replayed"
_LIMITS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_KEY: Final[Schema] = {
    "name": "Idempotency-Key", "in": "header",
    "description": "Made by the client for one wish, and kept until it is answered: the wish takes effect once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}  # fmt: skip
_LAST_EVENT_ID: Final[Schema] = {
    "name": "Last-Event-ID", "in": "header", "description": "The last id that came; it goes before `after`.",
    "schema": {"type": "string"},
}  # fmt: skip
_PROOF: Final[Schema] = {
    "name": "Proof-Of-Work", "in": "header", "required": False,
    "description": "`<challenge>.<nonce>`, after a 429 that held `proof`: SHA-256 of it begins with `bits` zero bits.",
    "schema": {"type": "string", "minLength": 3, "maxLength": PROOF_CHARS_MAX, "pattern": "^[!-~]+$"},
}  # fmt: skip
_REPORT: Final[Schema] = {
    "type": "object", "description": "What the provider sends; the settings say where in it the payment is.",
    "examples": [{"id": "payment-1", "amount": "12.50", "currency": "EUR", "status": "succeeded", "user_id": "anna"}],
}  # fmt: skip

_TAGS: Final = {
    "desk": "admin", "profile": "me", "notifications": "notices", "publish": "contract", "stalls": "vendors",
    "factor_sign_in": "second-step",
}  # fmt: skip
"""Tags that were published before their modules got other names, or that say it better."""


def openapi_document(endpoints: Iterable[Endpoint]) -> Schema:
    """Make the OpenAPI document of all endpoints that declare answers; the others are pages."""
    documented = [endpoint for endpoint in endpoints if endpoint.answers]
    schemas = Schemas(_types_of(documented))
    for endpoint in documented:
        if endpoint.body is not None:
            schemas.leave_defaults_to_words(endpoint.body)
    paths: dict[str, Schema] = {}
    for endpoint in documented:
        path = paths.setdefault(_PARAMETER.sub(r"{\1}", endpoint.path), {})
        path[endpoint.method.lower()] = _operation(endpoint, schemas)
    refusals = {each for endpoint in documented for each in problems_of(endpoint).items()}
    codes = sorted({code for _, found in refusals for code in found})
    inner = {*_queries_of(documented), *REFUSALS, SecondStepAsked}  # they are written out where they are used
    hidden = {schemas.of(kind)["$ref"].removeprefix(PREFIX) for kind in inner}
    named = {name: schema for name, schema in schemas.components.items() if name not in hidden}
    nouns = {_noun(endpoint): sys.modules[endpoint.handler.__module__] for endpoint in documented}
    return {
        "openapi": "3.1.0",
        "info": info(_ABOUT),
        "servers": [{"url": "/"}],
        "tags": [{"name": noun, "description": module.__doc__} for noun, module in nouns.items()],
        "paths": paths,
        "components": {
            "schemas": {**named, **problem_components(codes, schemas)},
            "responses": {_refusal_name(*each): _refusal(*each) for each in sorted(refusals)},
            "headers": _HEADERS,
            "securitySchemes": WAYS_IN,
        },
    }


def _types_of(endpoints: Sequence[Endpoint]) -> list[Any]:
    answers = [body for endpoint in endpoints for answer in endpoint.answers.values() for body in _bodies(answer)]
    bodies = [endpoint.body for endpoint in endpoints if endpoint.body is not None]
    return [Id, *bodies, *_queries_of(endpoints), *filter(_is_json, answers), *TYPES]


def _queries_of(endpoints: Sequence[Endpoint]) -> list[type[msgspec.Struct]]:
    return [endpoint.query for endpoint in endpoints if endpoint.query is not None]


def _bodies(answer: Answer) -> tuple[BodyType, ...]:
    return answer if isinstance(answer, tuple) else (answer,)


def _is_json(body: BodyType) -> bool:
    return body is not None and not isinstance(body, str)


def _noun(endpoint: Endpoint) -> str:
    module = endpoint.handler.__module__.rpartition(".")[2]
    return _TAGS.get(module, module)


def _operation(endpoint: Endpoint, schemas: Schemas) -> Schema:
    words = endpoint.handler.__name__.split("_")
    operation: Schema = {
        "operationId": words[0] + "".join(word.capitalize() for word in words[1:]),
        "tags": [_noun(endpoint)],
        "summary": " ".join(words).capitalize(),
        "description": _description(endpoint),
        "security": _security(endpoint),
    }
    if parameters := [*_path_parameters(endpoint, schemas), *_query_parameters(endpoint, schemas), *_headers(endpoint)]:
        operation["parameters"] = parameters
    if (body := _request_body(endpoint, schemas)) is not None:
        operation["requestBody"] = body
    answers = {str(status): _answer(endpoint, answer, schemas) for status, answer in endpoint.answers.items()}
    problems = {
        str(status): {"$ref": f"#/components/responses/{_refusal_name(status, codes)}"}
        for status, codes in problems_of(endpoint).items()
        if status not in endpoint.answers
    }
    operation["responses"] = dict(sorted({**answers, **problems}.items()))
    return operation


def _description(endpoint: Endpoint) -> str:
    """Return what the handler's docstring says after the method and the path, and who may call it."""
    said = inspect.getdoc(endpoint.handler) or ""
    about = re.sub(r"^[A-Z]+ /\S+\s*", "", said.partition("\n\n")[0]).replace("\n", " ").strip()
    who = f"For: {', '.join(sorted(endpoint.access))}."
    return f"{about[0].upper()}{about[1:]} {who}" if about else who


def _security(endpoint: Endpoint) -> list[Schema]:
    if Access.SIGNED in endpoint.access:
        return [{"signature": []}, {"bearer": []}]
    if Access.HOLDER in endpoint.access:
        return [{"secret": []}]
    if Access.ANYONE in endpoint.access:
        return [{}]
    ways: list[Schema] = [{"bearer": []}, {"cookie": []}]
    if endpoint.stream:
        ways.append({"ticket": []})
    if Access.PASSER_BY in endpoint.access:
        ways.append({})
    return ways


def _path_parameters(endpoint: Endpoint, schemas: Schemas) -> list[Schema]:
    names = _PARAMETER.findall(endpoint.path)
    return [{"name": name, "in": "path", "required": True, "schema": schemas.of(Id)} for name in names]


def _query_parameters(endpoint: Endpoint, schemas: Schemas) -> list[Schema]:
    if endpoint.query is None:
        return []
    schema = schemas.resolved(endpoint.query)
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": without_null(field)}
        for name, field in schema["properties"].items()
        if name != TICKET  # `_security` has it: it says who calls
    ]


def _headers(endpoint: Endpoint) -> list[Schema]:
    if endpoint.stream:
        return [_LAST_EVENT_ID]
    if endpoint.key is not Key.NONE:
        return [{**_KEY, "required": endpoint.key is Key.REQUIRED}]
    return [_PROOF] if endpoint.takes_from in WITH_PROOF else []


def _request_body(endpoint: Endpoint, schemas: Schemas) -> Schema | None:
    if Access.SIGNED in endpoint.access:
        return {"required": True, "content": {JSON_TYPE: {"schema": _REPORT}}}
    if endpoint.body is None:
        return None
    schema = schemas.resolved(endpoint.body)
    required = bool(schema["required"]) or "minProperties" in schema or "oneOf" in schema  # {} if it is left out
    return {"required": required, "content": {JSON_TYPE: {"schema": schemas.of(endpoint.body)}}}


def _answer(endpoint: Endpoint, answer: Answer, schemas: Schemas) -> Schema:
    names = ["X-Request-Id", *(_LIMITS if is_limited(endpoint) else ())]
    if endpoint.key is not Key.NONE:
        names.append(_REPLAYED)
    response: Schema = {"description": "Done.", "headers": _header_refs(names)}
    content: Schema = {}
    for body in _bodies(answer):
        if isinstance(body, str):
            content[body] = {"schema": {"type": "string"}}
        elif body is not None:
            content[JSON_TYPE] = {"schema": schemas.of(body)}
    if content:
        response["content"] = content
    return response


def _refusal(status: int, codes: Sequence[str]) -> Schema:
    response: Schema = {
        "description": "Refused: " + ", ".join(f"`{code}`" for code in codes) + ".",
        "content": {PROBLEM_TYPE: {"schema": problem_schema(codes)}},
    }
    if status in _WAITING:
        response["headers"] = _header_refs(["Retry-After"])
    return response


def _refusal_name(status: int, codes: Sequence[str]) -> str:
    """Name a response by what it refuses, so that routes that refuse the same way share it."""
    return ".".join((str(status), *codes))


def _header_refs(names: Sequence[str]) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
