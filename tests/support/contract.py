"""The published contract as a judge: whether an answer or an event is what the documents say, and nothing besides."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import jsonschema_rs

from festival_push.web.contract.asyncapi import asyncapi_document
from festival_push.web.contract.openapi import openapi_document
from festival_push.web.routes import ENDPOINTS

Json = dict[str, Any]

OPENAPI: Final[Json] = json.loads(json.dumps(openapi_document(ENDPOINTS)))
ASYNCAPI: Final[Json] = json.loads(json.dumps(asyncapi_document()))
_PATHS: Final = {re.compile(re.sub(r"{\w+}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))): methods
                 for path, methods in OPENAPI["paths"].items()}  # fmt: skip
_ANYWHERE: Final = {405: "method-not-allowed", 408: "request-timeout", 431: "headers-too-large"}
"""What any route may meet."""


def answer_findings(method: str, path: str, status: int, content_type: str, body: bytes) -> list[str]:
    """What is wrong with an answer, one sentence each. Paths that are not in the contract are not judged."""
    operation = _operation(method, path)
    if operation is None:
        return []
    if status in _ANYWHERE:
        found = [] if json.loads(body)["code"] == _ANYWHERE[status] else ["this code does not belong to this status"]
    elif (response := operation["responses"].get(str(status))) is None:
        found = ["there is no such status in the contract"]
    else:
        found = _body_findings(resolved(OPENAPI, response).get("content", {}), content_type, body)
    return [f"{method} {path} {status}: {finding}: {body[:300]!r}" for finding in found]


def _body_findings(content: Json, content_type: str, body: bytes) -> list[str]:
    if not content:
        return ["there should be no body"] if body else []
    media_type = content_type.partition(";")[0]
    if media_type not in content:
        return [f"it is {content_type}"]
    return findings(OPENAPI, content[media_type]["schema"], json.loads(body)) if media_type.endswith("json") else []


def event_findings(address: str, event: str, data: str) -> list[str]:
    """What is wrong with an event of the stream at this address."""
    channel = next(channel for channel in ASYNCAPI["channels"].values() if channel["address"] == address)
    if (message := channel["messages"].get(event)) is None:
        return [f"{address} tells no {event}"]
    payload = resolved(ASYNCAPI, message)["payload"]
    return [f"{event}: {finding}" for finding in findings(ASYNCAPI, payload, json.loads(data))]


def findings(document: Json, schema: Json, value: object) -> list[str]:
    """Where a value departs from a schema of a document; a field that the schema doesn't name is a departure."""
    validator = _validator(id(document), json.dumps(schema))
    return [f"{error.instance_path} {error.message[:300]}" for error in validator.iter_errors(value)]


def resolved(document: Json, node: Json) -> Json:
    """What a node's reference leads to, however far; the node itself if it is none."""
    while "$ref" in node:
        target: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def references(node: object) -> list[str]:
    """Every `$ref` in a document."""
    match node:
        case Mapping():
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [ref for value in node.values() for ref in references(value)]
        case list():
            return [ref for value in node for ref in references(value)]
        case _:
            return []


@cache
def _operation(method: str, path: str) -> Json | None:
    """The first that matches, a fixed path before one with parameters."""
    paths: Json = OPENAPI["paths"]
    exact: Json | None = paths.get(path)
    methods = exact or next((found for pattern, found in _PATHS.items() if pattern.fullmatch(path)), {})
    return methods.get(method.lower())


@cache
def _validator(document: int, schema: str) -> jsonschema_rs.Draft202012Validator:
    own, components = json.loads(schema), _closed_components(document)
    needed = {name: components[name] for name in _reached(own, components)}  # with all, one takes a megabyte
    return jsonschema_rs.Draft202012Validator({**_closed(own), "components": {"schemas": needed}})


def _reached(schema: Json, components: Json) -> set[str]:
    """The names of the components that a schema leads to."""
    names: set[str] = set()
    left = [schema]
    while left:
        found = {reference.removeprefix("#/components/schemas/") for reference in references(left.pop())} - names
        names |= found
        left += [components[name] for name in found]
    return names


@cache
def _closed_components(document: int) -> Json:
    source = OPENAPI if document == id(OPENAPI) else ASYNCAPI
    return {name: _closed(schema) if name != "Problem" else schema
            for name, schema in source["components"]["schemas"].items()}  # fmt: skip


def _closed(schema: Json) -> Json:
    """A schema that allows no field besides those that it names."""
    return {**schema, "unevaluatedProperties": False} if "properties" in schema else schema
