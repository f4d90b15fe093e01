"""Requests that are made to cost the server much more than their sender: to be refused, at the price of a request.

Each is as large as the server lets it be. Whoever finds another way to make a refusal dear adds it here.
"""

import base64
from collections.abc import Iterator
from typing import Final

from tests.fuzz.raw_request import RawRequest

BODY_BYTES: Final = 64_000  # `limits.body_bytes_max` is 65,536
HEAD_BYTES: Final = 14_000  # a head may have 16,384; the rest of it is a token

_EMOJI: Final = "\U0001f600"
_MARKS: Final = "\u0315\u0300"  # in the order that composing turns round
_JOINER: Final = "\u200d"
_LOGIN: Final = "/v1/auth/login"
_ORDERS: Final = "/v1/orders"
_ZEFFY: Final = "/v1/webhooks/funds/zeffy"
_JSON: Final = ("Content-Type", "application/json")


def hostile_requests(stall: str) -> list[RawRequest]:
    """All of them; some are orders at this stall."""
    bodies = (*_numbers(), *_nested(), *_names(), *_texts(), *_bytes(), *_orders(stall))
    return [*bodies, *_queries(), *_paths(), *_headers()]


def _filled(piece: str, size: int = BODY_BYTES) -> str:
    """The piece, again and again, in this many bytes at most."""
    return piece * (size // len(piece.encode()))


def _post(name: str, body: str | bytes, target: str = _LOGIN, who: str = "") -> RawRequest:
    body = body if isinstance(body, bytes) else body.encode()
    return RawRequest(name=name, target=target, headers=(_JSON,), body=body, who=who)


def good_order(stall: str, item: str, *, key: str) -> RawRequest:
    """What a guest sends who is hungry: the measure of all others."""
    body = f'{{"vendorId":"{stall}","items":[{{"itemId":"{item}","quantity":1,"notes":"no onions"}}]}}'.encode()
    headers = (_JSON, ("Idempotency-Key", key))
    return RawRequest(name="an order", target=_ORDERS, headers=headers, body=body, who="customer", is_refused=False)


def _numbers() -> Iterator[RawRequest]:
    half = BODY_BYTES // 2
    yield _post("NaN under a long name", f'{{"userId":NaN,"{_EMOJI}{"a" * half}":[{_filled("NaN,", half - 50)}1]}}')
    yield _post("NaN under many long names", f'{{"userId":NaN,{_under(8_000, 7, "NaN")}}}')
    yield _post("NaN behind all else", f'{{"userId":[{_filled("[],", BODY_BYTES - 50)}NaN]}}')
    yield _post("NaN deep down", f'{{"userId":{"[" * 900}NaN{"]" * 900},"pin":Infinity}}')
    yield _post("NaN deeper down", f'{{"userId":NaN,"a":{"[" * 8_000}NaN{"]" * 8_000}}}')
    yield _post("a number of 64 KB", f'{{"userId":"anna","pin":{"9" * BODY_BYTES}}}')
    yield _post("a fraction of 64 KB", f'{{"userId":"anna","pin":0.{"0" * BODY_BYTES}1}}')
    yield _post("an exponent of 64 KB", f'{{"userId":"anna","pin":1e{"9" * BODY_BYTES}}}')


def _under(chars: int, deep: int, leaf: str) -> str:
    name = "n" * chars
    return f'"{name}":{{' * deep + f'"{name}":{leaf}' + "}" * deep


def _nested() -> Iterator[RawRequest]:
    yield _post("lists without an end", "[" * BODY_BYTES)
    yield _post("lists in lists", "[" * (BODY_BYTES // 2) + "]" * (BODY_BYTES // 2))
    yield _post("objects in objects", _filled('{"a":'))
    yield _post("lists in a field", f'{{"userId":{"[" * (BODY_BYTES // 2 - 20)}{"]" * (BODY_BYTES // 2 - 20)}}}')
    yield _post("lists in an unknown field", f'{{"x":{"[" * (BODY_BYTES // 2 - 20)}{"]" * (BODY_BYTES // 2 - 20)}}}')


def _names() -> Iterator[RawRequest]:
    for what, piece in (
        ("letters", "x"), ("emoji", _EMOJI), ("escapes", r"\u0001"), ("quotes", "`"), ("places", " - at `$"),
        ("places of keys", " - at `key` in `$.a"), ("paths", ".a[0]"),
    ):  # fmt: skip
        yield _post(f"a name of {what}", f'{{"{_filled(piece)}":1}}')
        yield _post(f"a name of {what} and a line end", f'{{"{_filled(piece)}\\n":1}}')
    many = ",".join(f'"n{number}":1' for number in range(5_000))
    yield _post("unknown names", f"{{{many}}}")
    yield _post("known names, then unknown ones", f'{{"userId":"anna","pin":"73914682",{many}}}')
    again = _filled('"userId":"anna",')
    yield _post("one name again and again", f'{{"pin":"73914682",{again}"userId":"anna"}}')


def _texts() -> Iterator[RawRequest]:
    yield _post("a PIN of 64 KB", f'{{"userId":"anna","pin":"{"1" * BODY_BYTES}"}}')
    yield _post("an id of 64 KB", f'{{"userId":"{"!" * BODY_BYTES}é","pin":"73914682"}}')
    for name, text in (
        ("marks", f"e{_filled(_MARKS)}"), ("fewer marks", "e" + _MARKS * 199), ("joiners", _JOINER * 80),
        ("a family without an end", ("\U0001f469" + _JOINER) * 60),
    ):  # fmt: skip
        yield _post(f"a name of {name}", f'{{"pin":"73914682","name":"{text}"}}', "/v1/auth/register")
    yield _post("a room of 64 KB", f'{{"room":"user-{"x" * BODY_BYTES}"}}', "/v1/rooms/join", "customer")
    top_up = f'{{"userId":"anna","amount":1,"method":"{"a" * BODY_BYTES}A"}}'
    yield _post("a word of 64 KB", top_up, "/v1/admin/top-ups", "admin")
    yield _post(
        "a choice of 64 KB", f'{{"role":"{_EMOJI * (BODY_BYTES // 4)}","name":"x"}}', "/v1/admin/users", "admin"
    )


def _bytes() -> Iterator[RawRequest]:
    yield _post("not UTF-8", b'{"userId":"' + b"\xff" * BODY_BYTES + b'"}')
    yield _post("not UTF-8 at the end", b'{"x":"' + b"a" * BODY_BYTES + b'\xff"}')
    yield _post("UTF-16", ('{"userId":NaN,"x":"' + "a" * (BODY_BYTES // 2 - 50) + '"}').encode("utf-16"))
    yield _post("spaces", " " * BODY_BYTES)
    yield _post("half a body", '{"userId":"' + "a" * BODY_BYTES)
    yield _post("above the limit", '{"userId":"' + "a" * 70_000)
    yield RawRequest(
        name="a byte at a time", target=_LOGIN, headers=(_JSON,), body=b'{"userId":' + b" " * BODY_BYTES, in_bytes=True
    )
    yield _post("an unsigned report", "[" * BODY_BYTES, _ZEFFY)
    signatures = ("webhook-signature", _filled("v1,AAAA ", HEAD_BYTES))
    signed = (_JSON, ("webhook-id", "x"), ("webhook-timestamp", "1800000000"), signatures)
    yield RawRequest(name="signatures", target=_ZEFFY, headers=signed, body=b"{}")


def _orders(stall: str) -> Iterator[RawRequest]:
    line, no_number = '{"itemId":"x","quantity":1},', '{"itemId":"x","quantity":NaN},'
    quotes = '\\\\\\"' * 62
    strange = ",".join(f'{{"itemId":"{number:03}{quotes}","quantity":1}}' for number in range(50))
    for name, lines in (
        ("lines", _filled(line, BODY_BYTES - 200) + line[:-1]),
        ("lines that are numbers", _filled("1,", BODY_BYTES - 200) + "1"),
        ("NaN in each line", _filled(no_number, BODY_BYTES - 200) + no_number[:-1]),
        ("things that are not on the menu", strange),
    ):
        body = f'{{"vendorId":"{stall}","items":[{lines}]}}'.encode()
        headers = (_JSON, ("Idempotency-Key", "k" * 200))
        yield RawRequest(name=name, target=_ORDERS, headers=headers, body=body, who="customer")
    status = f'{{"status":"{"x" * BODY_BYTES}"}}'
    yield _post("a status of 64 KB", status, "/v1/orders/x/status", "vendor")


def _queries() -> Iterator[RawRequest]:
    for name, query in (
        ("parameters", "&".join(f"x{number}=1" for number in range(1_700))),
        ("one parameter again and again", _filled("limit=1&", HEAD_BYTES)),
        ("a long parameter", _filled("%01", HEAD_BYTES)),
        ("two long parameters", f"{_filled('%01', HEAD_BYTES // 2)}&{_filled('%01', HEAD_BYTES // 2)}"),
        ("a parameter of places", _filled("%20-%20at%20%60$", HEAD_BYTES) + "%0A=1"),
        ("a long null", f"{_filled('%f0%9f%98%80', HEAD_BYTES)}=null"),
        ("a long number", f"limit={'9' * HEAD_BYTES}"),
        ("a long position", f"before=-{'0' * HEAD_BYTES}1"),
        ("a long choice", f"status={'x' * HEAD_BYTES}"),
    ):
        yield _get(name, f"{_ORDERS}?{query}", who="customer")

    yield _get("nothing but signs", f"{_ORDERS}?{'&' * HEAD_BYTES}", who="customer", is_refused=False)


def _get(name: str, target: str, *headers: tuple[str, str], who: str = "", is_refused: bool = True) -> RawRequest:
    return RawRequest(name=name, method="GET", target=target, headers=headers, who=who, is_refused=is_refused)


def _paths() -> Iterator[RawRequest]:
    yield _get("a long id", f"/v1/orders/{'x' * HEAD_BYTES}", who="customer")
    yield _get("an id of nothing", f"/v1/orders/{_filled('%00', HEAD_BYTES)}", who="customer")
    yield _get("slashes", "/" * HEAD_BYTES)
    yield _get("folders", f"/v1/{_filled('a/', HEAD_BYTES)}")
    yield _get("the way up", f"/static/{_filled('../', HEAD_BYTES)}")
    yield _get("a long file", f"/static/{'x' * HEAD_BYTES}")
    yield RawRequest(name="a long provider", target=f"/v1/webhooks/funds/{'x' * HEAD_BYTES}", body=b"{}")


def _headers() -> Iterator[RawRequest]:
    me = "/v1/me"
    deep = base64.urlsafe_b64encode(b"[" * 2_900).decode().rstrip("=")
    for name, token in (
        ("long", "x" * HEAD_BYTES), ("of dots", "." * 4_000), ("of lists", f"{deep}.e30.x"), ("blank", " " * HEAD_BYTES)
    ):  # fmt: skip
        yield _get(f"a token {name}", me, ("Authorization", f"Bearer {token}"))
    backslashes = _filled("\\\\", HEAD_BYTES)
    yield _get("a cookie of backslashes", me, ("Cookie", f'fp_session="{backslashes}"'))
    yield _get("a foreign cookie of backslashes", me, ("Cookie", f'a="{backslashes}"'))
    yield _get("cookies", me, ("Cookie", _filled("a=b;", HEAD_BYTES)))
    yield _get("empty cookies", me, ("Cookie", ";" * HEAD_BYTES))
    streams = ";".join(f"fp_stream_{number:08x}=" for number in range(600))
    yield RawRequest(name="streams to drop", target="/v1/auth/logout", headers=(("Cookie", streams),), is_refused=False)
    fields = tuple((f"x-{number}", "y" * 100) for number in range(90))
    yield _get("fields", me, *fields)
    yield _get("a long request id", me, ("X-Request-Id", "x" * HEAD_BYTES))
    yield _get("a long host", me, ("Host", "x" * HEAD_BYTES))
    yield _get("a long cursor", f"/v1/events?after={'x' * HEAD_BYTES}", who="customer")
    origin, kind = ("Origin", f"https://{'x' * HEAD_BYTES}"), ("Content-Type", f"application/json{';' * HEAD_BYTES}")
    key = (_JSON, ("Idempotency-Key", "k" * HEAD_BYTES))
    for name, field in (("origin", origin), ("media type", kind)):
        yield RawRequest(name=f"a long {name}", target=_LOGIN, headers=(field,), body=b"{}")
    yield RawRequest(name="a long key", target=_ORDERS, headers=key, body=b'{"vendorId":"sun"}', who="customer")
    page = "/customer/"
    yield _get("tags", page, ("If-None-Match", _filled('"x",', HEAD_BYTES)), is_refused=False)
    yield _get("a long date", page, ("If-Modified-Since", f"Mon, 1 Jan {'9' * HEAD_BYTES}"), is_refused=False)
    hundred = ",".join(f"{number}-{number}" for number in range(0, 200, 2))
    yield _get("a hundred ranges", page, ("Range", f"bytes={hundred}"), is_refused=False)
    yield _get("too many ranges", page, ("Range", f"bytes={_filled('0-0,', HEAD_BYTES)}"), is_refused=False)
