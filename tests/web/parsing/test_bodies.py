"""Bodies: whatever is wrong with them is a 400 that names the field."""

import json
import tracemalloc
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from festival_push.web.parsing import bodies
from festival_push.web.parsing.bodies import declares_body, decode_body, read_body
from festival_push.web.parsing.problems import BadRequest, FieldError, ProblemError


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    item_id: str
    quantity: Annotated[int, Meta(ge=1, le=99)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    items: list[Line]
    amount: Annotated[int, Meta(ge=1, le=10**12)] = 1
    note: str = ""
    extra: dict[str, int] = {}


class Secret(msgspec.Struct, frozen=True):
    pin: Annotated[str, Meta(pattern="^[0-9]{4}")]


def wrong_fields(body: bytes) -> list[str]:
    with pytest.raises(BadRequest) as caught:
        decode_body(body, Body)
    errors = caught.value.extra.get("errors", [])
    assert isinstance(errors, list)
    assert caught.value.detail
    return [error.field for error in errors if isinstance(error, FieldError) and error.message]


@pytest.mark.parametrize(
    "amount",
    ["0", "-1", "1.5", "5.0", "1e2", "true", '"5.00"', "null", "9223372036854775808", "1" + "0" * 40, "NaN", "Infinity",
     "-Infinity", "[]", "{}"],
)  # fmt: skip
def test_an_amount_that_is_none_names_its_field(amount: str) -> None:
    assert wrong_fields(b'{"items":[],"amount":%s}' % amount.encode()) == ["amount"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"itemId":"a","quantity":"x"}', "items[1].quantity"),
        ('{"itemId":"a","quantity":0}', "items[1].quantity"),
        ('{"itemId":"a","quantity":NaN}', "items[1].quantity"),
        ('{"itemId":"a"}', "items[1].quantity"),
        ('{"itemId":7,"quantity":1}', "items[1].itemId"),
        ('{"itemId":"a","quantity":1,"price":1}', "items[1].price"),
        ("7", "items[1]"),
    ],
)
def test_a_field_inside_is_named_with_its_way(line: str, field: str) -> None:
    assert wrong_fields(b'{"items":[{"itemId":"a","quantity":1},%s]}' % line.encode()) == [field]


@pytest.mark.parametrize("body", [b'{"role":"admin","items":[]}', b'{"items":[],"role":1}'])
def test_an_unknown_field_is_named(body: bytes) -> None:
    assert wrong_fields(body) == ["role"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"items":[],"items":[]}', "items"),
        (b'{"items":[{"itemId":"a","quantity":1,"quantity":2}]}', "quantity"),
        (b'{"items":[{"itemId":"a","quantity":1,"quantity":1}]}', "quantity"),
        (b'{"items":[{"itemId":"a","item\\u0049d":"b","quantity":1}]}', "itemId"),
    ],
)
def test_a_field_that_stands_twice_is_named(body: bytes, field: str) -> None:
    assert wrong_fields(body) == [field]


