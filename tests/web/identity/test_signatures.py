"""Webhook signatures: only the holder of a secret gets in, and no header can make the check itself fail."""

import base64
import hashlib
import hmac
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from festival_push.domain.values import Instant
from festival_push.web.identity.signatures import TOLERANCE_S, BadSignature, verify_bearer, verify_signed

NOW_S: Final = 1_800_000_000
NOW: Final = Instant(NOW_S * 1000)
KEY: Final = bytes(range(32))
SECRET: Final = "whsec_" + base64.b64encode(KEY).decode()
BODY: Final = b'{"id":"p1","amount":"12.50"}'


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """What a provider would send: written from the standard, apart from our own code."""
    digest = hmac.new(key, message_id.encode() + b"." + timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signed(message_id: str = "msg_1", timestamp: str = str(NOW_S), body: bytes = BODY, key: bytes = KEY) -> Headers:
    return headers(message_id, timestamp, signature(key, message_id, timestamp, body))


def headers(message_id: str, timestamp: str, signatures: str) -> Headers:
    return Headers({"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signatures})


def test_the_example_of_the_standard_is_accepted() -> None:
    """Published with Standard Webhooks' reference libraries."""
    given_headers = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    body = b'{"test": 2432232314}'
    verify_signed(given_headers, body, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], Instant(1614265330_000))


def test_a_signed_body_is_accepted_with_any_active_secret() -> None:
    verify_signed(signed(), BODY, [SECRET], NOW)
    verify_signed(signed(), BODY, ["whsec_b3RoZXI=", SECRET], NOW)
    verify_signed(signed(key=b"a plain text secret"), BODY, ["a plain text secret"], NOW)


def test_one_of_several_signatures_suffices() -> None:
    good = signature(KEY, "m", str(NOW_S), BODY)
    verify_signed(headers("m", str(NOW_S), f"v1a,eA== v1,bm8= {good}"), BODY, [SECRET], NOW)


@pytest.mark.parametrize("seconds", [-TOLERANCE_S, 0, TOLERANCE_S])
def test_a_clock_may_differ_by_the_tolerance(seconds: int) -> None:
    verify_signed(signed(timestamp=str(NOW_S + seconds)), BODY, [SECRET], NOW)


@pytest.mark.parametrize("seconds", [-TOLERANCE_S - 1, TOLERANCE_S + 1])
def test_an_older_or_later_message_is_refused(seconds: int) -> None:
    with pytest.raises(BadSignature):
        verify_signed(signed(timestamp=str(NOW_S + seconds)), BODY, [SECRET], NOW)


def test_without_a_secret_nothing_is_accepted() -> None:
    with pytest.raises(BadSignature):
        verify_signed(signed(key=b""), BODY, [], NOW)
    with pytest.raises(BadSignature):
        verify_bearer(Headers({"authorization": "Bearer "}), [])


@given(index=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
def test_a_body_with_any_byte_changed_is_refused(index: int, flip: int) -> None:
    changed = bytearray(BODY)
    changed[index] ^= flip
    with pytest.raises(BadSignature):
        verify_signed(signed(), bytes(changed), [SECRET], NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_or_doubled_header_is_refused(name: str) -> None:
    raw = signed().raw
    for wrong in ([pair for pair in raw if pair[0] != name.encode()], [*raw, *raw]):
        with pytest.raises(BadSignature):
            verify_signed(Headers(raw=wrong), BODY, [SECRET], NOW)


@pytest.mark.parametrize(
    "signatures",
    ["", "v1", "v1,", ",", "v1,,", "v1,not base64!", "v1,\xff", "v2," + "A" * 44, "v1," + "A" * 43, " " * 9999, "v1a,"],
)
def test_a_malformed_signature_is_refused_not_a_fault(signatures: str) -> None:
    with pytest.raises(BadSignature):
        verify_signed(headers("m", str(NOW_S), signatures), BODY, [SECRET], NOW)


@pytest.mark.parametrize(
    "timestamp", ["", "now", "-1", "1e9", "\u0661\u0668", " 1800000000", "9" * 5000, "1800000000.0"]
)
def test_a_malformed_timestamp_is_refused(timestamp: str) -> None:
    raw = {"webhook-id": "m", "webhook-timestamp": timestamp.encode("utf-8").decode("latin-1")}
    with pytest.raises(BadSignature):
        verify_signed(Headers({**raw, "webhook-signature": "v1,AAAA"}), BODY, [SECRET], NOW)


def test_a_flood_of_signatures_is_cut() -> None:
    good = signature(KEY, "m", str(NOW_S), BODY)
    with pytest.raises(BadSignature):
        verify_signed(headers("m", str(NOW_S), "v1,bm8= " * 1000 + good), BODY, [SECRET], NOW)


@given(
    raw=st.lists(
        st.tuples(
            st.sampled_from([b"webhook-id", b"webhook-timestamp", b"webhook-signature", b"authorization"]),
            st.binary(max_size=80),
        )
    ),
    body=st.binary(max_size=40),
)
def test_no_header_makes_the_check_fail_otherwise(raw: list[tuple[bytes, bytes]], body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify_signed(Headers(raw=raw), body, [SECRET], NOW)
    with pytest.raises(BadSignature):
        verify_bearer(Headers(raw=raw), [SECRET])


def test_a_bearer_is_accepted_with_any_active_secret() -> None:
    verify_bearer(Headers({"authorization": "Bearer second-secret"}), ["first-secret", "second-secret"])
    verify_bearer(Headers({"authorization": "bearer second-secret"}), ["second-secret"])


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer x", "Basic first-secret", "first-secret", "Bearer first-secre"]
)
def test_another_bearer_is_refused(value: str) -> None:
    with pytest.raises(BadSignature):
        verify_bearer(Headers({"authorization": value}), ["first-secret"])
