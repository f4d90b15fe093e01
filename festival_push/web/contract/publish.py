"""The contract, published: what the server takes and answers, and what its streams tell."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from threading import Lock

import msgspec
from starlette.responses import Response

from festival_push.web.contract.asyncapi import asyncapi_document
from festival_push.web.contract.openapi import openapi_document
from festival_push.web.contract.schemas import Schema
from festival_push.web.parsing.problems import JSON_TYPE
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoint


def publish(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Return the endpoints that publish the contract of these endpoints, and of themselves."""

    async def show_openapi(call: Call) -> Response:
        """GET /v1/openapi.json: this document."""
        return _sent(call, *await asyncio.to_thread(openapi))

    async def show_asyncapi(call: Call) -> Response:
        """GET /v1/asyncapi.json: what the streams tell, as AsyncAPI 3."""
        return _sent(call, *await asyncio.to_thread(asyncapi))

    own = (
        Endpoint("GET", "/v1/openapi.json", show_openapi, ANYONE, answers={200: dict, 304: None}),
        Endpoint("GET", "/v1/asyncapi.json", show_asyncapi, ANYONE, answers={200: dict, 304: None}),
    )
    openapi = _once(lambda: openapi_document((*endpoints, *own)))
    asyncapi = _once(asyncapi_document)
    return own


def _once(make: Callable[[], Schema]) -> Callable[[], tuple[bytes, str]]:
    """Return a function that makes a document's bytes and ETag at its first call: on a thread, for it takes a while."""
    lock = Lock()  # else each of many first requests at once would make it

    @cache
    def made() -> tuple[bytes, str]:
        text = msgspec.json.encode(make())
        return text, f'"{blake2b(text, digest_size=12).hexdigest()}"'

    def made_once() -> tuple[bytes, str]:
        with lock:
            return made()

    return made_once


def _sent(call: Call, text: bytes, etag: str) -> Response:
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if etag in call.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type=JSON_TYPE)
