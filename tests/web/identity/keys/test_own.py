"""Our keys sign as PyJWT does, and nothing but they signs."""

import jwt
import pytest
from jwt.utils import base64url_encode

from festival_push.web.identity.keys.own import CheckedKeys

OURS, OTHER = b"o" * 32, b"x" * 32
PAYLOAD = {"sub": "anna"}


def test_what_they_sign_is_what_pyjwt_signs() -> None:
    jws = jwt.PyJWS()
    jws.unregister_algorithm("HS256")
    jws.register_algorithm("HS256", CheckedKeys([OURS, OTHER]))
    for key in (OURS, OTHER):
        assert jws.encode(b'{"sub":"anna"}', key, algorithm="HS256") == jwt.encode(PAYLOAD, key, algorithm="HS256")


def test_no_other_key_is_used() -> None:
    checked = CheckedKeys([OURS])
    assert checked.prepare_key(OURS.decode()) == OURS
    with pytest.raises(jwt.InvalidKeyError):
        checked.prepare_key(OTHER)


def test_a_token_by_another_key_is_not_valid() -> None:
    key = jwt.PyJWK({"kty": "oct", "alg": "HS256", "k": base64url_encode(OURS).decode()})
    key.Algorithm = CheckedKeys([OURS])
    assert jwt.decode(jwt.encode(PAYLOAD, OURS), key, algorithms=["HS256"]) == PAYLOAD
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(jwt.encode(PAYLOAD, OTHER), key, algorithms=["HS256"])


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
        CheckedKeys([key])