def test_a_missing_field_is_named() -> None:
    assert wrong_fields(b"{}") == ["items"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{} {}",
        b'{"items":[],"note":"\\ud800"}',
        b'{"items":[],"note":"\xff"}',
        b"\xff",
        b"\xef\xbb\xbf",
        b'{"items":' + b"[" * 60_000,
        b"[" * 60_000 + b"]" * 60_000,
        b'{"a":' * 10_000 + b"NaN",
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    wrong_fields(body)


def test_deep_nesting_in_a_field_of_any_shape_is_refused() -> None:
    class Loose(msgspec.Struct):
        anything: object

    with pytest.raises(BadRequest):
        decode_body(b'{"anything":' + b"[" * 60_000 + b"]" * 60_000 + b"}", Loose)


def test_a_long_field_name_is_not_echoed_in_full() -> None:
    assert [len(field) for field in wrong_fields(b'{"items":[],"%s":1}' % (b"x" * 10_000))] == [100]


def test_a_long_value_is_not_echoed_in_full() -> None:
    with pytest.raises(BadRequest) as caught:
        decode_body(b'"' + b"x" * 5_000 + b'"', Literal["pending", "ready"])  # type: ignore[arg-type]  # msgspec takes it
    assert len(caught.value.detail or "") < 200


def test_of_many_wrong_places_ten_are_named() -> None:
    assert wrong_fields(b'{"items":[' + b"NaN," * 8_500 + b"1]}") == [f"items[{index}]" for index in range(10)]


def test_long_names_on_the_way_are_cut_while_the_path_is_built() -> None:
    name = "\U0001f600" + "a" * 8_000  # four bytes a letter, in Python
    body = f'{{"amount":NaN,"{name}":{{"{name}":[{",".join(["NaN"] * 8_500)}]}}}}'.encode()
    tracemalloc.start()
    try:
        fields = wrong_fields(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fields == ["amount"] + [name[:100]] * 9
    assert peak < 20 * len(body)


@pytest.mark.parametrize(("open_it", "close_it"), [("[", "]"), ('{"a":', "}")])
def test_how_deep_it_is_nested_breaks_nothing(open_it: str, close_it: str) -> None:
    """Newer Pythons read deeper than they call: the tree must not be walked by calls."""
    for deep in (10, 100, 900, 5_000):
        body = f'{{"amount":NaN,"x":{open_it * deep}NaN{close_it * deep}}}'
        assert wrong_fields(body.encode())[:1] in (["amount"], [])


def test_a_tree_that_is_deeper_than_calls_may_be_is_walked() -> None:
    tree: object = bodies._NOT_FINITE
    for _ in range(100_000):
        tree = [tree]
    places = bodies._places({"amount": bodies._NOT_FINITE, "x": tree})
    assert places == ["amount"]


def test_not_every_value_of_a_large_body_is_looked_at() -> None:
    body = b'{"items":[{"itemId":NaN},' + b"1," * 20_000 + b"NaN]}"
    assert wrong_fields(body) == ["items[0].itemId"]


@pytest.mark.parametrize(
    "name",
    ["x - at `$.items", " - at `key` in `$.a\n", " - at `$" * 20, "`", "``" * 60, "a" * 99, "a" * 100, "a" * 101],
)
def test_a_name_that_looks_like_a_place_is_still_a_name(name: str) -> None:
    assert wrong_fields(json.dumps({"items": [], name: 1}).encode()) == [name[:100]]


def test_the_key_of_a_map_is_named_by_its_map() -> None:
    assert wrong_fields(b'{"items":[],"extra":{"a":"b"}}') == ["extra[...]"]


def test_of_many_names_that_stand_twice_the_first_is_named() -> None:
    names = [f'"n{number}":1' for number in range(5_000)]
    body = f'{{"items":[],"extra":{{{",".join([*names, *reversed(names)])}}}}}'
    assert wrong_fields(body.encode()) == ["n4999"]


def test_a_pattern_is_not_shown_to_people() -> None:
    with pytest.raises(BadRequest) as caught:
        decode_body(b'{"pin":"12"}', Secret)
    assert caught.value.extra["errors"] == [FieldError("pin", "is malformed")]


def test_a_right_body_is_read() -> None:
    body = decode_body(b'{"items":[{"itemId":"a","quantity":2}],"amount":450}', Body)
    assert body == Body(items=[Line("a", 2)], amount=450)


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["items", "amount", "note", "extra", "x"]), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_are_a_body_or_a_400(body: bytes) -> None:
    try:
        decode_body(body, Body)
    except BadRequest as refused:
        json.loads(msgspec.json.encode(refused.extra))


def request_of(*chunks: bytes, length: str | None = None) -> Request:
    messages: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return messages.pop(0)

    headers = [] if length is None else [(b"content-length", length.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def test_a_body_of_exactly_the_bound_is_read_and_one_byte_more_is_not() -> None:
    assert await read_body(request_of(b"a" * 600, b"b" * 424, length="1024"), 1024) == b"a" * 600 + b"b" * 424
    with pytest.raises(ProblemError) as caught:
        await read_body(request_of(b"a" * 600, b"b" * 425), 1024)
    assert caught.value.status == 413


@pytest.mark.parametrize(("length", "status"), [("1025", 413), ("9" * 30, 413), ("-1", 400), ("x", 400), ("²", 400)])
async def test_a_declared_length_that_is_wrong_is_refused_unread(length: str, status: int) -> None:
    request = request_of(length=length if length.isascii() else "\xb2".encode("latin-1").decode("latin-1"))
    with pytest.raises(ProblemError) as caught:
        await read_body(request, 1024)
    assert caught.value.status == status


@pytest.mark.parametrize("chunks", [(), (b"",), (b"{}",), (b'{"amount"', b":5}x")])
async def test_a_body_that_is_not_as_long_as_declared_is_refused(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(BadRequest) as caught:
        await read_body(request_of(*chunks, length="12"), 1024)
    assert caught.value.detail == "The body is not as long as Content-Length says."


async def test_a_body_that_breaks_off_is_none() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"a', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)
    with pytest.raises(ClientDisconnect):
        await read_body(request, 1024)


@pytest.mark.parametrize(
    ("headers", "is_declared"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "1"}, True),
        ({"transfer-encoding": "x"}, True),
    ],
)
def test_a_declared_body_is_one_of_some_length_or_in_chunks(headers: dict[str, str], *, is_declared: bool) -> None:
    assert declares_body(Headers(headers)) is is_declared
