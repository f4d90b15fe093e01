"""The published documents: valid, complete, and about nothing that does not exist."""

import json
import re
from typing import Any, Final

import msgspec
import pytest
from jsonschema_rs import ValidationError, meta
from openapi_spec_validator import OpenAPIV31SpecValidator

from festival_push.domain.events import LOGGED
from festival_push.push.hub.unlogged import Connected, SessionExpiring, Stale, StreamError
from festival_push.web.api import pages
from festival_push.web.api.orders.order_views import OrderView
from festival_push.web.contract.schemas import Schemas
from festival_push.web.routes import ENDPOINTS
from tests.support.contract import ASYNCAPI, OPENAPI, event_findings, findings, references, resolved

OPERATIONS: Final = {
    (method.upper(), path): operation
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
}
_DRAFT_7: Final = {"$schema": "http://json-schema.org/draft-07/schema#"}
"""The language of AsyncAPI's schemas."""
DOCUMENTS: Final = {"openapi": OPENAPI, "asyncapi": ASYNCAPI}


def test_openapi_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(OPENAPI).iter_errors()] == []


def test_every_route_but_the_pages_is_in_openapi() -> None:
    routes = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS if endpoint not in pages.ENDPOINTS}
    assert set(OPERATIONS) == routes


def test_every_event_that_reaches_clients_is_in_asyncapi_and_no_other() -> None:
    told = {kind.TYPE for kind in LOGGED if not kind.TYPE.startswith("system-")}
    aside = {kind.TYPE for kind in (Connected, SessionExpiring, Stale, StreamError)}
    channels = ASYNCAPI["channels"]
    assert {event for channel in channels.values() for event in channel["messages"]} == told | aside
    announced = {"new-notification", "announcement-changed", "announcement-withdrawn"}
    assert set(channels["board"]["messages"]) == {"board-updated"} | announced | aside
    assert set(channels["person"]["messages"]) == (told - {"board-updated"}) | aside


def test_only_events_of_the_system_are_told_to_the_system() -> None:
    for kind in LOGGED:
        assert (kind.TO == ("system",)) == kind.TYPE.startswith("system-"), kind
        assert all(
            re.fullmatch(r"all|boards|system|role:\w+|(user|stall|role|order|board):<\w+>", to) for to in kind.TO
        ), kind


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    document = DOCUMENTS[name]
    found = set(references(document))
    assert len(found) > 20
    for ref in found:
        assert resolved(document, {"$ref": ref})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_used(name: str) -> None:
    used = set(references(DOCUMENTS[name]))
    components = DOCUMENTS[name]["components"]
    parts = [
        (part, each) for part in ("schemas", "responses", "headers", "messages") for each in components.get(part, ())
    ]
    assert [f"#/components/{part}/{each}" for part, each in parts if f"#/components/{part}/{each}" not in used] == []


def test_every_operation_of_asyncapi_sends_all_of_its_channel() -> None:
    for operation in ASYNCAPI["operations"].values():
        assert operation["action"] == "send"
        channel = resolved(ASYNCAPI, operation["channel"])
        sent = [resolved(ASYNCAPI, message) for message in operation["messages"]]
        assert sent == [resolved(ASYNCAPI, message) for message in channel["messages"].values()]
        assert [message["name"] for message in sent] == list(channel["messages"])


def test_every_payload_is_a_schema() -> None:
    for message in ASYNCAPI["components"]["messages"].values():
        meta.validate({**_DRAFT_7, **message["payload"]})
        assert message["summary"]
    for schema in ASYNCAPI["components"]["schemas"].values():
        meta.validate({**_DRAFT_7, **schema})
    with pytest.raises(ValidationError):
        meta.validate({**_DRAFT_7, "type": "amount"})


def test_every_operation_says_who_may_call_it_and_what_it_is_for() -> None:
    for (method, path), operation in OPERATIONS.items():
        assert re.search(r"For: [a-z, -]+\.$", operation["description"]), (method, path)
        assert operation["tags"][0] in {tag["name"] for tag in OPENAPI["tags"]}
        for parameter in re.findall(r"{(\w+)}", path):
            assert parameter in {each["name"] for each in operation["parameters"]}


def test_a_route_that_answers_in_two_ways_says_both() -> None:
    content = OPERATIONS["GET", "/v1/boards/{vendorId}"]["responses"]["200"]["content"]
    assert list(content) == ["application/json", "text/plain"]
    assert content["text/plain"]["schema"] == {"type": "string"}


def test_what_only_a_secret_opens_says_so() -> None:
    secret = [path for (_, path), operation in OPERATIONS.items() if operation["security"] == [{"secret": []}]]
    assert secret == ["/v1/displays/pairings/{pairingId}"]
    assert OPENAPI["components"]["securitySchemes"]["secret"]["scheme"] == "bearer"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schemas_have_plain_names(name: str) -> None:
    """Generators name classes by the names, or by the titles, and files by either; some disks know no case."""
    schemas = DOCUMENTS[name]["components"]["schemas"]
    for named, schema in schemas.items():
        assert re.fullmatch(r"[A-Z][A-Za-z]+", named)
        assert schema.get("title", named) == named
    assert len({named.lower() for named in schemas}) == len(schemas)


def test_types_of_one_name_are_told_to_whoever_adds_the_second() -> None:
    again = msgspec.defstruct("OrderView", [("order_id", str)], module="elsewhere")
    with pytest.raises(AssertionError, match=r"OrderView: another type is named like it"):
        Schemas([OrderView, again])


def test_what_a_request_may_leave_out_has_no_default_that_generators_would_ask_for() -> None:
    for name in ("PlaceOrderBody", "WantedLineBody", "AddItemBody"):
        schema = OPENAPI["components"]["schemas"][name]
        assert [field for field, about in schema["properties"].items() if "default" in about] == [], name
    assert OPENAPI["components"]["schemas"]["AddItemBody"]["properties"]["available"]["description"] == (
        "`true` if it is left out."
    )


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_commands_that_need_a_key_say_so() -> None:
    needs = {
        path: next(
            (each["required"] for each in operation.get("parameters", ()) if each["name"] == "Idempotency-Key"), None
        )
        for (method, path), operation in OPERATIONS.items()
        if method == "POST"
    }
    assert needs["/v1/orders"] is True
    assert needs["/v1/orders/{orderId}/status"] is False
    assert needs["/v1/rooms/join"] is None


def test_a_change_of_nothing_and_a_null_are_no_requests() -> None:
    menu = {"$ref": "#/components/schemas/ChangeItemBody"}
    assert findings(OPENAPI, menu, {"price": 100}) == []
    assert findings(OPENAPI, menu, {})
    assert findings(OPENAPI, menu, {"price": None})
    assert findings(OPENAPI, menu, {"price": 100, "colour": "red"})


def test_an_event_with_a_null_or_a_field_too_many_is_found() -> None:
    event: dict[str, Any] = {
        "timestamp": "2026-07-04T10:00:00.000Z", "account": "wallet", "userId": "anna", "newBalance": 1,
        "oldBalance": 0, "amount": 1, "reason": "top-up",
    }  # fmt: skip
    for changed, wrong in (({}, False), ({"orderId": "o1"}, False), ({"orderId": None}, True), ({"x": 1}, True)):
        assert bool(event_findings("/v1/stream", "balance-updated", json.dumps(event | changed))) == wrong, changed
    assert event_findings("/v1/boards/{vendorId}/stream", "balance-updated", json.dumps(event))
