"""Our keys sign and verify as PyJWT does, and nothing but they signs."""

import base64
import hmac
import json
from string import ascii_letters, digits

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.web.identity.keys.own import OwnKeys

OURS, OTHER = b"o" * 32, b"x" * 32
KEYS = OwnKeys({"new": OURS, "old": OTHER})
SIGNS = ascii_letters + digits + "-_."


def with_head(head: dict[str, object], key: bytes, payload: str = "e30") -> str:
    """Return a token with any head, signed by HS256 whatever the head says."""
    text = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
    mac = hmac.digest(key, f"{text}.{payload}".encode(), "sha256")
    return f"{text}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@given(st.binary(max_size=200))
def test_what_they_sign_is_what_pyjwt_signs(payload: bytes) -> None:
    token = KEYS.sign(payload)
    assert token == jwt.api_jws.encode(payload, OURS, algorithm="HS256", headers={"kid": "new"})
    assert KEYS.verify(token) == jwt.api_jws.decode(token, OURS, algorithms=["HS256"]) == payload


@given(st.binary(max_size=60), st.data())
def test_no_other_spelling_of_a_token_is_valid(payload: bytes, data: st.DataObject) -> None:
    right = KEYS.sign(payload)
    at = data.draw(st.integers(0, len(right) - 1))
    wrong = right[:at] + data.draw(st.sampled_from(["", *SIGNS])) + right[at + 1 :]
    if wrong != right:
        with pytest.raises(jwt.PyJWTError):
            KEYS.verify(wrong)


@pytest.mark.parametrize(("name", "key"), [("new", OURS), ("old", OTHER), (None, OURS), (None, OTHER)])
def test_a_token_is_good_by_the_key_that_it_names_and_by_any_if_it_names_none(name: str | None, key: bytes) -> None:
    headers = {} if name is None else {"kid": name}
    assert KEYS.verify(jwt.encode({"sub": "anna"}, key, headers=headers)) == b'{"sub":"anna"}'


@pytest.mark.parametrize(
    ("head", "key"),
    [
        ({"alg": "HS256", "kid": "new"}, OTHER),
        ({"alg": "HS256", "kid": "old"}, OURS),
        ({"alg": "HS256", "kid": "third"}, OURS),
        ({"alg": "HS256", "kid": 7}, OURS),
        ({"alg": "HS256"}, b"y" * 32),
        ({"alg": "HS512", "kid": "new"}, OURS),
        ({"alg": "none"}, OURS),
        ({"alg": None}, OURS),
        ({"alg": ["HS256"]}, OURS),
        ({}, OURS),
        ({"alg": "HS256", "crit": ["exp"], "exp": 1}, OURS),
        ({"alg": "HS256", "crit": ["b64"], "b64": False}, OURS),
    ],
    ids=str,
)
def test_a_head_that_asks_for_something_else_is_refused(head: dict[str, object], key: bytes) -> None:
    with pytest.raises(jwt.PyJWTError):
        KEYS.verify(with_head(head, key))


def test_a_signed_payload_that_is_not_base64url_is_refused() -> None:
    with pytest.raises(jwt.DecodeError):
        KEYS.verify(with_head({"alg": "HS256"}, OURS, payload="e30ab"))


@pytest.mark.parametrize(
    "key",
    [
        b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
        b'{"kty":"oct","k":"b29vb29vb29vb29vb29vb29vb29vb29vb29v"}',
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    ],
)
def test_what_is_a_key_of_another_kind_is_refused(key: bytes) -> None:
    with pytest.raises(jwt.InvalidKeyError):
        OwnKeys({"new": OURS, "old": key})
