"""The streams as an AsyncAPI 3 document, made from the closed set of events."""

import json
from typing import Any, Final

from festival_push.domain.event import Event
from festival_push.domain.events import LOGGED
from festival_push.push.hub.unlogged import Connected, SessionExpiring, Stale, StreamError
from festival_push.web.api.orders.board_views import BoardSnapshot
from festival_push.web.api.snapshot import SnapshotView
from festival_push.web.contract.common import TICKET, WAYS_IN, info
from festival_push.web.contract.schemas import Schema, Schemas, describe, without_null
from festival_push.web.routing.event_source import StreamQuery

TOLD: Final[tuple[type[Event], ...]] = tuple(kind for kind in LOGGED if kind.TO != ("system",))
"""The events of the log that reach clients."""
Kind = type[Event] | type[SessionExpiring] | type[Stale] | type[StreamError]
_ASIDE: Final[tuple[Kind, ...]] = (SessionExpiring, Stale, StreamError)
_BOARD: Final = "board"  # how the topics of one board and of all boards begin; the name of their channel
_ABOUT: Final = (
    "Server-Sent Events. The `event:` field names the message, `data:` is its payload, on several lines if it is "
    "long. `id:` is `<epoch>.<position>`; sent back as `Last-Event-ID` or `?after=` it resumes the stream: each event "
    "once, in order. The first message is always a `connected`; the last before an end that is no accident is an "
    "`error`. Ignore what you don't know."
)
_CHANNELS: Final = {
    "person": (
        "/v1/stream",
        "What concerns the person who is signed in, and the rooms that they have joined.",
        SnapshotView,
    ),
    _BOARD: (
        "/v1/boards/{vendorId}/stream",
        "The pickup board of one stall, and announcements for everybody.",
        BoardSnapshot,
    ),
}
_HOST: Final[Schema] = {"description": "Where the festival's server is.", "default": "localhost:8000"}
_SERVERS: Final[dict[str, Schema]] = {
    name: {"host": "{host}", "protocol": protocol, "description": about, "variables": {"host": _HOST}}
    for name, protocol, about in (
        ("production", "https", "A festival's server, behind its proxy."),
        ("development", "http", "A server on one's own machine."),
    )
}
_WAYS_IN: Final[dict[str, Schema]] = {
    name: {**way, "type": "httpApiKey"} if way["type"] == "apiKey" else way
    for name, way in WAYS_IN.items()
    if name in ("bearer", "cookie", TICKET)
}
_BINDING_VERSION: Final = "0.3.0"


def asyncapi_document() -> Schema:
    """Make the AsyncAPI document of both streams."""
    schemas = Schemas([StreamQuery, *TOLD, *_ASIDE, Connected, *(snapshot for *_, snapshot in _CHANNELS.values())])
    kinds: tuple[Kind, ...] = (*TOLD, *_ASIDE)
    messages = {kind.TYPE: _message(kind, schemas) for kind in kinds}
    channels, operations = {}, {}
    for name, (address, about, snapshot) in _CHANNELS.items():
        first = f"{name}-connected"
        messages[first] = _connected(schemas, snapshot)
        told = [kind.TYPE for kind in TOLD if any(to.startswith(_BOARD) == (name == _BOARD) for to in kind.TO)]
        named = {Connected.TYPE: first, **{each: each for each in (*told, *(aside.TYPE for aside in _ASIDE))}}
        channels[name] = _channel(address, about, named)
        operations[f"follow-{name}"] = {
            "action": "send",  # as the server sees it
            "summary": f"Follow {address}",
            "description": about,
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [{"$ref": f"#/channels/{name}/messages/{each}"} for each in named],
            "security": [{"$ref": f"#/components/securitySchemes/{way}"} for way in _WAYS_IN],
            "bindings": {"http": _binding(schemas)},
        }
    inner = (Connected.__name__, StreamQuery.__name__)  # they are written out where they are used
    components = {name: schema for name, schema in schemas.components.items() if name not in inner}
    return {
        "asyncapi": "3.0.0",
        "info": {
            **info(_ABOUT),
            "tags": [{"name": name, "description": about} for name, (_, about, _) in _CHANNELS.items()],
        },
        "defaultContentType": "application/json",
        "servers": _SERVERS,
        "channels": channels,
        "operations": operations,
        "components": {"schemas": components, "messages": messages, "securitySchemes": _WAYS_IN},
    }


def _binding(schemas: Schemas) -> dict[str, Any]:
    """Return how a stream is asked for: the method, and the fields of the query but for the one that lets in."""
    fields = schemas.resolved(StreamQuery)["properties"].items()
    query = {name: without_null(field) for name, field in fields if name != TICKET}
    return {"method": "GET", "query": {"type": "object", "properties": query}, "bindingVersion": _BINDING_VERSION}


def _channel(address: str, about: str, messages: dict[str, str]) -> Schema:
    channel: Schema = {
        "address": address,
        "description": about,
        "messages": {event: {"$ref": f"#/components/messages/{name}"} for event, name in messages.items()},
    }
    if "{vendorId}" in address:
        channel["parameters"] = {"vendorId": {"description": "The stall."}}
    return channel


def _message(kind: Kind, schemas: Schemas) -> Schema:
    to = kind.TO if issubclass(kind, Event) else ()
    told = "To " + ", ".join(f"`{topic}`" for topic in to) + "." if to else "To one stream; not in the log."
    return {"name": kind.TYPE, "summary": describe(kind), "description": told, "payload": schemas.of(kind)}


def _connected(schemas: Schemas, snapshot: type) -> Schema:
    schema: Schema = json.loads(json.dumps(schemas.resolved(Connected)))
    schema["properties"]["snapshot"] = schemas.of(snapshot)
    return {
        "name": Connected.TYPE,
        "summary": describe(Connected),
        "description": "To one stream; not in the log.",
        "payload": schema,
    }
